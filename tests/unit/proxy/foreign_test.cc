// Which way a request takes to a provider that may speak another API.
#include "proxy/foreign.h"

#include <gtest/gtest.h>

namespace spillway {
namespace {

using Kind = Way::Kind;
using llm::Wire;

Endpoint endpoint_of(const std::string& dialect, std::vector<std::string> also = {},
                     std::string url = "http://127.0.0.1:9/v1") {
  ProviderConfig config;
  config.name = "up";
  config.base_url = std::move(url);
  config.dialect = dialect;
  config.also_speaks = std::move(also);
  return *make_endpoint(config);
}

TEST(Way, who_speaks_alike_is_passed_through) {
  EXPECT_EQ(way_of(Api::chat, endpoint_of("openai")).kind, Kind::pass);
  EXPECT_FALSE(way_of(Api::chat, endpoint_of("openai")).foreign());
  EXPECT_FALSE(way_of(Api::completions, endpoint_of("openai")).foreign());
  EXPECT_TRUE(way_of(Api::embeddings, endpoint_of("openai")).foreign()) << "vectors may have to be spelled anew";
  EXPECT_EQ(way_of(Api::messages, endpoint_of("anthropic")).kind, Kind::pass);
  EXPECT_TRUE(way_of(Api::messages, endpoint_of("anthropic")).foreign()) << "a tap of its own must watch it";
  EXPECT_EQ(way_of(Api::responses, endpoint_of("openai-responses")).kind, Kind::pass);
}

TEST(Way, others_are_translated) {
  struct Row {
    Api api;
    const char* dialect;
    Wire client, provider;
  };
  for (const Row& row : {Row{Api::messages, "openai", Wire::anthropic, Wire::openai_chat},
                         Row{Api::responses, "openai", Wire::openai_responses, Wire::openai_chat},
                         Row{Api::chat, "anthropic", Wire::openai_chat, Wire::anthropic},
                         Row{Api::completions, "gemini", Wire::openai_completions, Wire::gemini},
                         Row{Api::chat, "openai-responses", Wire::openai_chat, Wire::openai_responses},
                         Row{Api::chat, "ollama", Wire::openai_chat, Wire::ollama},
                         Row{Api::messages, "cohere", Wire::anthropic, Wire::cohere}}) {
    const Way way = way_of(row.api, endpoint_of(row.dialect));
    EXPECT_EQ(way.kind, Kind::translate) << row.dialect;
    EXPECT_EQ(way.client, row.client) << row.dialect;
    EXPECT_EQ(way.provider, row.provider) << row.dialect;
  }
}

TEST(Way, what_a_provider_also_speaks_passes) {
  EXPECT_EQ(way_of(Api::responses, endpoint_of("openai", {"responses"})).kind, Kind::pass);
  EXPECT_EQ(way_of(Api::messages, endpoint_of("openai", {"responses"})).kind, Kind::translate);
  EXPECT_EQ(way_of(Api::messages, endpoint_of("openai", {"messages"})).kind, Kind::pass);
}

TEST(Way, embeddings_have_no_translation_and_unknown_paths_need_none) {
  EXPECT_EQ(way_of(Api::embeddings, endpoint_of("anthropic")).kind, Kind::none);
  EXPECT_EQ(way_of(Api::other, endpoint_of("anthropic")).kind, Kind::pass);
}

TEST(Foreign, ollama_and_gemini_pass_to_their_like) {
  EXPECT_EQ(way_of(Api::ollama, endpoint_of("ollama")).kind, Kind::pass);
  EXPECT_EQ(way_of(Api::gemini, endpoint_of("gemini")).kind, Kind::pass);
  EXPECT_TRUE(way_of(Api::ollama, endpoint_of("ollama")).foreign());
  EXPECT_EQ(way_of(Api::ollama, endpoint_of("openai")).kind, Kind::translate);
  EXPECT_EQ(way_of(Api::gemini, endpoint_of("ollama")).provider, Wire::ollama);
}

TEST(Foreign, gaps_are_filled_in_where_the_provider_does) {
  const auto path = [](const char* dialect, const char* preset, const char* base) {
    ProviderConfig config;
    config.dialect = dialect;
    config.preset = preset;
    config.base_url = base;
    return fill_path(*make_endpoint(config));
  };
  EXPECT_EQ(path("openai", "custom", "http://127.0.0.1:9/v1"), "/v1/completions");
  EXPECT_EQ(path("openai", "mistral", "http://127.0.0.1:9/v1"), "/v1/fim/completions");
  EXPECT_EQ(path("openai", "deepseek", "http://127.0.0.1:9/v1"), "/beta/completions");
  EXPECT_EQ(path("ollama", "custom", "http://127.0.0.1:9"), "/api/generate");
  EXPECT_EQ(path("openai", "groq", "http://127.0.0.1:9/v1"), "");
  for (const char* dialect : {"anthropic", "gemini", "cohere", "openai-responses"}) {
    EXPECT_EQ(path(dialect, "custom", "http://127.0.0.1:9/v1"), "") << dialect;
  }
}

TEST(Foreign, embeddings_go_to_who_has_them) {
  EXPECT_EQ(way_of(operation_of("/api/embed"), endpoint_of("ollama")).kind, Kind::pass);
  EXPECT_EQ(way_of(operation_of("/api/embed"), endpoint_of("openai")).kind, Kind::translate);
  EXPECT_EQ(way_of(Api::embeddings, endpoint_of("ollama")).kind, Kind::translate);
  EXPECT_EQ(way_of(Api::embeddings, endpoint_of("openai-responses")).kind, Kind::pass);
  const Operation gemini = operation_of("/v1beta/models/m:embedContent");
  EXPECT_EQ(way_of(gemini, endpoint_of("gemini")).kind, Kind::translate) << "the body names the model, too";
  EXPECT_EQ(way_of(gemini, endpoint_of("openai")).client, Wire::gemini);
  EXPECT_EQ(way_of(Api::embeddings, endpoint_of("gemini")).provider, Wire::gemini);
  EXPECT_EQ(way_of(Api::embed, endpoint_of("cohere")).provider, Wire::cohere);
  EXPECT_EQ(way_of(Api::embeddings, endpoint_of("cohere")).kind, Kind::translate);
  EXPECT_EQ(way_of(Api::embed, endpoint_of("anthropic")).kind, Kind::none);
}

TEST(Foreign, tokens_are_counted_by_who_speaks_the_client_s_wire) {
  const Operation anthropic = operation_of("/v1/messages/count_tokens"),
                  gemini = operation_of("/v1beta/models/m:countTokens");
  EXPECT_EQ(way_of(anthropic, endpoint_of("anthropic")).kind, Kind::pass);
  EXPECT_EQ(way_of(anthropic, endpoint_of("openai", {"messages"})).kind, Kind::pass);
  EXPECT_EQ(way_of(anthropic, endpoint_of("gemini")).kind, Kind::none);
  EXPECT_EQ(way_of(gemini, endpoint_of("gemini")).kind, Kind::pass);
  EXPECT_EQ(way_of(gemini, endpoint_of("openai")).kind, Kind::none);
}

TEST(Target, providers_have_their_quirks) {
  const llm::Target mistral =
      target_of(endpoint_of("openai", {}, "https://api.mistral.ai/v1"), Wire::openai_chat, "m", 0);
  EXPECT_EQ(mistral.tool_ids, llm::ToolIds::nine);
  EXPECT_TRUE(mistral.spelling.no_usage_asked);
  EXPECT_TRUE(mistral.spelling.old_max_tokens);
  EXPECT_TRUE(target_of(endpoint_of("openai", {}, "https://api.perplexity.ai"), Wire::openai_chat, "m", 0).alternates);
  const llm::Target openai =
      target_of(endpoint_of("openai", {}, "https://api.openai.com/v1"), Wire::openai_chat, "m", 0);
  EXPECT_TRUE(openai.spelling.openai_itself);
  EXPECT_FALSE(openai.spelling.old_max_tokens);
  EXPECT_EQ(target_of(endpoint_of("anthropic"), Wire::anthropic, "m", 0).max_output, 4096);
  EXPECT_EQ(target_of(endpoint_of("anthropic"), Wire::anthropic, "m", 9000).max_output, 9000);
  EXPECT_FALSE(target_of(endpoint_of("gemini"), Wire::gemini, "m", 0).image_urls);
}

TEST(Case, refusals_of_ours_have_words_in_every_wire) {
  EXPECT_EQ(case_of(401, "invalid_api_key"), llm::Case::bad_key);
  EXPECT_EQ(case_of(404, "model_not_found"), llm::Case::unknown_model);
  EXPECT_EQ(case_of(429, "upstream_rate_limited"), llm::Case::upstreams_limited);
  EXPECT_EQ(case_of(400, ""), llm::Case::bad_request);
  EXPECT_EQ(case_of(415, "invalid_encoding"), llm::Case::bad_request);
  EXPECT_EQ(case_of(502, "upstream_error"), llm::Case::upstream_error);
  EXPECT_EQ(case_of(503, "no_upstream_available"), llm::Case::none_healthy);
  EXPECT_EQ(case_of(503, "shutting_down"), llm::Case::draining);
  EXPECT_EQ(case_of(504, "upstream_timeout"), llm::Case::upstream_timeout);
}

}  // namespace
}  // namespace spillway
