// Error shapes of semantics.md section 10, read by listen() and judged by classify(), and what they tell about waiting.
#include "llm/said.h"

#include <gtest/gtest.h>

#include "http/headers.h"
#include "llm/classify.h"

namespace spillway {
namespace {

constexpr std::int64_t kSaidAt = 1'791'590'400'000;  // 2026-10-10T00:00:00Z

using SaidFields = std::initializer_list<Header>;

Verdict judge_said(int status, std::string_view body, SaidFields fields = {}) {
  Headers headers;
  for (const Header& field : fields) headers.add(field.name, field.value);
  return classify(status, headers, body, kSaidAt);
}

void expect(int status, std::string_view body, Fault fault, std::string_view message) {
  const Verdict verdict = judge_said(status, body);
  EXPECT_EQ(to_string(verdict.fault), to_string(fault)) << body;
  EXPECT_EQ(verdict.message, message) << body;
}

TEST(Said, openai) {
  expect(401,
         R"({"error":{"message":"Incorrect API key","type":"invalid_request_error","param":null,)"
         R"("code":"invalid_api_key"}})",
         Fault::auth, "Incorrect API key");
  expect(404,
         R"({"error":{"message":"The model `x` does not exist","type":"invalid_request_error","param":null,)"
         R"("code":"model_not_found"}})",
         Fault::not_found, "The model `x` does not exist");
  expect(500, R"({"error":{"message":"The server had an error","type":"server_error","param":null,"code":null}})",
         Fault::transient, "The server had an error");
  expect(400,
         R"({"error":{"message":"Unsupported value: 'temperature' does not support 0.2",)"
         R"("type":"invalid_request_error","param":"temperature","code":"unsupported_value"}})",
         Fault::unsupported, "Unsupported value: 'temperature' does not support 0.2");
}

TEST(Said, anthropic) {
  const auto body = [](std::string_view type) {
    return R"({"type":"error","error":{"type":")" + std::string(type) + R"(","message":"m"},"request_id":"r"})";
  };
  struct Row {
    int status;
    std::string_view type;
    Fault fault;
  };
  for (const Row& row :
       {Row{400, "invalid_request_error", Fault::bad_request}, Row{401, "authentication_error", Fault::auth},
        Row{402, "billing_error", Fault::no_credit}, Row{403, "permission_error", Fault::auth},
        Row{404, "not_found_error", Fault::not_found}, Row{413, "request_too_large", Fault::context_length},
        Row{429, "rate_limit_error", Fault::rate_limited}, Row{500, "api_error", Fault::transient},
        Row{504, "timeout_error", Fault::timeout}, Row{529, "overloaded_error", Fault::transient}}) {
    expect(row.status, body(row.type), row.fault, "m");
    expect(200, body(row.type), row.fault, "m");  // after the stream began, only the type tells (U13)
  }
  expect(409, body("conflict_error"), Fault::bad_request, "m");
}

TEST(Said, gemini_also_wrapped_in_an_array) {
  const std::string_view day =
      R"({"error":{"code":429,"message":"You exceeded your current quota.","status":"RESOURCE_EXHAUSTED","details":[)"
      R"({"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"quotaMetric":"m",)"
      R"("quotaId":"GenerateRequestsPerMinutePerProjectPerModel-FreeTier"},)"
      R"({"quotaMetric":"m","quotaId":"GenerateRequestsPerDayPerProjectPerModel-FreeTier","quotaValue":"50"}]},)"
      R"({"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"55s"}]}})";
  for (const std::string& body : {std::string(day), "[" + std::string(day) + "]", "[ " + std::string(day) + "\n]\n"}) {
    for (const int status : {429, 200}) {
      const Verdict verdict = judge_said(status, body);
      EXPECT_EQ(verdict.fault, Fault::free_day_quota);
      EXPECT_EQ(verdict.status, 429);
      EXPECT_EQ(verdict.retry_after_ms, 55'000);
      EXPECT_EQ(verdict.message, "You exceeded your current quota.");
    }
  }
  expect(429,
         R"({"error":{"code":429,"message":"m","status":"RESOURCE_EXHAUSTED",)"
         R"("details":[{"violations":[{"quotaId":"GenerateRequestsPerMinutePerProjectPerModel"}]}]}})",
         Fault::rate_limited, "m");
  expect(503, R"({"error":{"code":503,"message":"The model is overloaded.","status":"UNAVAILABLE"}})", Fault::transient,
         "The model is overloaded.");
  expect(504, R"({"error":{"code":504,"message":"m","status":"DEADLINE_EXCEEDED"}})", Fault::timeout, "m");
  expect(403, R"({"error":{"code":403,"message":"m","status":"PERMISSION_DENIED"}})", Fault::auth, "m");
  expect(400,
         R"([{"error":{"code":400,"message":"API key not valid","status":"INVALID_ARGUMENT",)"
         R"("details":[{"reason":"API_KEY_INVALID"}]}}])",
         Fault::auth, "API key not valid");
}

TEST(Said, a_provider_behind_the_provider_does_not_close_our_account) {
  for (const std::string_view raw :
       {"free-models-per-day", "insufficient_quota", "GenerateRequestsPerDayPerProjectPerModel-FreeTier"}) {
    const std::string body = R"({"error":{"code":429,"message":"Provider returned error","metadata":{"raw":")" +
                             std::string(raw) + R"("}}})";
    EXPECT_EQ(judge_said(429, body).fault, Fault::rate_limited) << raw;
  }
}

TEST(Said, mistral) {
  expect(401, R"({"object":"error","message":"Unauthorized","type":"auth","param":null,"code":null})", Fault::auth,
         "Unauthorized");
  expect(422,
         R"({"object":"error","message":{"detail":[{"type":"missing","loc":["body","messages"],"msg":"Field )"
         R"(required"}]},"type":"invalid_request_error","param":null,"code":null})",
         Fault::bad_request, "Field required");
  expect(200, R"({"object":"error","message":"Service unavailable.","type":"internal_server_error","code":"1000"})",
         Fault::transient, "Service unavailable.");
}

TEST(Said, together_403_is_the_window) {
  expect(403,
         R"({"error":{"message":"Input validation error: `inputs` tokens + `max_new_tokens` must be <= 8193.",)"
         R"("type":"invalid_request_error"}})",
         Fault::context_length, "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 8193.");
  expect(403, R"({"error":{"message":"API tokens must be sent in a header"}})", Fault::auth,
         "API tokens must be sent in a header");
}

TEST(Said, others) {
  expect(401, R"({"message":"invalid api token"})", Fault::auth, "invalid api token");  // Cohere
  expect(400, R"({"message":"too many tokens: total number of tokens in the prompt cannot exceed 4081"})",
         Fault::context_length, "too many tokens: total number of tokens in the prompt cannot exceed 4081");
  expect(404, R"({"error":"model 'x' not found"})", Fault::not_found, "model 'x' not found");  // Ollama
  expect(500, R"({"error":"model requires more system memory (5.6 GiB) than is available"})", Fault::transient,
         "model requires more system memory (5.6 GiB) than is available");
  expect(200, R"({"error":"an error was encountered while running the model"})", Fault::transient,
         "an error was encountered while running the model");
  expect(400, R"({"error":"x does not support tools"})", Fault::unsupported, "x does not support tools");
  expect(403, R"({"status":403,"title":"Forbidden","detail":"Authorization failed"})", Fault::auth,
         "Authorization failed");  // NIM
  expect(422, R"({"detail":[{"loc":["body"],"msg":"field required","type":"value_error"}]})", Fault::bad_request,
         "field required");
  expect(400,
         R"({"error":{"message":"The requested model is not supported by any provider","code":"model_not_supported"}})",
         Fault::unsupported,
         "The requested model is not supported by any provider");  // Hugging Face
  expect(503, "upstream connect error", Fault::transient, "upstream connect error");
  expect(502, "<html><h1>502 Bad Gateway</h1></html>", Fault::transient, "status 502");
  expect(500, "", Fault::transient, "status 500");
  expect(500, "{\"error\":", Fault::transient, "status 500");
}

TEST(Said, openrouter_after_the_model_started) {  // O-8, O-9
  const Verdict frame = judge_said(
      200, R"({"id":"g","object":"chat.completion.chunk","created":1,"model":"m","provider":"p","error":{"code":502,)"
           R"("message":"gone","metadata":)"
           R"({"error_type":"provider_unavailable"}},"choices":[{"index":0,"delta":{"content":""},)"
           R"("finish_reason":"error"}]})");
  EXPECT_EQ(frame.fault, Fault::transient);
  EXPECT_EQ(frame.status, 502);
  EXPECT_EQ(frame.message, "gone");
  EXPECT_EQ(judge_said(200, R"({"error":{"code":"429","message":"m"}})").fault, Fault::rate_limited)
      << "the code can be a string";
  EXPECT_EQ(judge_said(200, R"({"choices":[{"delta":{},"finish_reason":"error"}]})").fault, Fault::transient)
      << "an error without a word";
  EXPECT_EQ(judge_said(200, R"({"choices":[{"error":{"code":504,"message":"late"},"finish_reason":"error"}]})").fault,
            Fault::timeout);
  EXPECT_EQ(judge_said(200, R"({"error":{"code":200,"message":"?"}})").fault, Fault::transient);
  EXPECT_EQ(judge_said(200, R"({"error":{"code":99999999999999,"message":"?"}})").status, 0);
}

TEST(Waits, retry_after_is_clamped) {  // U14
  const auto after = [](std::string_view value) {
    return judge_said(429, "", {{"Retry-After", value}}).retry_after_ms;
  };
  EXPECT_EQ(after("2"), 2000);
  EXPECT_EQ(after("0"), 0);
  EXPECT_EQ(after("-1"), -1);
  EXPECT_EQ(after("1e9"), 86'400'000);
  EXPECT_EQ(after("junk"), -1);
  EXPECT_EQ(after("Sat, 10 Oct 2026 00:01:00 GMT"), 60'000);
  const auto day = [](std::string_view value) {
    return judge_said(429, R"({"error":{"message":"free-models-per-day"}})", {{"retry-after", value}}).retry_after_ms;
  };
  EXPECT_EQ(day("999999"), 2 * 86'400'000);
}

TEST(Waits, milliseconds_win_and_texts_come_last) {
  EXPECT_EQ(judge_said(429, "", {{"retry-after", "2"}, {"retry-after-ms", "1234"}}).retry_after_ms, 1234);
  const std::string_view groq = R"({"error":{"message":"Rate limit reached. Please try again in 7m12.5s. Visit us",)"
                                R"("code":"rate_limit_exceeded"}})";
  EXPECT_EQ(judge_said(429, groq).retry_after_ms, 432'500);
  EXPECT_EQ(judge_said(429, groq, {{"retry-after", "9"}}).retry_after_ms, 9000);
  EXPECT_EQ(judge_said(429, R"({"error":{"message":"Please retry in 10h17m5.7s"}})").retry_after_ms, 37'025'700);
  EXPECT_EQ(judge_said(429, R"({"error":{"message":"try again in 5 minutes"}})").retry_after_ms, -1)
      << "not five seconds";
  EXPECT_EQ(judge_said(400, R"({"error":{"message":"try again in 5s"}})").retry_after_ms, -1);
  EXPECT_EQ(judge_said(503, "", {{"retry-after", "7"}}).retry_after_ms, 7000);  // U18
}

TEST(Waits, the_window_that_ran_out_tells_the_reset) {
  const Verdict requests = judge_said(429, "",
                                      {{"x-ratelimit-remaining-requests", "0"},
                                       {"x-ratelimit-limit-requests", "30"},
                                       {"x-ratelimit-reset-requests", "2m59.56s"},
                                       {"x-ratelimit-remaining-tokens", "900"},
                                       {"x-ratelimit-reset-tokens", "7.66s"}});
  EXPECT_EQ(requests.reset_unix_ms, kSaidAt + 179'560);
  EXPECT_EQ(requests.limit, 30);
  EXPECT_EQ(requests.remaining, 0);
  const Verdict tokens = judge_said(429, "",
                                    {{"x-ratelimit-remaining-requests", "14399"},
                                     {"x-ratelimit-reset-requests", "2m59.56s"},
                                     {"x-ratelimit-remaining-tokens", "12"},
                                     {"x-ratelimit-limit-tokens", "6000"},
                                     {"x-ratelimit-reset-tokens", "7.66s"}});
  EXPECT_EQ(tokens.reset_unix_ms, kSaidAt + 7660);
  EXPECT_EQ(tokens.limit, 6000);
  EXPECT_EQ(tokens.remaining, 12);
  EXPECT_EQ(judge_said(429, "", {{"anthropic-ratelimit-requests-reset", "2026-10-10T00:00:30Z"}}).reset_unix_ms,
            kSaidAt + 30'000);
  EXPECT_EQ(judge_said(429, "", {{"x-ratelimit-reset", "1791590430"}}).reset_unix_ms, kSaidAt + 30'000);
  EXPECT_EQ(judge_said(429, "", {{"x-ratelimit-reset", "15"}}).reset_unix_ms, kSaidAt + 15'000);  // Together
  EXPECT_EQ(judge_said(500, "", {{"x-ratelimit-reset-requests", "1s"}}).reset_unix_ms, -1)
      << "every answer of Groq has it";
}

TEST(Said, long_texts_are_bounded) {
  const std::string long_text(1 << 20, 'x');
  const std::string body = R"({"error":{"message":")" + long_text +
                           R"(","code":"insufficient_quota","metadata":{"raw":")" + long_text + R"("}}})";
  const Verdict verdict = judge_said(429, body);
  EXPECT_EQ(verdict.fault, Fault::no_credit) << "codes are read whatever the length of the texts";
  EXPECT_LE(verdict.message.size(), 2048u);
  EXPECT_LE(judge_said(500, long_text).message.size(), 2048u);
}

}  // namespace
}  // namespace spillway
