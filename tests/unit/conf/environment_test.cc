// What the environment alone makes of a config.
#include "conf/environment.h"

#include <gtest/gtest.h>

#include "conf/presets.h"
#include "support.h"

namespace spillway {
namespace {

using Names = std::vector<std::string>;

class Environment : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const Preset& preset : presets()) {
      for (const std::string_view name : {preset.key_env, preset.url_env}) {
        if (!name.empty()) ::unsetenv(std::string(name).c_str());
      }
    }
  }
  static Config load(const FoundConfig& found) {
    Loaded loaded = load_config_text(found.toml, "the environment");
    for (const Problem& problem : loaded.problems) ADD_FAILURE() << to_text(problem, false) << found.toml;
    return std::move(loaded.config);
  }
};

TEST_F(Environment, nothing_set_is_nothing_found) {
  EXPECT_EQ(config_of_environment({}, {}).providers, Names{});
  const std::string names = environment_names();
  EXPECT_NE(names.find("OPENROUTER_API_KEY, OPENAI_API_KEY"), std::string::npos) << names;
  EXPECT_NE(names.find("OLLAMA_HOST"), std::string::npos) << names;
}

TEST_F(Environment, a_key_alone_serves_every_name) {
  const Variable key("GROQ_API_KEY", "gsk-aaaaaaaa");
  const FoundConfig found = config_of_environment("127.0.0.1:8080", "127.0.0.1:8081");
  EXPECT_EQ(found.providers, Names{"groq"});
  EXPECT_EQ(found.toml.find("gsk-"), std::string::npos) << "keys are not written anywhere";
  const Config config = load(found);
  EXPECT_EQ(config.server.listen, Names{"127.0.0.1:8080"});
  EXPECT_EQ(config.admin.listen, Names{"127.0.0.1:8081"});
  EXPECT_EQ(config.providers[0].api_key, "gsk-aaaaaaaa");
  EXPECT_EQ(config.routes[0].model, (Names{"groq/*", "*"}));
  EXPECT_EQ(config.routes[0].tiers[0].targets[0].model, "*");
}

TEST_F(Environment, several_are_told_apart_by_their_names_and_openrouter_has_its_free_pool) {
  const Variable one("GROQ_API_KEY", "gsk-aaaaaaaa"), two("OPENROUTER_API_KEY", "sk-or-aaaaaaaa");
  const FoundConfig found = config_of_environment({}, {});
  EXPECT_EQ(found.providers, (Names{"openrouter", "groq"}));
  const Config config = load(found);
  ASSERT_EQ(config.routes.size(), 3u);
  EXPECT_EQ(config.routes[0].model, Names{"openrouter/*"});
  EXPECT_EQ(config.routes[1].model, Names{"free"});
  EXPECT_EQ(config.routes[1].tiers[0].pool, "free");
  EXPECT_EQ(config.routes[1].spill, "never");
  EXPECT_EQ(config.routes[2].model, Names{"groq/*"});
}

TEST_F(Environment, addresses_may_be_short) {
  const auto base_url = [](const char* host) {
    const Variable ollama("OLLAMA_HOST", host);
    return load(config_of_environment({}, {})).providers[0].base_url;
  };
  for (const char* host :
       {"127.0.0.1", "127.0.0.1:11434", "0.0.0.0", "http://127.0.0.1:11434/", "http://127.0.0.1/v1"}) {
    EXPECT_EQ(base_url(host), std::string(host) == "http://127.0.0.1/v1" ? host : "http://127.0.0.1:11434/v1") << host;
  }
  const Variable key("AZURE_OPENAI_API_KEY", "az-aaaaaaaa");
  EXPECT_EQ(config_of_environment({}, {}).providers, Names{}) << "its address is nobody's to guess";
  const Variable azure("AZURE_OPENAI_ENDPOINT", "https://mine.openai.azure.com/");
  EXPECT_EQ(load(config_of_environment({}, {})).providers[0].base_url, "https://mine.openai.azure.com/openai/v1");
}

}  // namespace
}  // namespace spillway
