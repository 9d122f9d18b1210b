// See told.h. Headers win over the copies OpenRouter keeps inside the error, and both over what only a sentence says.
#include "llm/told.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace spillway {

namespace {

constexpr std::int64_t kDayMs = 86'400'000;

bool is_number(std::string_view text, std::int64_t& n) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  return error == std::errc() && end == text.data() + text.size() && n >= 0;
}

// A field of the answer's head, or of the headers OpenRouter repeats inside the error.
std::string_view told(const Headers& headers, const Said& said, std::string_view name) {
  if (const Header* field = headers.find(name)) return field->value;
  const JsonValue& inside = (*said.metadata)["headers"];
  for (std::size_t i = 0; i < inside.keys.size() && i < inside.items.size(); ++i) {
    if (equal_fold(inside.keys[i], name)) return inside.items[i].text;
  }
  return {};
}

// "Please try again in 7.66s." The unit must be there: "in 5 minutes" is not five seconds.
std::int64_t wait_in(std::string_view message, std::int64_t wall_ms) {
  for (const std::string_view lead : {"try again in ", "retry in "}) {
    const std::size_t at = message.find(lead);
    if (at == message.npos) continue;
    std::string_view word = message.substr(at + lead.size());
    word = word.substr(0, word.find_first_of(" ,;\n"));
    while (word.ends_with('.')) word.remove_suffix(1);
    if (!word.ends_with('s') && !word.ends_with('m') && !word.ends_with('h')) continue;
    return parse_wait_ms(word, wall_ms);
  }
  return -1;
}

}  // namespace

std::int64_t asked_wait_ms(int status, const Headers& headers, const Said& said, std::int64_t wall_ms) {
  std::int64_t ms = -1;
  if (is_number(told(headers, said, "retry-after-ms"), ms)) return ms;
  ms = parse_wait_ms(told(headers, said, "retry-after"), wall_ms);
  for (const JsonValue& detail : said.details->items) {
    if (ms < 0) ms = parse_wait_ms(detail["retryDelay"].string(), wall_ms);
  }
  return ms < 0 && (status == 429 || status == 503) ? wait_in(said.message, wall_ms) : ms;
}

namespace {

struct WindowField {
  std::string_view name;
  Window Windows::*window;
  std::int64_t Window::*field;
};
constexpr WindowField kWindowFields[] = {
    {"x-ratelimit-limit", &Windows::any, &Window::limit},
    {"x-ratelimit-remaining", &Windows::any, &Window::remaining},
    {"x-ratelimit-reset", &Windows::any, &Window::reset_ms},
    {"x-ratelimit-limit-requests", &Windows::requests, &Window::limit},
    {"x-ratelimit-remaining-requests", &Windows::requests, &Window::remaining},
    {"x-ratelimit-reset-requests", &Windows::requests, &Window::reset_ms},
    {"x-ratelimit-limit-tokens", &Windows::tokens, &Window::limit},
    {"x-ratelimit-remaining-tokens", &Windows::tokens, &Window::remaining},
    {"x-ratelimit-reset-tokens", &Windows::tokens, &Window::reset_ms},
    {"anthropic-ratelimit-requests-limit", &Windows::requests, &Window::limit},
    {"anthropic-ratelimit-requests-remaining", &Windows::requests, &Window::remaining},
    {"anthropic-ratelimit-requests-reset", &Windows::requests, &Window::reset_ms},
    {"anthropic-ratelimit-tokens-limit", &Windows::tokens, &Window::limit},
    {"anthropic-ratelimit-tokens-remaining", &Windows::tokens, &Window::remaining},
    {"anthropic-ratelimit-tokens-reset", &Windows::tokens, &Window::reset_ms},
    {"x-tokenlimit-limit", &Windows::tokens, &Window::limit},
    {"x-tokenlimit-remaining", &Windows::tokens, &Window::remaining},
    {"x-tokenlimit-reset", &Windows::tokens, &Window::reset_ms},
};

}  // namespace

Windows read_windows(const Headers& headers, std::int64_t wall_ms) {
  constexpr std::size_t kShortest = std::string_view("x-ratelimit-limit").size();
  Windows windows;
  for (const Header& header : headers) {
    if (header.name.size() < kShortest || (header.name[1] != '-' && header.name[1] != 'n' && header.name[1] != 'N'))
      continue;  // most heads have none of these, and this runs for every answer
    for (const WindowField& one : kWindowFields) {
      if (!equal_fold(header.name, one.name)) continue;
      std::int64_t n = -1;
      const bool reset = one.field == &Window::reset_ms;
      if (reset) n = parse_wait_ms(header.value, wall_ms);
      if (!reset && !is_number(header.value, n)) n = -1;
      windows.*one.window.*one.field = n;
      break;
    }
  }
  return windows;
}

namespace {

// Limit, remaining and reset of one window, as OpenRouter and Together, as OpenAI and Groq, or as Anthropic spell it.
struct WindowText {
  std::string_view limit, remaining, reset;
};

WindowText window_of(int status, const Headers& headers, const Said& said) {
  const auto read = [&](std::string_view limit, std::string_view remaining, std::string_view reset) {
    return WindowText{told(headers, said, limit), told(headers, said, remaining), told(headers, said, reset)};
  };
  WindowText window = read("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset");
  if (status != 429 || !window.reset.empty()) return window;
  const std::array<WindowText, 4> several = {
      read("x-ratelimit-limit-requests", "x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"),
      read("x-ratelimit-limit-tokens", "x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"),
      read("anthropic-ratelimit-requests-limit", "anthropic-ratelimit-requests-remaining",
           "anthropic-ratelimit-requests-reset"),
      read("anthropic-ratelimit-tokens-limit", "anthropic-ratelimit-tokens-remaining",
           "anthropic-ratelimit-tokens-reset")};
  for (std::size_t i = 0; i < several.size(); i += 2) {
    if (several[i].reset.empty() && several[i + 1].reset.empty()) continue;
    // Requests are left, so it was the tokens that ran out, though their own rest need not be zero.
    std::int64_t left = 0;
    const bool tokens = several[i].reset.empty() || (is_number(several[i].remaining, left) && left > 0);
    return tokens && !several[i + 1].reset.empty() ? several[i + 1] : several[i];
  }
  return window;
}

}  // namespace

namespace {

// Gemini: "Quota exceeded for metric: ..., limit: 0": the model is not in the free tier, so no wait helps.
bool no_quota_at_all(const Said& said) {
  constexpr std::string_view kZero = "limit: 0";
  const std::size_t at = said.text.find(kZero);
  if (at == said.text.npos) return false;
  const std::size_t end = at + kZero.size();
  return end == said.text.size() || (said.text[end] != '.' && (said.text[end] < '0' || said.text[end] > '9'));
}

}  // namespace

void read_waits(Verdict& verdict, int status, const Headers& headers, const Said& said, std::int64_t wall_ms) {
  const std::int64_t most = verdict.fault == Fault::free_day_quota ? 2 * kDayMs : kDayMs;
  const std::int64_t ms = asked_wait_ms(status, headers, said, wall_ms);
  if (ms >= 0) verdict.retry_after_ms = std::min(ms, most);
  const WindowText window = window_of(status, headers, said);
  const std::int64_t reset = parse_wait_ms(window.reset, wall_ms);
  if (reset >= 0) verdict.reset_unix_ms = wall_ms + std::min(reset, most);
  std::int64_t n = -1;
  if (is_number(window.limit, n)) verdict.limit = n;
  if (is_number(window.remaining, n)) verdict.remaining = n;
  if (status == 429 && no_quota_at_all(said)) verdict.limit = 0;
}

}  // namespace spillway
