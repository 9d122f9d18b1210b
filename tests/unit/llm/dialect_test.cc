// Which paths are operations, and which spellings are refused because a server might read another path than we did.
// Issue 2; header of llm/dialect.h.
#include "llm/dialect.h"

#include <gtest/gtest.h>

#include "json/scan.h"

namespace spillway {
namespace {

using namespace std::string_view_literals;

TEST(Dialect, each_row_has_its_names_and_paths) {
  const Dialect* openai = find_dialect("openai");
  ASSERT_NE(openai, nullptr);
  EXPECT_EQ(openai->auth_header, "authorization");
  EXPECT_EQ(openai->auth_prefix, "Bearer ");
  EXPECT_EQ(dialect_of(llm::Wire::openai_responses).chat_path, "/responses");
  EXPECT_EQ(find_dialect("OpenAI"), nullptr);
  EXPECT_EQ(find_dialect(""), nullptr);
  EXPECT_EQ(dialect_names(), "openai, openai-responses, anthropic, gemini, ollama, cohere");
  EXPECT_EQ(find_dialect("anthropic")->auth_header, "x-api-key");
  EXPECT_EQ(find_dialect("anthropic")->wire, llm::Wire::anthropic);
}

TEST(Dialect, a_chat_goes_where_the_dialect_has_it) {
  EXPECT_EQ(chat_path(*find_dialect("openai"), "a/b", true), "/chat/completions");
  EXPECT_EQ(chat_path(*find_dialect("anthropic"), "m", false), "/messages");
  EXPECT_EQ(chat_path(*find_dialect("gemini"), "gemini-3 x", false), "/models/gemini-3%20x:generateContent");
  EXPECT_EQ(chat_path(*find_dialect("gemini"), "m", true), "/models/m:streamGenerateContent?alt=sse");
  EXPECT_EQ(embed_path(*find_dialect("gemini"), "a/b"), "/models/a%2Fb:batchEmbedContents");
  EXPECT_EQ(embed_path(*find_dialect("ollama"), "a/b"), "/api/embed");
  EXPECT_EQ(embed_path(*find_dialect("anthropic"), "a/b"), "");
}

TEST(Dialect, clients_speak_the_wire_of_what_they_ask_for) {
  EXPECT_EQ(wire_of(Api::messages), llm::Wire::anthropic);
  EXPECT_EQ(wire_of(Api::responses), llm::Wire::openai_responses);
  EXPECT_EQ(wire_of(Api::completions), llm::Wire::openai_completions);
  EXPECT_EQ(wire_of(Api::ollama), llm::Wire::ollama);
  EXPECT_EQ(wire_of(Api::gemini), llm::Wire::gemini);
  EXPECT_EQ(wire_of(Api::embeddings), std::nullopt);
  EXPECT_EQ(wire_of(Api::count_tokens), std::nullopt);
  EXPECT_EQ(wire_of(Api::other), std::nullopt);
}

TEST(ErrorBody, is_openai_shaped) {
  EXPECT_EQ(error_body("no", "invalid_request_error", "model", "model_not_found"),
            R"({"error":{"message":"no","type":"invalid_request_error","param":"model","code":"model_not_found"}})");
  EXPECT_EQ(error_body("no", "server_error", "", ""),
            R"({"error":{"message":"no","type":"server_error","param":null,"code":null}})");
}

TEST(ErrorBody, holds_any_bytes) {
  const std::string body = error_body("a\"b\\c\nd\xff", "t", "", "");
  const Result<JsonValue> parsed = parse_json(body);
  ASSERT_TRUE(static_cast<bool>(parsed));
  EXPECT_EQ((*parsed)["error"]["message"].string(), "a\"b\\c\nd\xEF\xBF\xBD");
}

TEST(ErrorEvent, is_one_event_whatever_the_message) {
  const std::string event = error_event("cut\n\ndata: [DONE]\n\n", "upstream_error", "mid_stream");
  EXPECT_TRUE(event.starts_with("data: {\"error\":{"));
  EXPECT_EQ(event.find('\n'), event.size() - 2);
  EXPECT_TRUE(event.ends_with("}}\n\n"));
}

}  // namespace
}  // namespace spillway
