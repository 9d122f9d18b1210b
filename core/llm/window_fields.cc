#include "llm/window_fields.h"

#include <string>

#include "base/calendar.h"

namespace spillway::llm {

namespace {

// "850ms", "1s", "6m0s"; Go's way, which OpenAI's clients read.
std::string duration(std::int64_t ms) {
  if (ms < 1000) return std::to_string(ms) + "ms";
  const std::int64_t seconds = (ms + 999) / 1000;
  std::string text;
  if (seconds >= 3600) text += std::to_string(seconds / 3600) + "h";
  if (seconds >= 60) text += std::to_string(seconds / 60 % 60) + "m";
  return text + std::to_string(seconds % 60) + "s";
}

std::string moment(std::int64_t wall_ms) {  // RFC 3339, to the second above
  return utc_text((wall_ms + 999) / 1000);
}

}  // namespace

void write_windows(Wire client, const Windows& windows, std::int64_t wall_ms, HeadWriter& writer) {
  const bool anthropic = client == Wire::anthropic;
  const bool openai =
      client == Wire::openai_chat || client == Wire::openai_completions || client == Wire::openai_responses;
  if (!anthropic && !openai) return;
  const auto put = [&](std::string_view what, const std::string& unit, const std::string& value) {
    writer.foreign_field(anthropic ? "anthropic-ratelimit-" + unit + "-" + std::string(what)
                                   : "x-ratelimit-" + std::string(what) + "-" + unit,
                         value);
  };
  const auto put_window = [&](const Window& window, const std::string& unit) {
    if (window.limit >= 0) put("limit", unit, std::to_string(window.limit));
    if (window.remaining >= 0) put("remaining", unit, std::to_string(window.remaining));
    if (window.reset_ms < 0) return;
    put("reset", unit, anthropic ? moment(wall_ms + window.reset_ms) : duration(window.reset_ms));
  };
  put_window(windows.requests, "requests");
  put_window(windows.tokens, "tokens");
}

}  // namespace spillway::llm
