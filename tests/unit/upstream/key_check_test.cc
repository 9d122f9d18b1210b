// What a key is asked with, and what the answers mean.
#include "upstream/key_check.h"

#include <gtest/gtest.h>

#include "conf/presets.h"

namespace spillway {
namespace {

ProviderConfig provider(const std::string& preset, std::string base_url = {}) {
  ProviderConfig config;
  if (const Preset* row = find_preset(preset)) fill_in(config, *row);
  config.name = "up";
  config.api_key = "sk-test-0123456789";
  if (!base_url.empty()) config.base_url = std::move(base_url);
  return config;
}

std::string url(const ProviderConfig& config) {
  const Result<Endpoint> endpoint = make_endpoint(config);
  return endpoint ? key_check_url(config, *endpoint) : "no endpoint: " + endpoint.error().detail;
}

TEST(KeyCheck, section_10_each_preset_has_its_question_or_none) {
  EXPECT_EQ(url(provider("openrouter")), "https://openrouter.ai/api/v1/key");
  EXPECT_EQ(url(provider("deepseek")), "https://api.deepseek.com/user/balance");
  EXPECT_EQ(url(provider("xai")), "https://api.x.ai/v1/api-key");
  EXPECT_EQ(url(provider("cohere")), "https://api.cohere.ai/v1/models");
  EXPECT_EQ(url(provider("huggingface")), "https://huggingface.co/api/whoami-v2");
  EXPECT_EQ(url(provider("azure-openai", "https://me.openai.azure.com/openai/v1/")),
            "https://me.openai.azure.com/openai/v1/models");
  for (const char* list : {"openai", "anthropic", "gemini", "groq", "mistral", "together", "fireworks", "cerebras"}) {
    EXPECT_EQ(url(provider(list)), std::string(find_preset(list)->base_url) + "/models") << list;
  }
  for (const char* none : {"perplexity", "nvidia-nim", "ollama"}) EXPECT_EQ(url(provider(none)), "") << none;
}

TEST(KeyCheck, without_a_preset_the_host_tells_else_the_dialect_else_it_is_openais_way) {
  EXPECT_EQ(url(provider("", "https://openrouter.ai/api/v1")), "https://openrouter.ai/api/v1/key");
  EXPECT_EQ(url(provider("", "http://127.0.0.1:9/v1")), "http://127.0.0.1:9/v1/models");
  ProviderConfig cohere = provider("", "http://127.0.0.1:9/v2");
  cohere.dialect = "cohere";
  EXPECT_EQ(url(cohere), "http://127.0.0.1:9/v1/models");
}

TEST(KeyCheck, a_key_goes_to_another_host_only_from_where_the_preset_says) {
  EXPECT_EQ(url(provider("huggingface", "http://127.0.0.1:9/v1")), "");
  EXPECT_EQ(url(provider("", "https://router.huggingface.co/v1")), "https://huggingface.co/api/whoami-v2");
}

TEST(KeyCheck, a_field_of_its_own_may_carry_the_key) {
  ProviderConfig config = provider("", "http://127.0.0.1:9/v1");
  EXPECT_TRUE(has_key(*make_endpoint(config)));
  config.api_key.clear();
  EXPECT_FALSE(has_key(*make_endpoint(config)));
  config.headers["X-Title"] = "t";
  EXPECT_FALSE(has_key(*make_endpoint(config)));
  config.headers["X-Api-Key"] = "k";
  EXPECT_TRUE(has_key(*make_endpoint(config)));
}

using Is = KeyWord::Is;

TEST(KeyCheck, a_status_decides) {
  EXPECT_EQ(key_word(200, "{}").is, Is::accepted);
  EXPECT_EQ(key_word(402, "").is, Is::accepted);
  EXPECT_EQ(key_word(402, "").left, "no credit");
  EXPECT_EQ(key_word(401, "x").why, "401");
  EXPECT_EQ(key_word(403, "x").is, Is::refused);
  EXPECT_EQ(key_word(404, "").why, "HTTP 404");
  for (const int status : {301, 404, 429, 500}) EXPECT_EQ(key_word(status, "{}").is, Is::unclear) << status;
  EXPECT_EQ(key_word(0, "no answer in 10000 ms").why, "no answer in 10000 ms");
  EXPECT_EQ(key_word(200, "<html>log in</html>").is, Is::unclear) << "somebody else answered";
}

TEST(KeyCheck, section_10_a_400_is_about_the_key_when_it_says_so) {
  EXPECT_EQ(key_word(400, R"([{"error":{"code":400,"message":"API key not valid. Please pass a valid API key."}}])").is,
            Is::refused);
  EXPECT_EQ(
      key_word(400, R"({"code":"Client specified an invalid argument","error":"Incorrect API key provided: x"})").is,
      Is::refused);
  EXPECT_EQ(key_word(400, R"({"error":"unknown path"})").is, Is::unclear);
}

TEST(KeyCheck, O4_openrouter_tells_what_is_left) {
  EXPECT_EQ(key_word(200, R"({"data":{"label":"x","limit":10,"limit_remaining":3.756,"usage":6.244}})").left,
            "3.76 of 10.00 USD");
  EXPECT_EQ(key_word(200, R"({"data":{"limit":null,"limit_remaining":null,
                              "free_model_daily_requests":{"used":10,"limit":50,"remaining":40}}})")
                .left,
            "40 of 50 free requests today");
  EXPECT_EQ(key_word(200, R"({"data":{"limit_remaining":1,"free_model_daily_requests":{"remaining":7}}})").left,
            "1.00 USD, 7 free requests today");
}

TEST(KeyCheck, deepseek_tells_its_balance_and_nothing_else_of_its_text_is_shown) {
  EXPECT_EQ(
      key_word(200, R"({"is_available":true,"balance_infos":[{"currency":"CNY","total_balance":"110.00"}]})").left,
      "110.00 CNY");
  EXPECT_EQ(key_word(200, R"({"is_available":false,"balance_infos":[{"currency":"USD","total_balance":"0.00"}]})").left,
            "0.00 USD, too little to be answered");
  EXPECT_EQ(key_word(200, R"({"balance_infos":[{"currency":"\u001b[31mUSD","total_balance":"sk-test-\n1"}]})")
                .left.find_first_of("\x1b\nsk"),
            std::string::npos);
}

TEST(KeyCheck, xai_tells_of_blocked_keys_in_a_good_answer) {
  EXPECT_EQ(key_word(200, R"({"team_blocked":false,"api_key_blocked":false,"api_key_disabled":false})").is,
            Is::accepted);
  const KeyWord blocked = key_word(200, R"({"team_blocked":false,"api_key_blocked":true,"api_key_disabled":false})");
  EXPECT_EQ(blocked.is, Is::refused);
  EXPECT_EQ(blocked.why, "api_key_blocked");
}

}  // namespace
}  // namespace spillway
