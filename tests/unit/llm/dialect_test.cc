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
  EXPECT_EQ(openai->models_path, "/models");
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
}

TEST(Dialect, clients_speak_the_wire_of_what_they_ask_for) {
  EXPECT_EQ(wire_of(Api::messages), llm::Wire::anthropic);
  EXPECT_EQ(wire_of(Api::responses), llm::Wire::openai_responses);
  EXPECT_EQ(wire_of(Api::completions), llm::Wire::openai_completions);
  EXPECT_EQ(wire_of(Api::embeddings), std::nullopt);
  EXPECT_EQ(wire_of(Api::other), std::nullopt);
}

TEST(Operation, paths_name_apis) {
  const auto api = [](std::string_view path) {
    return operation_of(path).ok ? to_string(operation_of(path).api) : "refused";
  };
  EXPECT_EQ(api("/v1/chat/completions"), to_string(Api::chat));
  EXPECT_EQ(api("/v1/completions"), to_string(Api::completions));
  EXPECT_EQ(api("/v1/embeddings"), to_string(Api::embeddings));
  EXPECT_EQ(api("/v1/models"), to_string(Api::models));
  EXPECT_EQ(api("/v1/messages"), to_string(Api::messages));
  EXPECT_EQ(api("/v1/responses"), to_string(Api::responses));
  EXPECT_EQ(api("/v1/messages/count_tokens"), to_string(Api::other));
  EXPECT_EQ(api("/v1/models/gpt-5-mini"), to_string(Api::models));
  EXPECT_EQ(api("/v1/images/generations"), to_string(Api::other));
  EXPECT_EQ(api("/v1/files/file-abc_1.2~3"), to_string(Api::other));
  EXPECT_EQ(operation_of("/v1/chat/completions").below, "/chat/completions");
  EXPECT_EQ(operation_of("/v1/files/a%20b").ok, false) << "a space, escaped, is a control to us";
  EXPECT_EQ(operation_of("/v1/files/a%C3%A9").below, "/files/a%C3%A9");
}

TEST(Operation, model_ids_may_hold_slashes) {
  EXPECT_EQ(operation_of("/v1/models/qwen/qwen3-coder:free").model_id, "qwen/qwen3-coder:free");
  EXPECT_EQ(operation_of("/v1/models/qwen%2Fqwen3-coder%3Afree").model_id, "qwen%2Fqwen3-coder%3Afree");
  EXPECT_EQ(operation_of("/v1/models/qwen%2fqwen3").api, Api::models);
  EXPECT_TRUE(operation_of("/v1/models").model_id.empty());
}

TEST(Operation, what_is_not_under_v1_is_nothing) {
  for (const std::string_view path : {"", "/", "/v1", "/v1/", "v1/chat/completions", "/chat/completions", "/v2/models",
                                      "/V1/models", "/v1x/models", "/api/v1/models", "//v1/models", "*"}) {
    EXPECT_FALSE(operation_of(path).ok) << path;
  }
}

TEST(Operation, doubled_v1_is_another_path) {
  for (const std::string_view path : {"/v1/v1", "/v1/v1/", "/v1/v1/chat/completions", "/v1/v1/models"}) {
    EXPECT_FALSE(operation_of(path).ok) << path;
  }
  EXPECT_TRUE(operation_of("/v1/v1x").ok);
}

// Each of these, sent on as it is, could be read as /chat/completions or something outside /v1 by a server that
// normalizes paths, while keys were checked for another operation.
TEST(Operation, spellings_that_go_round_keys_are_refused) {
  for (const std::string_view path : {"/v1/../admin",
                                      "/v1/..",
                                      "/v1/.",
                                      "/v1/./chat/completions",
                                      "/v1/chat/../chat/completions",
                                      "/v1/chat/completions/.",
                                      "/v1/chat/completions/..",
                                      "/v1/x/../chat/completions",
                                      "/v1/.../models",
                                      "/v1/%2e%2e/admin",
                                      "/v1/%2E%2E/admin",
                                      "/v1/.%2e/admin",
                                      "/v1/%2e/chat/completions",
                                      "/v1/x%2e",
                                      "/v1/%252e%252e/admin",
                                      "/v1/chat%252fcompletions",
                                      "/v1//chat/completions",
                                      "/v1/chat//completions",
                                      "/v1/chat/completions//",
                                      "/v1/chat\\completions",
                                      "/v1/..\\admin",
                                      "/v1/chat%5ccompletions",
                                      "/v1/chat%5Ccompletions",
                                      "/v1/chat%2fcompletions",
                                      "/v1/chat%2Fcompletions",
                                      "/v1/%2fchat/completions",
                                      "/v1/files/%2f",
                                      "/v1/chat/completions/",
                                      "/v1/models/",
                                      "/v1/models/x/",
                                      "/v1/files/",
                                      "/v1/..;/admin",
                                      "/v1/chat;a=b/completions",
                                      "/v1/chat/completions;",
                                      "/v1/chat/completions%3b",
                                      "/v1/%63hat/completions",
                                      "/v1/chat/completion%73",
                                      "/v1/chat/%43ompletions",
                                      "/v1/%76%31/models",
                                      "/v1/chat/completions%3fx",
                                      "/v1/chat/completions%23",
                                      "/v1/chat/completions?x",
                                      "/v1/chat/completions#x",
                                      "/v1/chat/completions%",
                                      "/v1/chat/completions%4",
                                      "/v1/chat/completions%zz",
                                      "/v1/chat/completions%0g",
                                      "/v1/chat/completions%00",
                                      "/v1/chat/completions%0a",
                                      "/v1/chat/completions%0D%0a",
                                      "/v1/chat/completions%7f",
                                      "/v1/chat/completions ",
                                      "/v1/chat/completions%20",
                                      "/v1/chat/completions\t",
                                      "/v1/chat/completions\r\n",
                                      "/v1/chat/completions\x7f",
                                      "/v1/chat/completions\xff",
                                      "/v1/ch\xc3\xa4t"}) {
    EXPECT_FALSE(operation_of(path).ok) << path;
  }
  EXPECT_FALSE(operation_of("/v1/chat/completions\0"sv).ok);
}

TEST(Operation, model_ids_are_no_way_round_either) {
  for (const std::string_view path :
       {"/v1/models/../chat/completions", "/v1/models/%2e%2e/chat/completions", "/v1/models/..%2fchat%2fcompletions",
        "/v1/models/x%2f..%2f..%2fadmin", "/v1/models/x%2f%2e%2e%2fadmin", "/v1/models/x%2f%2fy", "/v1/models/%2fx",
        "/v1/models/x%2f", "/v1/models/x%5c..%5cy", "/v1/models/x\\y", "/v1/models/x%00", "/v1/models/x%0ay",
        "/v1/models/x//y", "/v1/models//x", "/v1/models/x/..", "/v1/models/x%252f..", "/v1/models/..;/x"}) {
    EXPECT_FALSE(operation_of(path).ok) << path;
  }
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
