// The one classifier: every row of semantics.md section 11, both worked examples, and the bodies of O-6 verbatim.
#include "llm/classify.h"

#include <gtest/gtest.h>

#include "http/headers.h"

namespace spillway {
namespace {

constexpr std::int64_t kNow = 1'791'590'400'000;  // 2026-10-10T00:00:00Z

using Fields = std::initializer_list<Header>;

Verdict judge(int status, std::string_view body, Fields fields = {}) {
  Headers headers;
  for (const Header& field : fields) headers.add(field.name, field.value);
  return classify(status, headers, body, kNow);
}

std::string_view fault(int status, std::string_view body, Fields fields = {}) {
  return to_string(judge(status, body, fields).fault);
}

// An error with a text, as OpenAI writes it.
std::string saying(std::string_view message) { return "{\"error\":{\"message\":\"" + std::string(message) + "\"}}"; }

std::string coded(std::string_view code) {
  return "{\"error\":{\"message\":\"no\",\"code\":\"" + std::string(code) + "\"}}";
}

constexpr std::string_view kDay =
    R"({"error":{"message":"Rate limit exceeded: free-models-per-day. Add 10 credits to unlock 1000 free model )"
    R"(requests per day","code":429,)"
    R"("metadata":{"headers":{"X-RateLimit-Limit":"50","X-RateLimit-Remaining":"0",)"
    R"("X-RateLimit-Reset":"1791676800000"},)"
    R"("limit_source":"openrouter_free_tier_daily","remedy_hint":"…","provider_name":null}},"user_id":"user_…"})";
constexpr std::string_view kMinute =
    R"({"error":{"message":"Rate limit exceeded: free-models-per-min. ","code":429,)"
    R"("metadata":{"headers":{"X-RateLimit-Limit":"20",)"
    R"("X-RateLimit-Remaining":"0","X-RateLimit-Reset":"1791590460000"},"provider_name":null}},"user_id":"user_…"})";
constexpr std::string_view kUpstream =
    R"({"error":{"message":"Provider returned error","code":429,"metadata":{"raw":"qwen/…:free is temporarily )"
    R"(rate-limited upstream. )"
    R"(Please retry shortly, …","provider_name":"…"}}})";

TEST(Classify, consequences_are_those_of_section_11) {
  struct Row {
    Fault fault;
    bool same, next, other_account, spill, bigger, breaker;
  };
  for (const Row& row : {Row{Fault::client_gone, false, false, false, false, false, false},
                         Row{Fault::free_day_quota, false, true, true, true, false, false},
                         Row{Fault::free_minute_quota, false, true, true, true, false, false},
                         Row{Fault::in_flight_budget, false, true, false, false, false, false},
                         Row{Fault::no_credit, false, true, true, false, false, false},
                         Row{Fault::rate_limited, false, true, false, true, false, false},
                         Row{Fault::context_length, false, true, false, true, true, false},
                         Row{Fault::content_policy, false, false, false, false, false, false},
                         Row{Fault::auth, false, true, true, true, false, false},
                         Row{Fault::unsupported, false, true, false, true, false, false},
                         Row{Fault::not_found, false, true, false, true, false, false},
                         Row{Fault::bad_request, false, false, false, false, false, false},
                         Row{Fault::timeout, false, true, false, true, false, true},
                         Row{Fault::transient, true, true, false, true, false, true},
                         Row{Fault::mid_stream, false, false, false, false, false, true}}) {
    const Consequence& is = consequence(row.fault);
    const std::string_view name = to_string(row.fault);
    EXPECT_EQ(is.same_again, row.same) << name;
    EXPECT_EQ(is.next, row.next) << name;
    EXPECT_EQ(is.other_account, row.other_account) << name;
    EXPECT_EQ(is.spill, row.spill) << name;
    EXPECT_EQ(is.bigger_window, row.bigger) << name;
    EXPECT_EQ(is.breaker, row.breaker) << name;
  }
}

TEST(Classify, answers_are_no_faults) {
  EXPECT_EQ(
      fault(200, R"({"choices":[{"message":{"content":"rate limited, insufficient_quota"},"finish_reason":"stop"}]})"),
      "none");
  EXPECT_EQ(fault(200, R"({"error":null,"choices":[]})"), "none");
  EXPECT_EQ(fault(204, ""), "none");
}

TEST(Classify, worked_upstream_limit_in_a_stream) {  // section 11, the first worked example
  const Verdict verdict =
      judge(200, R"({"error":{"code":429,"message":"Provider returned error","metadata":{"raw":"x is temporarily )"
                 R"(rate-limited upstream"}}})");
  EXPECT_EQ(verdict.fault, Fault::rate_limited);
  EXPECT_EQ(verdict.status, 429);
  EXPECT_EQ(verdict.retry_after_ms, -1);
  EXPECT_EQ(verdict.message, "Provider returned error: x is temporarily rate-limited upstream");
}

TEST(Classify, worked_day_quota_speaks_of_credits_and_is_row_2) {  // section 11, the second; O-6 form 1 and its trap
  for (const int status : {429, 200}) {
    const Verdict verdict = judge(status, kDay);
    EXPECT_EQ(verdict.fault, Fault::free_day_quota);
    EXPECT_EQ(verdict.status, 429);
    EXPECT_EQ(verdict.reset_unix_ms, 1'791'676'800'000);
    EXPECT_EQ(verdict.limit, 50);
    EXPECT_EQ(verdict.remaining, 0);
  }
  EXPECT_EQ(fault(429, saying("Rate limit exceeded: free-models-per-day-high-balance. ")), "free_day_quota");
  EXPECT_EQ(
      fault(429, R"({"error":{"message":"no","code":429,"metadata":{"limit_source":"openrouter_free_tier_daily"}}})"),
      "free_day_quota");
}

TEST(Classify, row_3_the_free_minute) {  // O-6 form 2
  const Verdict verdict = judge(429, kMinute);
  EXPECT_EQ(verdict.fault, Fault::free_minute_quota);
  EXPECT_EQ(verdict.reset_unix_ms, kNow + 60'000);
  EXPECT_EQ(verdict.limit, 20);
}

TEST(Classify, row_4_a_402_that_passes) {  // O-7
  const Verdict verdict = judge(402, saying("busy"), {{"Retry-After", "3"}});
  EXPECT_EQ(verdict.fault, Fault::in_flight_budget);
  EXPECT_EQ(verdict.retry_after_ms, 3000);
  EXPECT_EQ(
      fault(402, R"({"error":{"code":402,"message":"x","metadata":{"limit_source":"openrouter_in_flight_budget"}}})"),
      "in_flight_budget");
  EXPECT_EQ(fault(200, R"({"error":{"code":402,"message":"x","metadata":{"headers":{"Retry-After":"2"}}}})"),
            "in_flight_budget");
  EXPECT_EQ(fault(402, saying("busy"), {{"retry-after", "-1"}}), "no_credit") << "no wait that can be read";
}

TEST(Classify, row_5_money) {  // U16
  EXPECT_EQ(fault(402, ""), "no_credit");
  EXPECT_EQ(fault(402, saying("This request requires more credits, or fewer max_tokens. You can only afford 12")),
            "no_credit");
  EXPECT_EQ(
      fault(429, R"({"error":{"message":"You exceeded your current quota","type":"insufficient_quota","param":null,)"
                 R"("code":"insufficient_quota"}})"),
      "no_credit");
  EXPECT_EQ(fault(429, coded("credit_balance_exhausted")), "no_credit");
  EXPECT_EQ(
      fault(429, R"({"type":"error","error":{"type":"rate_limit_error","message":"enforced_spend_limit_reached"}})"),
      "no_credit");
  EXPECT_EQ(fault(402, R"({"type":"error","error":{"type":"billing_error","message":"pay"},"request_id":"r"})"),
            "no_credit");
  EXPECT_EQ(fault(403, saying("Key limit exceeded (total limit). Manage it using the settings page")), "no_credit");
  EXPECT_EQ(fault(402, saying("You have exceeded your monthly included credits for Inference Providers.")),
            "no_credit");
  EXPECT_EQ(
      fault(400, R"({"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low )"
                 R"(to access the API"}})"),
      "no_credit");
}

TEST(Classify, row_6_limits) {  // O-6 form 3, Q-14
  EXPECT_EQ(fault(429, kUpstream), "rate_limited");
  EXPECT_EQ(fault(429, ""), "rate_limited");
  EXPECT_EQ(fault(498, R"({"error":{"message":"flex","code":"capacity_exceeded"}})"), "rate_limited");
  EXPECT_EQ(fault(200, R"({"type":"error","error":{"type":"rate_limit_error","message":"slow"}})"), "rate_limited");
  EXPECT_EQ(fault(502, R"({"error":{"code":429,"message":"slow"}})"), "rate_limited");
  EXPECT_EQ(fault(502, R"({"code":429,"message":"slow"})"), "rate_limited");
  for (const std::string_view text :
       {"You are being Rate Limited", "rate-limited", "m is temporarily rate-limited upstream"}) {
    EXPECT_EQ(fault(503, saying(text)), "rate_limited") << text;
  }
}

TEST(Classify, row_7_windows) {  // Q-16
  for (const std::string_view text :
       {"Input tokens exceed the configured limit", "the context is of the wrong length", "context window",
        "Context size limit", "This model's maximum context length is 8192 tokens",
        "your token count is over the limit", "tokens) exceeds", "Too many tokens",
        "please reduce the length of the messages", "prompt is too long: 210000 tokens > 200000 maximum"}) {
    EXPECT_EQ(fault(400, saying(text)), "context_length") << text;
    EXPECT_EQ(fault(500, saying(text)), "transient") << text;
  }
  EXPECT_EQ(fault(400, saying("context was given, but it has no limit")), "bad_request")
      << "more than 20 bytes between";
  EXPECT_EQ(fault(400, coded("context_length_exceeded")), "context_length");
  EXPECT_EQ(fault(200, coded("context_length_exceeded")), "context_length");
  EXPECT_EQ(fault(400, R"({"error":{"code":400,"message":"x","metadata":{"error_type":"token_limit_exceeded"}}})"),
            "context_length");
  EXPECT_EQ(fault(413, ""), "context_length");
  EXPECT_EQ(fault(413, R"({"error":{"message":"tokens per minute (TPM): Limit 6000","type":"tokens",)"
                       R"("code":"rate_limit_exceeded"}})"),
            "context_length");
}

TEST(Classify, a_400_about_tokens_per_minute_is_no_window) {  // Q-16's trap
  EXPECT_EQ(fault(400, saying("Rate limit reached on tokens per minute (TPM): Limit 6000, Used 5000")), "rate_limited");
  EXPECT_EQ(fault(400, saying("token limit per minute reached")), "rate_limited");
  EXPECT_EQ(fault(400, saying("token limit reached")), "context_length");
}

TEST(Classify, row_8_moderation) {
  EXPECT_EQ(fault(400, coded("content_policy_violation")), "content_policy");
  EXPECT_EQ(fault(400, R"({"error":{"code":400,"metadata":{"error_type":"refusal"}}})"), "content_policy");
  EXPECT_EQ(
      fault(403,
            R"({"error":{"code":403,"message":"flagged","metadata":{"reasons":["violence"],"flagged_input":"…"}}})"),
      "content_policy");
  EXPECT_EQ(fault(403, R"({"error":{"code":403,"message":"guardrail","metadata":{"patterns":["x"]}}})"),
            "content_policy");
}

TEST(Classify, rows_9_to_12) {
  EXPECT_EQ(fault(401, saying("User not found.")), "auth");
  EXPECT_EQ(fault(401, "<html>Unauthorized</html>"), "auth");
  EXPECT_EQ(fault(403, saying("no permission")), "auth");
  EXPECT_EQ(fault(404, saying("No endpoints found that support tool use")), "unsupported");
  EXPECT_EQ(fault(400, coded("unsupported_parameter")), "unsupported");
  EXPECT_EQ(fault(400, saying("Unsupported parameter: 'max_tokens' is not possible here")), "unsupported");
  EXPECT_EQ(fault(404, coded("model_not_found")), "not_found");
  EXPECT_EQ(fault(404, "404 page not found"), "not_found");
  for (const int status : {400, 405, 409, 422, 424, 451})
    EXPECT_EQ(fault(status, saying("no")), "bad_request") << status;
}

TEST(Classify, rows_13_and_14) {
  for (const int status : {408, 504, 524}) EXPECT_EQ(fault(status, ""), "timeout") << status;
  for (const int status : {302, 500, 502, 503, 520, 529, 599})
    EXPECT_EQ(fault(status, "<html>"), "transient") << status;
  EXPECT_EQ(to_string(classify(Error{Kind::timeout, Source::us, Retry::yes, "late"}).fault), "timeout");
  for (const Kind kind : {Kind::refused, Kind::closed, Kind::dns, Kind::tls, Kind::invalid, Kind::limit}) {
    const Verdict verdict = classify(Error{kind, Source::upstream, Retry::yes, "why"});
    EXPECT_EQ(verdict.fault, Fault::transient);
    EXPECT_EQ(verdict.status, 0);
    EXPECT_EQ(verdict.message, "why");
  }
}

// Section 11, rows 2, 3 and 6: Retry-After, else the reset.
TEST(Classify, a_spent_quota_is_left_alone_until_it_opens_if_no_wait_is_named) {
  Verdict verdict;
  verdict.reset_unix_ms = 100'000;
  for (const Fault spent : {Fault::rate_limited, Fault::free_day_quota, Fault::free_minute_quota}) {
    verdict.fault = spent;
    verdict.retry_after_ms = -1;
    EXPECT_EQ(verdict.wait_ms(40'000), 60'000);
    EXPECT_EQ(verdict.wait_ms(100'001), -1) << "it is open";
    verdict.retry_after_ms = 7000;
    EXPECT_EQ(verdict.wait_ms(40'000), 7000) << "it asked for less";
  }
  verdict.retry_after_ms = -1;
  verdict.fault = Fault::transient;
  EXPECT_EQ(verdict.wait_ms(40'000), -1) << "the window is told with every answer, and is not why this one failed";
}

// A 400 quotes what the client sent. Its words must not close an account's quota, cool a model or trip a breaker.
TEST(Classify, clients_cannot_choose_the_row) {
  for (const std::string_view quoted :
       {"free-models-per-day", "free-models-per-min", "insufficient_quota", "rate_limit_error", "rate-limited",
        "key limit exceeded", "overloaded", "deadline_exceeded", "timeout_error", "PerDay"}) {
    EXPECT_EQ(fault(400, saying("Invalid value: '" + std::string(quoted) + "'")), "bad_request") << quoted;
    EXPECT_EQ(fault(422, saying("Invalid value: '" + std::string(quoted) + "'")), "bad_request") << quoted;
    EXPECT_EQ(fault(404, saying("no model " + std::string(quoted))), "not_found") << quoted;
  }
}

}  // namespace
}  // namespace spillway
