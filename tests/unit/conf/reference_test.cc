// conf/reference.toml is what the rows say, loads, and holds every option.
#include <gtest/gtest.h>

#include "conf/options.h"
#include "support.h"

namespace spillway {
namespace {

TEST(Reference, file_in_the_repository_is_what_the_rows_say) {
  EXPECT_EQ(text_of(std::string(SPW_SOURCE_DIR) + "/conf/reference.toml"), config_reference())
      << "run: spillway reference > conf/reference.toml";
}

TEST(Reference, loads_as_it_is_and_says_the_defaults) {
  const Loaded loaded = load_config_text(config_reference(), "reference.toml");
  EXPECT_EQ(lines_of(loaded),
            std::vector<std::string>{"0:0 warning: there is no [[route]]: every request will be answered with 404"});
  Limits defaults, read = loaded.config.limits;
  const Options expected = options_of(defaults), found = options_of(read);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(*std::get<std::int64_t*>(expected[i].slot), *std::get<std::int64_t*>(found[i].slot)) << expected[i].name;
  }
}

TEST(Reference, examples_in_it_load_once_uncommented) {
  const Variable alice("ALICE_KEY", "sk-alice-123"), openrouter("OPENROUTER_API_KEY", "sk-or-123");
  const Folder folder;
  folder.write("my_policy.so", "");
  std::string text = "\n" + config_reference();
  for (std::size_t at = 0; (at = text.find("\n#", at)) != std::string::npos; ++at) {
    if (text[at + 2] != ' ') text.erase(at + 1, 1);
  }
  const Loaded loaded = load_config_text(text, folder.path + "reference.toml");
  EXPECT_EQ(lines_of(loaded), std::vector<std::string>());
  EXPECT_EQ(loaded.config.routes.size(), 1u);
  EXPECT_EQ(loaded.config.keys.size(), 1u);
  EXPECT_EQ(loaded.config.plugins.size(), 1u);
  EXPECT_EQ(loaded.config.policies.size(), 1u);
}

}  // namespace
}  // namespace spillway
