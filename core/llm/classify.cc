// Section 11's rows in their order; the first that matches wins.
#include "llm/classify.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "http/headers.h"
#include "json/scan.h"

namespace spillway {

namespace {

constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::size_t kTextBytes = 4096;    // of an error that are searched
constexpr std::size_t kMessageBytes = 1024;

constexpr std::array<Consequence, 16> kTable = {{
    // same, next, other account, spill, bigger, breaker
    {false, false, false, false, false, false},  // none
    {false, false, false, false, false, false},  // client_gone
    {false, true, true, true, false, false},     // free_day_quota
    {false, true, true, true, false, false},     // free_minute_quota
    {false, true, false, false, false, false},   // in_flight_budget
    {false, true, true, false, false, false},    // no_credit
    {false, true, false, true, false, false},    // rate_limited
    {false, true, false, true, true, false},     // context_length
    {false, false, false, false, false, false},  // content_policy
    {false, true, true, true, false, false},     // auth
    {false, true, false, true, false, false},    // unsupported
    {false, true, false, true, false, false},    // not_found
    {false, false, false, false, false, false},  // bad_request
    {false, true, false, true, false, true},     // timeout
    {true, true, false, true, false, true},      // transient
    {false, false, false, false, false, true},   // mid_stream
}};

std::string lower(std::string_view text) {
  std::string out(text.substr(0, kTextBytes));
  std::transform(out.begin(), out.end(), out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

bool has(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

bool has_any(std::string_view text, std::initializer_list<std::string_view> parts) {
  return std::any_of(parts.begin(), parts.end(), [&](std::string_view part) { return has(text, part); });
}

// `first` and `second` with at most 20 bytes between (Q-16's `.{0,20}`).
bool near(std::string_view text, std::string_view first, std::initializer_list<std::string_view> seconds) {
  for (std::size_t at = text.find(first); at != text.npos; at = text.find(first, at + 1)) {
    const std::string_view after = text.substr(at + first.size());
    for (const std::string_view second : seconds) {
      if (after.substr(0, 20 + second.size()).find(second) != after.npos) return true;
    }
  }
  return false;
}

bool context_text(std::string_view text) {
  return has_any(text, {"input tokens exceed", "maximum context length", "too many tokens", "reduce the length",
                        "context_length_exceeded", "prompt is too long", "string_too_long", "token_limit_exceeded"}) ||
         near(text, "context", {"length", "window", "limit"}) || near(text, "token", {"limit", "exceed"});
}

std::int64_t integer_of(const JsonValue& value) {
  if (value.is(JsonType::number)) return value.integer(-1);
  std::int64_t n = -1;
  const std::string_view text = value.string();
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  return error == std::errc() && end == text.data() + text.size() ? n : -1;
}

// What an error body says, whoever wrote it (semantics.md section 10).
struct Said {
  bool error = false;      // there is an error inside
  std::int64_t code = -1;  // numeric
  std::string words;       // codes, types and texts, lower case, to be searched
  std::string message;
  const JsonValue* metadata = nullptr;
  const JsonValue* details = nullptr;
};

void add_words(Said& said, std::string_view text) {
  if (said.words.size() > kTextBytes || text.empty()) return;
  said.words += lower(text);
  said.words += '\n';
}

Said listen(const JsonValue& root) {
  Said said;
  const JsonValue& top = root.is(JsonType::array) ? root.at(0) : root;
  const JsonValue& error = top["error"];
  said.error = (top.has("error") && !error.is(JsonType::null)) || top["type"].string() == "error" || top["object"].string() == "error";
  const JsonValue& body = error.is(JsonType::object) ? error : top;
  said.code = integer_of(body["code"]);
  for (const std::string_view key : {"code", "type", "status", "message", "detail", "title"}) add_words(said, body[key].string());
  if (error.is(JsonType::string)) add_words(said, error.string());
  said.metadata = &body["metadata"];
  said.details = &body["details"];
  for (const std::string_view key : {"raw", "limit_source", "error_type", "provider_code"}) add_words(said, (*said.metadata)[key].string());
  add_words(said, body["details"]["error_code"].string());
  for (const JsonValue& detail : said.details->items) {
    for (const JsonValue& violation : detail["violations"].items) add_words(said, violation["quotaId"].string());
  }
  for (const std::string_view text : {error.string(), body["message"].string(), body["message"]["detail"].string(), body["detail"].string()}) {
    if (said.message.empty()) said.message = text.substr(0, kMessageBytes);
  }
  if (const std::string_view raw = (*said.metadata)["raw"].string(); !raw.empty() && said.message.size() < kMessageBytes / 2) {
    said.message.append(": ").append(raw.substr(0, kMessageBytes / 2));
  }
  return said;
}

bool is_number(std::string_view text, std::int64_t& n) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  return error == std::errc() && end == text.data() + text.size() && n >= 0;
}

// A field of the answer's head, or of the headers OpenRouter repeats inside the error.
std::string_view told(const Headers& headers, const Said& said, std::string_view name) {
  if (const Header* field = headers.find(name)) return field->value;
  if (said.metadata == nullptr) return {};
  const JsonValue& inside = (*said.metadata)["headers"];
  for (std::size_t i = 0; i < inside.keys.size() && i < inside.items.size(); ++i) {
    if (equal_fold(inside.keys[i], name)) return inside.items[i].text;
  }
  return {};
}

void read_waits(Verdict& verdict, const Headers& headers, const Said& said, std::int64_t wall_ms) {
  const std::int64_t most = verdict.fault == Fault::free_day_quota ? 2 * kDayMs : kDayMs;
  const auto wait = [&](std::string_view text) { return text.empty() ? -1 : parse_wait_ms(text, wall_ms); };
  std::int64_t ms = -1;
  std::int64_t exact = -1;
  if (is_number(told(headers, said, "retry-after-ms"), exact)) ms = exact;
  if (ms < 0) ms = wait(told(headers, said, "retry-after"));
  if (said.details != nullptr) {
    for (const JsonValue& detail : said.details->items) {
      if (ms < 0) ms = wait(detail["retryDelay"].string());
    }
  }
  if (ms >= 0) verdict.retry_after_ms = std::min(ms, most);
  std::int64_t reset = wait(told(headers, said, "x-ratelimit-reset"));
  if (reset < 0 && verdict.status == 429) reset = wait(told(headers, said, "x-ratelimit-reset-requests"));
  if (reset < 0 && verdict.status == 429) reset = wait(told(headers, said, "anthropic-ratelimit-requests-reset"));
  if (reset >= 0) verdict.reset_unix_ms = wall_ms + std::min(reset, most);
  std::int64_t n = -1;
  if (is_number(told(headers, said, "x-ratelimit-limit"), n)) verdict.limit = n;
  if (is_number(told(headers, said, "x-ratelimit-remaining"), n)) verdict.remaining = n;
}

Fault row_of(int status, const Headers& headers, const Said& said) {
  const std::string_view words = said.words;
  const bool may_wait = headers.find("retry-after") != nullptr;
  if (has_any(words, {"free-models-per-day", "openrouter_free_tier_daily"}) || (status == 429 && has(words, "perday"))) {
    return Fault::free_day_quota;
  }
  if (has(words, "free-models-per-min")) return Fault::free_minute_quota;
  if (has(words, "openrouter_in_flight_budget") || (status == 402 && may_wait)) return Fault::in_flight_budget;
  if (status == 402 || has_any(words, {"insufficient_quota", "billing_error", "credit_balance_exhausted", "spend_limit",
                                       "key limit exceeded", "openrouter_key_limit", "openrouter_credits", "monthly included credits"})) {
    return Fault::no_credit;
  }
  if (status == 429 || status == 498 || has_any(words, {"rate_limit_error", "rate_limit_exceeded", "temporarily rate-limited upstream"})) {
    return Fault::rate_limited;
  }
  const bool asked_wrong = status == 400 || status == 422;
  if (status == 413 || has_any(words, {"context_length_exceeded", "token_limit_exceeded"}) || (asked_wrong && context_text(words)) ||
      (status == 403 && near(words, "tokens", {"exceed", "must be"}))) {
    return Fault::context_length;
  }
  if (has_any(words, {"content_policy_violation", "content_filter", "\nrefusal\n"}) ||
      (status == 403 && said.metadata != nullptr && (said.metadata->has("reasons") || said.metadata->has("flagged_input")))) {
    return Fault::content_policy;
  }
  if (status == 401 || status == 403) return Fault::auth;
  if ((status == 404 && has(words, "no endpoints found that support")) ||
      (asked_wrong && has_any(words, {"unsupported parameter", "unsupported_parameter", "unsupported value", "does not support"}))) {
    return Fault::unsupported;
  }
  if (status == 404) return Fault::not_found;
  if (status == 408 || status == 504 || status == 524 || has_any(words, {"timeout_error", "deadline_exceeded"})) return Fault::timeout;
  if (status >= 400 && status < 500 && !has(words, "overloaded")) return Fault::bad_request;
  return Fault::transient;
}

}  // namespace

std::string_view to_string(Fault fault) {
  constexpr std::array<std::string_view, 16> kNames = {
      "none", "client_gone", "free_day_quota", "free_minute_quota", "in_flight_budget", "no_credit", "rate_limited",
      "context_length", "content_policy", "auth", "unsupported", "not_found", "bad_request", "timeout", "transient", "mid_stream"};
  CHECK(static_cast<std::size_t>(fault) < kNames.size());
  return kNames[static_cast<std::size_t>(fault)];
}

const Consequence& consequence(Fault fault) {
  CHECK(static_cast<std::size_t>(fault) < kTable.size());
  return kTable[static_cast<std::size_t>(fault)];
}

Verdict classify(int status, const Headers& headers, std::string_view body, std::int64_t wall_ms) {
  Verdict verdict;
  verdict.status = status;
  JsonValue root;
  if (Result<JsonValue> parsed = parse_json(body)) root = std::move(*parsed);
  Said said = listen(root);
  if (status >= 200 && status < 300) {
    // An error after the model started comes as 200 (O-8); its own code is what counts.
    if (!said.error) return verdict;
    verdict.status = said.code >= 100 && said.code < 600 ? static_cast<int>(said.code) : 0;
  }
  if (said.message.empty()) {
    const std::string_view plain = trim(body);
    if (!plain.starts_with('{') && !plain.starts_with('<')) said.message = plain.substr(0, kMessageBytes);
    add_words(said, plain);
  }
  verdict.fault = row_of(verdict.status, headers, said);
  verdict.message = said.message.empty() ? "status " + std::to_string(status) : said.message;
  read_waits(verdict, headers, said, wall_ms);
  return verdict;
}

Verdict classify(const Error& error) {
  Verdict verdict;
  verdict.fault = error.kind == Kind::timeout ? Fault::timeout : Fault::transient;
  verdict.message = error.detail;
  return verdict;
}

}  // namespace spillway
