// One provider's windows in another's words.
#include "llm/window_fields.h"

#include <gtest/gtest.h>

namespace spillway::llm {
namespace {

std::string written(Wire client, const Windows& windows) {
  std::string text;
  HeadWriter writer(text);
  write_windows(client, windows, 1'793'232'000'000, writer);
  return text;
}

Windows windows() {
  Windows told;
  told.requests = {30, 29, 360'000};
  told.tokens = {6000, 0, 850};
  return told;
}

TEST(WindowFields, openai_s_clients_read_durations) {
  const std::string expected =
      "x-ratelimit-limit-requests: 30\r\nx-ratelimit-remaining-requests: 29\r\nx-ratelimit-reset-requests: 6m0s\r\n"
      "x-ratelimit-limit-tokens: 6000\r\nx-ratelimit-remaining-tokens: 0\r\nx-ratelimit-reset-tokens: 850ms\r\n";
  for (const Wire wire : {Wire::openai_chat, Wire::openai_completions, Wire::openai_responses}) {
    EXPECT_EQ(written(wire, windows()), expected);
  }
  Windows long_ones;
  long_ones.requests.reset_ms = 7'322'001;
  EXPECT_EQ(written(Wire::openai_chat, long_ones), "x-ratelimit-reset-requests: 2h2m3s\r\n");
}

TEST(WindowFields, anthropic_s_read_moments) {
  EXPECT_EQ(written(Wire::anthropic, windows()),
            "anthropic-ratelimit-requests-limit: 30\r\nanthropic-ratelimit-requests-remaining: 29\r\n"
            "anthropic-ratelimit-requests-reset: 2026-10-29T00:06:00Z\r\n"
            "anthropic-ratelimit-tokens-limit: 6000\r\nanthropic-ratelimit-tokens-remaining: 0\r\n"
            "anthropic-ratelimit-tokens-reset: 2026-10-29T00:00:01Z\r\n");
}

TEST(WindowFields, who_has_none_gets_none_and_what_was_not_told_is_not_said) {
  EXPECT_EQ(written(Wire::ollama, windows()), "");
  EXPECT_EQ(written(Wire::gemini, windows()), "");
  EXPECT_EQ(written(Wire::openai_chat, {}), "");
}

}  // namespace
}  // namespace spillway::llm
