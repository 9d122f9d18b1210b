// Several files that make one config.
#include "conf/include.h"

#include <gtest/gtest.h>

#include "support.h"

namespace spillway {
namespace {

TEST(Include, tables_merge_and_arrays_append) {
  const Folder folder;
  folder.write("more/b.toml", "[limits]\nattempts = 2\n[[provider]]\nname = 'b'\nbase_url = 'http://b'\n");
  folder.write("c.toml", "[[route]]\nmodel = 'x'\ntargets = [{ provider = 'b' }]\n");
  const Loaded loaded = load_config(folder.write("a.toml",
                                                 "include = ['more/b.toml', 'c.toml']\n[limits]\nidle_ms = "
                                                 "500\n[[provider]]\nname = 'a'\nbase_url = 'http://a'\n"));
  EXPECT_EQ(lines_of(loaded), std::vector<std::string>());
  EXPECT_EQ(loaded.config.limits.attempts, 2);
  EXPECT_EQ(loaded.config.limits.idle_ms, 500);
  ASSERT_EQ(loaded.config.providers.size(), 2u);
  EXPECT_EQ(loaded.config.providers[1].name, "b");
  EXPECT_EQ(loaded.config.sources.size(), 3u);
}

TEST(Include, messages_name_the_right_file) {
  const Folder folder;
  const std::string inner = folder.write("b.toml", "\n[limits]\nidel_ms = 5\n");
  const Loaded loaded = load_config(folder.write("a.toml", "include = \"b.toml\"\nroute = []\n"));
  ASSERT_EQ(loaded.problems.size(), 2u);
  EXPECT_EQ(to_text(loaded.problems[1], false),
            inner +
                ":3:1: error: [limits] idel_ms: unknown option (did you mean idle_ms?)\n"
                "    3 | idel_ms = 5\n      | ^~~~~~~\n");
}

TEST(Include, paths_start_at_the_file_they_are_written_in) {
  const Folder folder;
  folder.write("sub/key", "sk-from-file\n");
  folder.write("sub/b.toml", "[[key]]\nname = 'a'\nsecret = 'file:key'\n");
  const Loaded loaded = load_config(folder.write("a.toml", "include = ['sub/b.toml']\n"));
  EXPECT_TRUE(loaded.ok());
  ASSERT_EQ(loaded.config.keys.size(), 1u);
  EXPECT_EQ(loaded.config.keys[0].secret, "sk-from-file");
}

TEST(Include, setting_a_value_twice_is_a_mistake) {
  const Folder folder;
  folder.write("b.toml", "[limits]\nattempts = 2\n");
  const std::string outer = folder.write("a.toml", "include = ['b.toml']\n[limits]\nattempts = 3\n");
  const Loaded loaded = load_config(outer);
  ASSERT_EQ(loaded.problems.size(), 2u);
  EXPECT_EQ(loaded.problems[1].file, folder.path + "b.toml");
  EXPECT_EQ(loaded.problems[1].message, "limits.attempts: is set already, see " + outer + " line 3");
}

TEST(Include, cycles_are_refused) {
  const Folder folder;
  folder.write("b.toml", "include = ['./a.toml']\n");
  const Loaded loaded = load_config(folder.write("a.toml", "include = ['b.toml']\n"));
  EXPECT_FALSE(loaded.ok());
  EXPECT_NE(loaded.problems[0].message.find("would include itself"), std::string::npos);
  EXPECT_FALSE(load_config(folder.write("c.toml", "include = 'c.toml'\n")).ok());
}

TEST(Include, depth_is_bounded) {
  const Folder folder;
  for (int i = 0; i < 12; ++i) {
    folder.write("f" + std::to_string(i) + ".toml", "include = 'f" + std::to_string(i + 1) + ".toml'\n");
  }
  folder.write("f12.toml", "");
  const Loaded deep = load_config(folder.path + "f4.toml");
  EXPECT_FALSE(deep.ok());
  EXPECT_NE(deep.problems[0].message.find("more than 8 files deep"), std::string::npos);
  EXPECT_TRUE(load_config(folder.path + "f5.toml").ok());
}

TEST(Include, files_are_bounded_in_number) {
  const Folder folder;
  folder.write("b.toml", "");
  std::string list;
  for (int i = 0; i < 300; ++i) list += "'b.toml',";
  EXPECT_FALSE(load_config(folder.write("a.toml", "include = [" + list + "]\n")).ok());
}

TEST(Include, missing_files_and_wrong_types_are_told) {
  const Folder folder;
  const Loaded loaded = load_config(folder.write("a.toml", "include = ['none.toml', 5, '']\n"));
  ASSERT_EQ(loaded.problems.size(), 3u);
  EXPECT_NE(loaded.problems[0].message.find("No such file"), std::string::npos);
  EXPECT_EQ(loaded.problems[0].place.column, 12);
  EXPECT_EQ(loaded.problems[1].message, "include: expected file names, got an integer");
  EXPECT_FALSE(load_config_text("include = 5\n", "t.toml").ok());
}

TEST(Include, syntax_error_in_an_included_file_hides_no_other_mistake) {
  const Folder folder;
  folder.write("b.toml", "[limits\n");
  const Loaded loaded = load_config(folder.write("a.toml", "include = 'b.toml'\n[log]\nlevel = 5\n"));
  ASSERT_EQ(loaded.problems.size(), 2u);
  EXPECT_EQ(loaded.problems[0].message, "[log] level: expected a string, got an integer");
  EXPECT_EQ(loaded.problems[1].file, folder.path + "b.toml");
}

}  // namespace
}  // namespace spillway
