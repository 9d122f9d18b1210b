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
