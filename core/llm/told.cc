// See told.h. Headers win over the copies OpenRouter keeps inside the error, and both over what only a sentence says.
#include "llm/told.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/ascii.h"

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

constexpr std::int64_t kMinuteMs = 60'000, kHourMs = 3'600'000;

// What a window counts and over how long, where its name says so and its reset may be left out.
struct Span {
  std::string_view name;
  Window Windows::*window;
  std::int64_t ms = 0;
};
constexpr Span kSpans[] = {
    {"", &Windows::any},                                 // OpenRouter, Together
    {"requests", &Windows::requests},                    // OpenAI, Groq, xAI, Azure, Anthropic
    {"tokens", &Windows::tokens},                        //
    {"requests-minute", &Windows::requests, kMinuteMs},  // Cerebras
    {"requests-hour", &Windows::requests, kHourMs},      //
    {"requests-day", &Windows::requests, kDayMs},        //
    {"tokens-minute", &Windows::tokens, kMinuteMs},      // and Mistral
    {"tokens-hour", &Windows::tokens, kHourMs},          //
    {"tokens-day", &Windows::tokens, kDayMs},            //
    {"req-minute", &Windows::requests, kMinuteMs},       // Mistral
    {"tokens-prompt", &Windows::tokens, kMinuteMs},      // Fireworks; what is generated has a budget of its own
};
constexpr Span kTogether = {"x-tokenlimit", &Windows::tokens};
constexpr Span kCohere = {"x-trial-endpoint-call", &Windows::requests, kMinuteMs};  // of trial keys

struct Part {  // of a window that a field's name names
  const Span* span = nullptr;
  std::int64_t Window::*field = nullptr;
};

bool take_prefix(std::string_view& name, std::string_view prefix) {
  if (name.size() <= prefix.size() || !equal_fold(name.substr(0, prefix.size()), prefix)) return false;
  name.remove_prefix(prefix.size());
  return true;
}

// The word that a name goes on with, or for Anthropic ends in: their first letters tell which it could be.
constexpr std::pair<std::string_view, std::int64_t Window::*> kFields[] = {
    {"limit", &Window::limit}, {"remaining", &Window::remaining}, {"reset", &Window::reset_ms}};

const Span* span_of(std::string_view name) {
  for (const Span& span : kSpans) {
    if (equal_fold(name, span.name)) return &span;
  }
  return nullptr;
}

// "anthropic-ratelimit-requests-remaining"
Part anthropic_part(std::string_view name) {
  if (!take_prefix(name, "anthropic-ratelimit-")) return {};
  for (const auto& [word, field] : kFields) {
    if (name.size() < word.size() + 2 || !equal_fold(name.substr(name.size() - word.size()), word)) continue;
    name.remove_suffix(word.size());
    const Span* span = name.back() == '-' ? span_of(name.substr(0, name.size() - 1)) : nullptr;
    return span == nullptr ? Part{} : Part{span, field};
  }
  return {};
}

// "x-ratelimit-remaining-requests-day", "x-tokenlimit-remaining"
Part part_of(std::string_view name) {
  if (name[1] != '-') return anthropic_part(name);
  const Span* own = nullptr;
  if (!take_prefix(name, "x-ratelimit-")) {
    own = lower(name[3]) == 'o' ? &kTogether : &kCohere;
    if (!take_prefix(name, own->name) || !take_prefix(name, "-")) return {};
  }
  if (name.empty()) return {};
  const auto& [word, field] = kFields[lower(name[0]) == 'l' ? 0 : name.size() > 2 && lower(name[2]) == 'm' ? 1 : 2];
  if (name.size() < word.size() || !equal_fold(name.substr(0, word.size()), word)) return {};
  name.remove_prefix(word.size());
  if (own != nullptr) return name.empty() ? Part{own, field} : Part{};
  if (name.size() == 1 || (!name.empty() && name[0] != '-')) return {};
  const Span* span = span_of(name.empty() ? name : name.substr(1));
  return span == nullptr ? Part{} : Part{span, field};
}

// Whether a name may be one of them: most heads have none, and this is asked of every answer.
bool may_tell(std::string_view name) {
  constexpr std::size_t kShortest = std::string_view("x-ratelimit-limit").size();
  if (name.size() < kShortest) return false;
  if (name[1] == '-') return lower(name[2]) == 'r' || lower(name[2]) == 't';
  return lower(name[0]) == 'a' && lower(name[1]) == 'n';
}

// Of several of a kind the one with least left counts, of equals the one that opens last.
void keep_tightest(Window& kept, const Window& other) {
  if (other.limit < 0 && other.remaining < 0 && other.reset_ms < 0) return;
  const bool untold = kept.limit < 0 && kept.remaining < 0 && kept.reset_ms < 0;
  const bool less = other.remaining >= 0 && (kept.remaining < 0 || other.remaining < kept.remaining);
  if (untold || less || (other.remaining == kept.remaining && other.reset_ms > kept.reset_ms)) kept = other;
}

struct Told {  // a window by the name that tells it
  const Span* span = nullptr;
  Window window;
};

[[gnu::noinline]] Windows windows_from(const Headers& headers, std::int64_t wall_ms) {
  std::array<Told, std::size(kSpans) + 2> told;  // only the first n are read
  std::size_t n = 0;
  for (const Header& header : headers) {
    const Part part = may_tell(header.name) ? part_of(header.name) : Part{};
    if (part.span == nullptr) continue;
    std::size_t i = 0;
    while (i < n && told[i].span != part.span) ++i;
    if (i == n) told[n++] = {part.span, {}};
    std::int64_t value = -1;
    const bool reset = part.field == &Window::reset_ms;
    if (reset) value = parse_wait_ms(header.value, wall_ms);
    if (!reset && !is_number(header.value, value)) value = -1;
    told[i].window.*part.field = value;
  }
  Windows windows;
  for (std::size_t i = 0; i < n; ++i) {
    auto& [span, window] = told[i];
    // It refills evenly: what is gone is back after its share of the span.
    const bool share = span->ms > 0 && window.reset_ms < 0 && window.limit > 0 && window.remaining >= 0;
    if (share && window.remaining < window.limit) {
      window.reset_ms = static_cast<std::int64_t>(static_cast<double>(span->ms) / static_cast<double>(window.limit) *
                                                  static_cast<double>(window.limit - window.remaining));
    }
    keep_tightest(windows.*(span->window), window);
  }
  return windows;
}

}  // namespace

Windows read_windows(const Headers& headers, std::int64_t wall_ms) {
  for (const Header& header : headers) {
    if (may_tell(header.name)) return windows_from(headers, wall_ms);
  }
  return {};
}

namespace {

// The window that an error is about: as OpenRouter tells it, in its error's copy of the head too, else the one of the
// head's that ran out.
Window window_of(int status, const Headers& headers, const Said& said, std::int64_t wall_ms) {
  Window window;
  is_number(told(headers, said, "x-ratelimit-limit"), window.limit);
  is_number(told(headers, said, "x-ratelimit-remaining"), window.remaining);
  window.reset_ms = parse_wait_ms(told(headers, said, "x-ratelimit-reset"), wall_ms);
  if (status != 429 || window.reset_ms >= 0) return window;
  const Windows several = read_windows(headers, wall_ms);
  const auto ran_out = [](const Window& one) { return one.reset_ms >= 0 || one.limit == 0; };
  if (!ran_out(several.requests) && !ran_out(several.tokens)) return window;
  // Requests are left, so it was the tokens that ran out, though their own rest need not be zero.
  const bool tokens = !ran_out(several.requests) || several.requests.remaining > 0;
  return tokens && ran_out(several.tokens) ? several.tokens : several.requests;
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
  const Window window = window_of(status, headers, said, wall_ms);
  if (window.reset_ms >= 0) verdict.reset_unix_ms = wall_ms + std::min(window.reset_ms, most);
  if (window.limit >= 0) verdict.limit = window.limit;
  if (window.remaining >= 0) verdict.remaining = window.remaining;
  if (status == 429 && no_quota_at_all(said)) verdict.limit = 0;
}

}  // namespace spillway
