// Where secrets come from, and what is said when they are not there.
#include "conf/secrets.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/log.h"
#include "support.h"

namespace spillway {
namespace {

std::string fault(const std::string& written, const std::string& folder = "") {
  const Result<std::string> found = find_secret(written, folder);
  return found ? "found " + *found : found.error().detail;
}

TEST(Secrets, environment_variable_is_read_and_a_missing_one_named) {
  const Variable set("SPW_TEST_SECRET", "sk-1");
  const Variable empty("SPW_TEST_EMPTY", "");
  EXPECT_EQ(fault("env:SPW_TEST_SECRET"), "found sk-1");
  EXPECT_EQ(fault("env:SPW_TEST_UNSET"),
            "environment variable SPW_TEST_UNSET is not set; set it with: export SPW_TEST_UNSET=...");
  EXPECT_NE(fault("env:SPW_TEST_EMPTY").find("is empty"), std::string::npos);
  EXPECT_NE(fault("env:").find("must be followed by the name"), std::string::npos);
  EXPECT_NE(fault("env:A B").find("must be followed by the name"), std::string::npos);
}

TEST(Secrets, file_loses_one_line_break_and_starts_at_the_folder) {
  const Folder folder;
  folder.write("a", "sk-a\n");
  folder.write("b", "sk-b\r\n");
  folder.write("c", "sk-c\n\n");
  folder.write("d", "");
  folder.write("big", std::string(9000, 'x'));
  EXPECT_EQ(fault("file:a", folder.path), "found sk-a");
  EXPECT_EQ(fault("file:" + folder.path + "b"), "found sk-b");
  EXPECT_EQ(fault("file:c", folder.path), "file c contains a line break or another control character");
  EXPECT_NE(fault("file:d", folder.path).find("is empty"), std::string::npos);
  EXPECT_NE(fault("file:none", folder.path).find("No such file"), std::string::npos);
  EXPECT_NE(fault("file:big", folder.path).find("larger than 8192 bytes"), std::string::npos);
}

TEST(Secrets, secret_that_would_split_a_header_is_refused_and_not_shown) {
  const Variable split("SPW_TEST_SPLIT", "sk-1\r\nx-evil: 1");
  EXPECT_EQ(fault("env:SPW_TEST_SPLIT"),
            "environment variable SPW_TEST_SPLIT contains a line break or another control character");
}

TEST(Secrets, vault_is_refused_until_it_exists) {
  EXPECT_EQ(fault("vault:x"), "vault: is not supported yet; use env:NAME or file:PATH");
}

TEST(Secrets, loaded_secrets_are_hidden_from_the_log) {
  const Variable set("SPW_TEST_SECRET", "sk-a-long-secret-1234567890");
  ASSERT_TRUE(load_config_text("[[key]]\nname='a'\nsecret='env:SPW_TEST_SECRET'\n", "t.toml").ok());
  EXPECT_EQ(redact("it was sk-a-long-secret-1234567890!").find("a-long-secret"), std::string::npos);
}

TEST(Secrets, relative_paths_start_at_the_folder) {
  EXPECT_EQ(resolve_path("x", "/etc/spillway/"), "/etc/spillway/x");
  EXPECT_EQ(resolve_path("/x", "/etc/spillway/"), "/x");
  EXPECT_EQ(resolve_path("x.so", ""), "./x.so");
  EXPECT_EQ(resolve_path("", "/etc/"), "");
}

TEST(Secrets, a_mode_is_told_only_when_others_may_use_the_file) {
  const Folder folder;
  const std::string path = folder.write("secret", "x");
  const auto mode = [&](mode_t bits) { return ::chmod(path.c_str(), bits) == 0 ? open_mode(path) : "no chmod"; };
  for (const mode_t closed : {0600, 0400, 0711, 0}) EXPECT_EQ(mode(closed), "") << std::oct << closed;
  EXPECT_EQ(mode(0644), "0644");
  EXPECT_EQ(mode(0640), "0640");
  EXPECT_EQ(mode(0604), "0604");
  EXPECT_EQ(mode(0620), "0620");
  EXPECT_EQ(open_mode(folder.path + "nothing"), "");
}

TEST(Secrets, a_config_that_holds_one_and_is_open_to_others_is_warned_of_once) {
  const Folder folder;
  const Variable alice("ALICE_KEY", "sk-alice-0123456789");
  const std::string literal =
      "[[key]]\nname = \"a\"\nsecret = \"sk-a-0123456789\"\n[[key]]\nname = \"b\"\nsecret = \"sk-b-0123456789\"\n";
  const auto modes = [&](const std::string& path) {
    std::vector<std::string> found;
    for (const Problem& problem : load_config(path).problems) {
      EXPECT_TRUE(problem.warning) << problem.message;
      if (problem.message.find("(mode ") != std::string::npos) found.push_back(problem.file + " " + problem.message);
    }
    return found;
  };
  const std::string path = folder.write("keys.toml", kWhole + literal);
  ASSERT_EQ(::chmod(path.c_str(), 0640), 0);
  ASSERT_EQ(modes(path).size(), 1u);
  EXPECT_EQ(
      modes(path)[0],
      path + " there is a secret in it, and others than its owner may use the file (mode 0640); chmod 600 " + path);
  const std::string outer = folder.write("outer.toml", "include = \"keys.toml\"\n");
  ASSERT_EQ(::chmod(outer.c_str(), 0644), 0);
  ASSERT_EQ(modes(outer).size(), 1u) << "only the file it stands in";
  ASSERT_EQ(::chmod(path.c_str(), 0600), 0);
  EXPECT_TRUE(modes(path).empty());
  EXPECT_TRUE(modes(outer).empty());
  const std::string names = folder.write("names.toml", kWhole + "[[key]]\nname = \"a\"\nsecret = \"env:ALICE_KEY\"\n");
  ASSERT_EQ(::chmod(names.c_str(), 0644), 0);
  EXPECT_TRUE(modes(names).empty()) << "names of secrets are none";
}

}  // namespace
}  // namespace spillway
