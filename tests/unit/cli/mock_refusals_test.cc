// Refusals in each wire's shape, and quotas as their providers spell them.
#include "cli/mock_refusals.h"

#include "mock_wires.h"

namespace spillway {
namespace {

using llm::Wire;

std::string answer_of(const MockWire& wire, const std::string& behaviour, bool stream = false) {
  MockScript script(1);
  return mock_bytes(script.answer(mock_request(wire, mock_talk(behaviour, stream)), 1'795'219'200'000));
}

TEST(MockRefusals, statuses_have_their_wires_shape) {
  for (const MockWire& wire : mock_wires()) {
    for (const bool stream : {false, true}) {
      SCOPED_TRACE(wire.dialect);
      const std::string response = answer_of(wire, "status-503", stream);
      EXPECT_TRUE(response.starts_with("HTTP/1.1 503 "));
      const auto body = parse_json(body_of(response));
      ASSERT_TRUE(body);
      const bool flat = wire.wire == Wire::ollama || wire.wire == Wire::cohere;
      const JsonValue& message =
          flat ? (*body)[wire.wire == Wire::ollama ? "error" : "message"] : (*body)["error"]["message"];
      EXPECT_EQ(message.string(), "mock answers 503");
    }
  }
  EXPECT_NE(mock_refusal(Wire::anthropic, 529, "x").find(R"("type":"overloaded_error")"), std::string::npos);
  EXPECT_NE(mock_refusal(Wire::gemini, 404, "x").find(R"("code":404,"message":"x","status":"NOT_FOUND")"),
            std::string::npos);
  EXPECT_NE(mock_refusal(Wire::openai_chat, 500, "x").find(R"({"error":{"message":"x","code":500}})"),
            std::string::npos);
}

TEST(MockRefusals, a_wrong_key_and_a_missing_model_are_refused_in_the_wires_shape) {
  MockScript script(1);
  for (const MockWire& wire : mock_wires()) {
    MockRequest request = mock_request(wire, mock_talk("ok", false));
    request.authorized = false;
    const std::string refused = mock_bytes(script.answer(request, 0));
    EXPECT_TRUE(refused.starts_with("HTTP/1.1 401 ")) << wire.dialect;
    EXPECT_EQ(body_of(refused), body_of(mock_refusal(wire.wire, 401, "invalid api key")));
    request.authorized = true;
    request.body = "{";
    EXPECT_TRUE(mock_bytes(script.answer(request, 0)).starts_with("HTTP/1.1 400 ")) << wire.dialect;
  }
}

TEST(MockRefusals, a_spent_quota_says_when_to_come_back) {
  for (const MockWire& wire : mock_wires()) {
    SCOPED_TRACE(wire.dialect);
    for (const char* const kind : {"429-day", "429-minute", "429-upstream"}) {
      EXPECT_TRUE(answer_of(wire, kind).starts_with("HTTP/1.1 429 ")) << kind;
    }
    if (wire.wire == Wire::gemini) continue;
    EXPECT_NE(answer_of(wire, "429-minute").find("\r\nRetry-After: 20\r\n"), std::string::npos);
    EXPECT_NE(answer_of(wire, "retry-after-9").find("\r\nRetry-After: 9\r\n"), std::string::npos);
  }
  const std::string day = mock_quota(Wire::gemini, "429-day", 86'400'000 - 90'000);
  EXPECT_NE(day.find("GenerateRequestsPerDayPerProjectPerModel-FreeTier"), std::string::npos);
  EXPECT_NE(day.find(R"("retryDelay":"90s")"), std::string::npos);
  EXPECT_NE(mock_quota(Wire::gemini, "429-minute", 0).find(R"("retryDelay":"20s")"), std::string::npos);
}

TEST(MockRefusals, windows_are_told_where_the_wire_has_heads_for_it) {
  for (const MockWire& wire : mock_wires()) {
    SCOPED_TRACE(wire.dialect);
    for (const bool stream : {false, true}) {
      const std::string response = answer_of(wire, "limit-2-3", stream);
      EXPECT_TRUE(response.starts_with("HTTP/1.1 200 "));
      const bool openai = wire.wire == Wire::openai_chat || wire.wire == Wire::openai_responses;
      EXPECT_EQ(response.find("x-ratelimit-remaining-requests: 1\r\n") != std::string::npos, openai);
      EXPECT_EQ(response.find("anthropic-ratelimit-requests-remaining: 1\r\n") != std::string::npos,
                wire.wire == Wire::anthropic);
    }
  }
  const std::string told = mock_told("HTTP/1.1 200 OK\r\nx: y\r\n\r\nbody", Wire::anthropic, {2, 1, 1500}, 0);
  EXPECT_NE(told.find("anthropic-ratelimit-requests-reset: 1970-01-01T00:00:02Z\r\n\r\nbody"), std::string::npos)
      << "rounded up: " << told;
}

}  // namespace
}  // namespace spillway
