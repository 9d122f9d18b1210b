#include "catalog/index.h"

#include "support/catalog_fixtures.h"

namespace spillway {
namespace {

Catalog catalog_of(const std::string& entries) {
  Result<Catalog> catalog = read_catalog("[" + entries + "]");
  EXPECT_TRUE(catalog);
  return catalog ? *catalog : Catalog();
}

// Three providers' lists as they are today in kind: OpenRouter with variants, the others with ids of their own.
std::map<std::string, Catalog> three() {
  return {
      {"groq", catalog_of(R"({"id":"openai/gpt-oss-120b"},{"id":"llama-3.3-70b-versatile"},{"id":"whisper"})")},
      {"nvidia_nim", catalog_of(R"({"id":"openai/gpt-oss-120b"},{"id":"meta/llama-3.3-70b-instruct"})")},
      {"openrouter", catalog_of(R"({"id":"openai/gpt-oss-120b","pricing":{"prompt":"0.1","completion":"0.1"}},)"
                                R"({"id":"openai/gpt-oss-120b:free"},{"id":"meta-llama/llama-3.3-70b-instruct:free"},)"
                                R"({"id":"openai/whisper","pricing":{"prompt":"1","completion":"1"}})")}};
}

IndexRules rules_of(std::vector<std::string> providers, bool all_required = true) {
  IndexRules rules;
  rules.providers = std::move(providers);
  rules.all_required = all_required;
  rules.free_only = {"openrouter"};
  return rules;
}

std::vector<std::string> names(const std::vector<IndexModel>& models) {
  std::vector<std::string> list;
  for (const IndexModel& model : models) list.push_back(model.canonical);
  return list;
}

TEST(Index, R11_a_model_that_every_provider_has_survives) {
  const auto models = build_index(three(), rules_of({"groq", "openrouter", "nvidia_nim"}), nullptr);
  ASSERT_EQ(names(models), std::vector<std::string>{"gpt-oss-120b"});
  EXPECT_EQ(models[0].aliases, (std::vector<std::string>{"gpt-oss-120b", "openai/gpt-oss-120b"}));
  EXPECT_EQ(models[0].providers.at("openrouter"), "openai/gpt-oss-120b:free") << "the id that costs nothing is sent";
}

TEST(Index, R11_seeds_say_what_differently_named_models_are_one) {
  const Result<IndexSeeds> seeds = read_index_seeds(
      R"({"llama-3.3-70b":{"groq":"llama-3.3-70b-versatile","nvidia_nim":"meta/llama-3.3-70b-instruct",)"
      R"("openrouter":"meta-llama/llama-3.3-70b-instruct"},)"
      R"("gone":{"groq":"gone","nvidia_nim":"gone","openrouter":"gone/gone"},)"
      R"("unmapped":{"groq":"openai/gpt-oss-120b"}})");
  ASSERT_TRUE(seeds);
  const auto models = build_index(three(), rules_of({"groq", "openrouter", "nvidia_nim"}), &*seeds);
  ASSERT_EQ(names(models), std::vector<std::string>{"llama-3.3-70b"});
  EXPECT_EQ(models[0].providers.at("groq"), "llama-3.3-70b-versatile");
  EXPECT_EQ(models[0].providers.at("openrouter"), "meta-llama/llama-3.3-70b-instruct:free");
}

TEST(Index, R11_paid_models_of_openrouter_do_not_count) {
  EXPECT_EQ(names(build_index(three(), rules_of({"groq", "openrouter"}), nullptr)),
            std::vector<std::string>{"gpt-oss-120b"});
  IndexRules rules = rules_of({"groq", "openrouter"});
  rules.free_only.clear();
  EXPECT_EQ(names(build_index(three(), rules, nullptr)), (std::vector<std::string>{"gpt-oss-120b", "whisper"}));
}

TEST(Index, C24_any_provider_is_enough_when_asked) {
  EXPECT_EQ(names(build_index(three(), rules_of({"groq", "nvidia_nim"}, false), nullptr)),
            (std::vector<std::string>{"gpt-oss-120b", "llama-3.3-70b-instruct", "llama-3.3-70b-versatile", "whisper"}));
}

TEST(Index, a_provider_without_a_catalogue_has_nothing) {
  EXPECT_TRUE(build_index(three(), rules_of({"groq", "nobody"}), nullptr).empty());
}

TEST(Index, R11_providers_are_trimmed_lowered_and_listed_once) {
  EXPECT_EQ(provider_list(" Groq,openrouter ,, nvidia_nim,GROQ"),
            (std::vector<std::string>{"groq", "openrouter", "nvidia_nim"}));
  EXPECT_TRUE(provider_list(" , ").empty());
}

TEST(Index, R11_the_file) {
  const std::map<std::string, Catalog> catalogs = three();
  const IndexRules rules = rules_of({"groq", "openrouter"});
  const std::string text = print_index(build_index(catalogs, rules, nullptr), catalogs, rules);
  EXPECT_EQ(text, R"({"providers":["groq","openrouter"],"models":[{"canonical":"gpt-oss-120b",)"
                  R"("aliases":["gpt-oss-120b","openai/gpt-oss-120b"],"providers":{)"
                  R"("groq":{"model":"openai/gpt-oss-120b","circuit_breaker":{"failure_threshold":3,)"
                  R"("recovery_time_seconds":15}},)"
                  R"("openrouter":{"model":"openai/gpt-oss-120b:free","circuit_breaker":{"failure_threshold":3,)"
                  R"("recovery_time_seconds":15}}}}],)"
                  R"("provider_catalogs":{"groq":["llama-3.3-70b-versatile","openai/gpt-oss-120b","whisper"],)"
                  R"("openrouter":["meta-llama/llama-3.3-70b-instruct:free","openai/gpt-oss-120b:free"]}})"
                  "\n");
  const Result<JsonValue> plain = parse_json(text), pretty = parse_json(pretty_json(text));
  ASSERT_TRUE(pretty);
  EXPECT_EQ(canonical_json(text, {}).value(), canonical_json(pretty_json(text), {}).value());
}

TEST(Index, pretty_json_leaves_strings_alone) {
  EXPECT_EQ(pretty_json(R"({"a":[1,{"b{,":"x\":,]"}],"c":{},"d":[]})"),
            "{\n  \"a\": [\n    1,\n    {\n      \"b{,\": \"x\\\":,]\"\n    }\n  ],\n  \"c\": {},\n  \"d\": []\n}\n");
}

TEST(Index, seeds_that_are_none_are_errors) {
  for (const char* text : {"", "[]", R"({"a":"b"})", R"({"a":{"groq":7}})", R"({"a":{"groq":""}})"}) {
    EXPECT_FALSE(read_index_seeds(text)) << text;
  }
}

}  // namespace
}  // namespace spillway
