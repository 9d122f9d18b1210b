// Errors as each client's library knows them: the rows of ecosystem.md 1.5.
#include "llm/failure.h"

#include "codec_help.h"

namespace spillway::llm {
namespace {

TEST(Failure, each_row_of_the_table) {
  struct Row {
    Case what;
    int status;
    std::string type, code, anthropic;
    int anthropic_status = 0;
  };
  const std::vector<Row> rows = {
      {Case::bad_request, 400, "invalid_request_error", "", "invalid_request_error"},
      {Case::context_too_long, 400, "invalid_request_error", "context_length_exceeded", "invalid_request_error"},
      {Case::bad_key, 401, "invalid_request_error", "invalid_api_key", "authentication_error"},
      {Case::model_forbidden, 403, "permission_error", "model_not_allowed", "permission_error"},
      {Case::unknown_model, 404, "invalid_request_error", "model_not_found", "not_found_error"},
      {Case::unknown_path, 404, "invalid_request_error", "unknown_url", "not_found_error"},
      {Case::too_large, 413, "invalid_request_error", "request_too_large", "request_too_large"},
      {Case::rate_limited, 429, "rate_limit_error", "rate_limit_exceeded", "rate_limit_error"},
      {Case::budget_spent, 429, "insufficient_quota", "insufficient_quota", "rate_limit_error"},
      {Case::upstreams_limited, 429, "rate_limit_error", "upstream_rate_limited", "rate_limit_error"},
      {Case::none_healthy, 503, "server_error", "no_upstream_available", "overloaded_error", 529},
      {Case::upstream_error, 502, "server_error", "upstream_error", "api_error"},
      {Case::upstream_auth, 502, "server_error", "provider_auth_failed", "api_error"},
      {Case::upstream_timeout, 504, "server_error", "upstream_timeout", "timeout_error"},
      {Case::draining, 503, "server_error", "shutting_down", "overloaded_error"},
      {Case::broken_stream, 502, "upstream_error", "upstream_stream_error", "api_error"},
  };
  ASSERT_EQ(rows.size(), kCases);
  for (const Row& row : rows) {
    EXPECT_EQ(status_of(Wire::openai_chat, row.what), row.status);
    EXPECT_EQ(status_of(Wire::anthropic, row.what), row.anthropic_status != 0 ? row.anthropic_status : row.status);
    const std::string code = row.code.empty() ? "null" : "\"" + row.code + "\"";
    EXPECT_EQ(error_body(Wire::openai_chat, {row.what, "why", {}, {}, {}}),
              R"({"error":{"message":"why","type":")" + row.type + R"(","param":null,"code":)" + code + "}}");
    EXPECT_EQ(error_body(Wire::anthropic, {row.what, "why", {}, {}, "req_1"}),
              R"({"type":"error","error":{"type":")" + row.anthropic + R"(","message":"why"},"request_id":"req_1"})");
    const bool hopeless = row.what == Case::budget_spent || row.what == Case::upstream_auth;
    EXPECT_EQ(repeat_cannot_help(row.what), hopeless);
  }
}

TEST(Failure, other_wires_have_shapes_of_their_own) {
  const Failure failure{Case::unknown_model, "why", "model", "gone", {}};
  EXPECT_EQ(error_body(Wire::openai_responses, failure),
            R"({"error":{"message":"why","type":"invalid_request_error","param":"model","code":"gone"}})");
  EXPECT_EQ(error_body(Wire::gemini, failure), R"({"error":{"code":404,"message":"why","status":"NOT_FOUND"}})");
  EXPECT_EQ(error_body(Wire::ollama, failure), R"({"error":"why"})");
  EXPECT_EQ(error_body(Wire::cohere, failure), R"({"message":"why"})");
  EXPECT_NE(error_body(Wire::gemini, {Case::upstream_error, "x", {}, {}, {}}).find("INTERNAL"), std::string::npos);
}

TEST(Failure, in_a_stream_it_is_an_event) {
  const Failure failure{Case::broken_stream, "cut", {}, {}, {}};
  EXPECT_EQ(error_event(Wire::openai_chat, failure),
            "data: {\"error\":{\"message\":\"cut\",\"type\":\"upstream_error\",\"param\":null,\"code\":"
            "\"upstream_stream_error\"}}\n\n");
  EXPECT_EQ(error_event(Wire::anthropic, failure),
            "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"api_error\",\"message\":\"cut\"}}\n\n");
  EXPECT_EQ(error_event(Wire::openai_responses, failure),
            "event: error\ndata: {\"type\":\"error\",\"code\":\"upstream_stream_error\",\"message\":\"cut\",\"param\":"
            "null}\n\n");
  EXPECT_EQ(error_event(Wire::ollama, failure), "{\"error\":\"cut\"}\n");
  EXPECT_EQ(error_event(Wire::gemini, failure),
            "data: {\"error\":{\"code\":502,\"message\":\"cut\",\"status\":\"INTERNAL\"}}\n\n");
  EXPECT_EQ(error_event(Wire::cohere, failure),
            "event: message-end\ndata: {\"type\":\"message-end\",\"delta\":{\"finish_reason\":\"ERROR\",\"error\":"
            "\"cut\"}}\n\n");
}

}  // namespace
}  // namespace spillway::llm
