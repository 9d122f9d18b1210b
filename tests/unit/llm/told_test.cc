// The windows that heads tell about, in the spelling of every provider of section 10. Waits are fields of a verdict and
// tested in classify_test.cc.
#include "llm/told.h"

#include <gtest/gtest.h>

namespace spillway {
namespace {

constexpr std::int64_t kToldAt = 1'791'590'400'000;  // 2026-10-10T00:00:00Z

Windows told(std::initializer_list<Header> fields) {
  Headers headers;
  for (const Header& field : fields) headers.add(field.name, field.value);
  return read_windows(headers, kToldAt);
}
testing::AssertionResult is(const Window& window, std::int64_t limit, std::int64_t remaining, std::int64_t reset_ms) {
  if (window.limit == limit && window.remaining == remaining && window.reset_ms == reset_ms)
    return testing::AssertionSuccess();
  return testing::AssertionFailure() << window.limit << ' ' << window.remaining << ' ' << window.reset_ms;
}

TEST(Told, section_10_openai_and_groq_tell_requests_and_tokens_with_durations) {
  const Windows windows = told({{"content-type", "application/json"},
                                {"x-ratelimit-limit-requests", "14400"},
                                {"x-ratelimit-limit-tokens", "18000"},
                                {"x-ratelimit-remaining-requests", "14370"},
                                {"x-ratelimit-remaining-tokens", "17997"},
                                {"x-ratelimit-reset-requests", "2m59.56s"},
                                {"x-ratelimit-reset-tokens", "7.66s"}});
  EXPECT_TRUE(is(windows.requests, 14'400, 14'370, 179'560));
  EXPECT_TRUE(is(windows.tokens, 18'000, 17'997, 7'660));
  EXPECT_TRUE(is(windows.any, -1, -1, -1));
}

TEST(Told, section_10_anthropic_tells_instants) {
  const Windows windows = told({{"Anthropic-RateLimit-Requests-Limit", "50"},
                                {"anthropic-ratelimit-requests-remaining", "49"},
                                {"anthropic-ratelimit-requests-reset", "2026-10-10T00:00:01Z"},
                                {"anthropic-ratelimit-tokens-limit", "40000"},
                                {"anthropic-ratelimit-tokens-remaining", "0"},
                                {"anthropic-ratelimit-tokens-reset", "2026-10-10T00:01:00Z"}});
  EXPECT_TRUE(is(windows.requests, 50, 49, 1'000));
  EXPECT_TRUE(is(windows.tokens, 40'000, 0, 60'000));
}

TEST(Told, section_10_together_openrouter_and_mistral_tell_one_window) {
  const Windows windows = told({{"X-RateLimit-Limit", "50"},
                                {"X-RateLimit-Remaining", "0"},
                                {"X-RateLimit-Reset", "1791676800000"},
                                {"x-tokenlimit-limit", "9000"},
                                {"x-tokenlimit-remaining", "1"}});
  EXPECT_TRUE(is(windows.any, 50, 0, 86'400'000));
  EXPECT_TRUE(is(windows.tokens, 9'000, 1, -1));
}

// inference-docs.cerebras.ai/support/rate-limits: resets in seconds.
TEST(Told, cerebras_tells_minutes_hours_and_days_and_the_tightest_counts) {
  const Windows windows = told({{"x-ratelimit-limit-requests-day", "14400"},
                                {"x-ratelimit-limit-tokens-minute", "60000"},
                                {"x-ratelimit-remaining-requests-day", "14399"},
                                {"x-ratelimit-remaining-tokens-minute", "59000"},
                                {"x-ratelimit-reset-requests-day", "33011.382867"},
                                {"x-ratelimit-reset-tokens-minute", "11.382867"}});
  EXPECT_TRUE(is(windows.requests, 14'400, 14'399, 33'011'383));
  EXPECT_TRUE(is(windows.tokens, 60'000, 59'000, 11'383));
  const Windows several = told({{"X-Ratelimit-Limit-Requests-Day", "14400"},
                                {"X-Ratelimit-Remaining-Requests-Day", "0"},
                                {"X-Ratelimit-Reset-Requests-Day", "3600"},
                                {"X-Ratelimit-Limit-Requests-Minute", "30"},
                                {"X-Ratelimit-Remaining-Requests-Minute", "0"},
                                {"X-Ratelimit-Reset-Requests-Minute", "45.5"},
                                {"X-Ratelimit-Limit-Requests-Hour", "900"},
                                {"X-Ratelimit-Remaining-Requests-Hour", "12"}});
  EXPECT_TRUE(is(several.requests, 14'400, 0, 3'600'000)) << "of two that are empty the one that opens last";
}

// Mistral's heads as its users captured them; there is no reset. A month's tokens are no window to pace by.
TEST(Told, mistral_tells_minutes_without_a_reset_which_is_their_share_of_one) {
  const Windows windows = told({{"x-ratelimit-limit-req-minute", "60"},
                                {"x-ratelimit-limit-tokens-minute", "50000"},
                                {"x-ratelimit-limit-tokens-month", "4000000"},
                                {"x-ratelimit-remaining-req-minute", "59"},
                                {"x-ratelimit-remaining-tokens-minute", "25000"},
                                {"x-ratelimit-remaining-tokens-month", "3950246"},
                                {"x-ratelimit-tokens-query-cost", "2804"}});
  EXPECT_TRUE(is(windows.requests, 60, 59, 1'000));
  EXPECT_TRUE(is(windows.tokens, 50'000, 25'000, 30'000));
}

// docs.fireworks.ai/serverless/rate-limits: per minute, prompt and generated apart.
TEST(Told, fireworks_tells_the_prompt_s_tokens) {
  const Windows windows = told({{"x-ratelimit-limit-tokens-prompt", "3600000"},
                                {"x-ratelimit-remaining-tokens-prompt", "1800000"},
                                {"x-ratelimit-limit-tokens-generated", "36000"},
                                {"x-ratelimit-remaining-tokens-generated", "1"},
                                {"x-ratelimit-over-limit", "no"}});
  EXPECT_TRUE(is(windows.tokens, 3'600'000, 1'800'000, 30'000));
  EXPECT_TRUE(is(windows.requests, -1, -1, -1));
}

// docs.cohere.com/docs/rate-limits: 20 a minute for trial keys; the fields come with good answers of those.
TEST(Told, cohere_tells_trial_keys_their_minute) {
  const Windows windows = told({{"x-endpoint-monthly-call-limit", "1000"},
                                {"x-trial-endpoint-call-limit", "20"},
                                {"x-trial-endpoint-call-remaining", "15"}});
  EXPECT_TRUE(is(windows.requests, 20, 15, 15'000));
}

TEST(Told, names_that_only_resemble_are_nothing) {
  for (const char* name : {"x-ratelimit-limits", "x-ratelimit-limit-", "x-ratelimit-limit-requests-week",
                           "x-tokenlimit-limit-requests", "x-tokenlimitlimit-more", "anthropic-ratelimit-limit-tokens",
                           "anthropic-ratelimit-input-tokens-limit", "anthropic-ratelimit-tokenslimit"}) {
    const Windows windows = told({{name, "5"}});
    EXPECT_TRUE(is(windows.any, -1, -1, -1) && is(windows.requests, -1, -1, -1) && is(windows.tokens, -1, -1, -1))
        << name;
  }
}

TEST(Told, github_s_way_of_resets_is_an_epoch_in_seconds) {
  EXPECT_TRUE(
      is(told({{"x-ratelimit-limit", "60"}, {"x-ratelimit-remaining", "1"}, {"x-ratelimit-reset", "1791590460"}}).any,
         60, 1, 60'000));
}

TEST(Told, a_429_is_about_the_window_that_ran_out_however_it_is_called) {
  const auto verdict = [](std::initializer_list<Header> fields) {
    Headers headers;
    for (const Header& field : fields) headers.add(field.name, field.value);
    return classify(429, headers, R"({"message":"Too many requests"})", kToldAt);
  };
  const Verdict day = verdict({{"x-ratelimit-limit-requests-day", "14400"},
                               {"x-ratelimit-remaining-requests-day", "0"},
                               {"x-ratelimit-reset-requests-day", "3600"},
                               {"x-ratelimit-remaining-tokens-minute", "59000"},
                               {"x-ratelimit-reset-tokens-minute", "1"}});
  EXPECT_EQ(day.reset_unix_ms, kToldAt + 3'600'000);
  EXPECT_EQ(day.limit, 14'400);
  const Verdict minute = verdict({{"x-ratelimit-limit-req-minute", "60"}, {"x-ratelimit-remaining-req-minute", "0"}});
  EXPECT_EQ(minute.reset_unix_ms, kToldAt + 60'000);
  EXPECT_EQ(verdict({{"x-ratelimit-limit-req-minute", "0"}, {"x-ratelimit-remaining-req-minute", "0"}}).limit, 0)
      << "none at all is allowed: no wait helps";
}

TEST(Told, N1_what_can_t_be_read_is_not_told) {
  EXPECT_TRUE(
      is(told({{"x-ratelimit-limit", "many"}, {"x-ratelimit-remaining", "-5"}, {"x-ratelimit-reset", "-5"}}).any, -1,
         -1, -1));
  EXPECT_TRUE(is(told({{"x-ratelimit-limit-images", "5"}, {"x-r", "1"}, {"", "1"}}).requests, -1, -1, -1));
}

TEST(Told, section_10_gemini_s_limit_0_and_cohere_s_month_are_told_apart) {
  const Headers none;
  const Verdict zero = classify(429, none,
                                R"({"error":{"code":429,"message":"Quota exceeded for metric: x, limit: 0, model: y",)"
                                R"("status":"RESOURCE_EXHAUSTED"}})",
                                kToldAt);
  EXPECT_EQ(zero.limit, 0);
  EXPECT_EQ(classify(429, none, R"({"error":{"message":"Quota exceeded, limit: 0.5"}})", kToldAt).limit, -1);
  const Verdict month = classify(
      429, none, R"({"message":"You are using a Trial key, which is limited to 1000 API calls / month."})", kToldAt);
  EXPECT_EQ(month.fault, Fault::free_day_quota);
  EXPECT_EQ(classify(429, none, R"({"message":"Trial key: limited to 20 API calls / minute."})", kToldAt).fault,
            Fault::rate_limited);
}

}  // namespace
}  // namespace spillway
