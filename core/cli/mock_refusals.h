// The synthetic provider's refusals, in each wire format: errors, spent quotas as their providers spell them, and what
// heads tell of a window of requests. Whole responses. Pure.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "cli/mock_answers.h"
#include "llm/message.h"

namespace spillway {

std::string mock_refusal(llm::Wire wire, int status, std::string_view message, MockFields more = {});
// The 429s of semantics.md O-6 ("429-day", "429-minute", "429-upstream") and what other providers say in their place.
std::string mock_quota(llm::Wire wire, std::string_view kind, std::int64_t wall_ms);

// A window of requests: `left` of `limit` are there, all of them again in `owed_ms`.
struct MockWindow {
  std::int64_t limit = 0, left = 0, owed_ms = 0;
};
// `response` with the window in its head as OpenAI or Anthropic tell it; others tell none.
std::string mock_told(std::string response, llm::Wire wire, const MockWindow& window, std::int64_t wall_ms);

}  // namespace spillway
