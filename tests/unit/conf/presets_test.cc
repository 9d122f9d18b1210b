// What `preset = "groq"` stands for.
#include "conf/presets.h"

#include <gtest/gtest.h>

#include "support.h"

namespace spillway {
namespace {

using Lines = std::vector<std::string>;
const std::string kRoute = "[[route]]\nmodel = '*'\ntargets = [{ provider = 'groq' }]\n";

TEST(Presets, a_preset_says_all_but_what_is_said) {
  const Variable key("GROQ_API_KEY", "gsk-aaaaaaaa");
  const Loaded plain = load_config_text("[[provider]]\npreset = 'groq'\n" + kRoute, "x.toml");
  ASSERT_TRUE(plain.ok());
  EXPECT_EQ(plain.config.providers[0].name, "groq");
  EXPECT_EQ(plain.config.providers[0].base_url, "https://api.groq.com/openai/v1");
  EXPECT_EQ(plain.config.providers[0].api_key, "gsk-aaaaaaaa");
  const Variable mine("SPW_TEST_A", "sk-mine-aaaa");
  const Loaded changed = load_config_text(
      "[[provider]]\nname = 'groq'\nbase_url = 'http://127.0.0.1:9/v1'\napi_key = 'env:SPW_TEST_A'\npreset = 'groq'\n" +
          kRoute,
      "x.toml");
  ASSERT_TRUE(changed.ok()) << "whatever the order";
  EXPECT_EQ(changed.config.providers[0].base_url, "http://127.0.0.1:9/v1");
  EXPECT_EQ(changed.config.providers[0].api_key, "sk-mine-aaaa");
}

TEST(Presets, a_key_that_is_not_set_is_named) {
  ::unsetenv("GROQ_API_KEY");
  EXPECT_EQ(mistakes_in("[[provider]]\npreset = 'groq'\n" + kRoute),
            Lines{"2:10 [[provider]] preset: environment variable GROQ_API_KEY is not set; set it with: export "
                  "GROQ_API_KEY=..., or say where the `api_key` is"});
}

TEST(Presets, what_nobody_can_know_must_be_said) {
  const Variable key("AZURE_OPENAI_API_KEY", "az-aaaaaaaa");
  const std::string route = "[[route]]\nmodel = '*'\ntargets = [{ provider = 'azure-openai' }]\n";
  EXPECT_EQ(mistakes_in("[[provider]]\npreset = 'azure-openai'\n" + route),
            Lines{"1:1 [[provider]]: `base_url` is missing"});
  const Loaded loaded = load_config_text(
      "[[provider]]\npreset = 'azure-openai'\nbase_url = 'https://me.openai.azure.com/openai/v1'\n" + route, "x");
  ASSERT_TRUE(loaded.ok());
  EXPECT_EQ(loaded.config.providers[0].auth, "api-key");
}

TEST(Presets, who_needs_no_key_has_none) {
  EXPECT_TRUE(
      mistakes_in("[[provider]]\npreset = 'ollama'\n[[route]]\nmodel = '*'\ntargets = [{ provider = 'ollama' }]\n")
          .empty());
}

TEST(Presets, in_its_own_dialect_it_has_another_address) {
  const Variable key("COHERE_API_KEY", "co-aaaaaaaa");
  const std::string route = "[[route]]\nmodel = '*'\ntargets = [{ provider = 'cohere' }]\n";
  const auto url = [&](const std::string& more) {
    const Loaded loaded = load_config_text("[[provider]]\npreset = 'cohere'\n" + more + route, "x");
    return loaded.ok() ? loaded.config.providers[0].base_url : "a mistake";
  };
  EXPECT_EQ(url(""), "https://api.cohere.ai/compatibility/v1");
  EXPECT_EQ(url("dialect = 'cohere'\n"), "https://api.cohere.com/v2");
  EXPECT_EQ(url("dialect = 'cohere'\nbase_url = 'http://127.0.0.1:9/v2'\n"), "http://127.0.0.1:9/v2");
  EXPECT_EQ(preset_of_host("api.cohere.com")->name, "cohere");
}

TEST(Presets, an_unknown_one_is_a_mistake_with_a_guess) {
  const Lines found =
      mistakes_in("[[provider]]\nname = 'groq'\nbase_url = 'http://127.0.0.1:9'\npreset = 'grok'\n" + kRoute);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_NE(found[0].find("did you mean groq?"), std::string::npos) << found[0];
}

TEST(Presets, two_of_one_preset_need_names) {
  EXPECT_EQ(mistakes_in("[[provider]]\npreset = 'vllm'\n[[provider]]\npreset = 'vllm'\n[[route]]\nmodel = '*'\n"
                        "targets = [{ provider = 'vllm' }]\n"),
            Lines{"3:1 [[provider]] name: \"vllm\" is taken, see line 1"});
}

TEST(Presets, names_and_rows_are_one_list) {
  ASSERT_EQ(presets().size(), preset_names().size());
  for (const Preset& preset : presets()) {
    EXPECT_EQ(find_preset(preset.name), &preset);
    EXPECT_TRUE(preset.base_url.empty() || preset.base_url.starts_with("http")) << preset.name;
    EXPECT_FALSE(preset.base_url.ends_with("/")) << preset.name;
    EXPECT_TRUE(preset.key_check.empty() || !preset.models.empty())
        << preset.name << " is asked where it lists nothing";
  }
  EXPECT_EQ(find_preset("x"), nullptr);
}

TEST(Presets, a_host_tells_unless_it_is_anybodys) {
  ASSERT_NE(preset_of_host("api.groq.com"), nullptr);
  EXPECT_EQ(preset_of_host("api.groq.com")->name, "groq");
  EXPECT_EQ(preset_host(*find_preset("gemini")), "generativelanguage.googleapis.com");
  EXPECT_EQ(preset_host(*find_preset("vllm")), "127.0.0.1");
  for (const char* host : {"127.0.0.1", "", "groq.com"}) EXPECT_EQ(preset_of_host(host), nullptr) << host;
}

TEST(Presets, what_the_config_says_counts_more_than_its_host_and_that_more_than_its_dialect) {
  ProviderConfig provider;
  EXPECT_EQ(preset_of(provider, "127.0.0.1").name, "openai") << "whose dialect it is by default";
  EXPECT_EQ(preset_of(provider, "api.groq.com").name, "groq");
  provider.dialect = "ollama";
  EXPECT_EQ(preset_of(provider, "127.0.0.1").name, "ollama");
  EXPECT_EQ(preset_of(provider, "api.groq.com").name, "groq");
  provider.preset = "mistral";
  EXPECT_EQ(preset_of(provider, "api.groq.com").name, "mistral");
  provider.preset = "custom";
  provider.dialect = "openai-responses";
  EXPECT_EQ(preset_of(provider, "127.0.0.1").name, "custom");
}

}  // namespace
}  // namespace spillway
