// Section 11's rows in their order; the first that matches wins.
#include "llm/classify.h"

#include <algorithm>
#include <array>

#include "http/headers.h"
#include "json/scan.h"
#include "llm/said.h"
#include "llm/told.h"

namespace spillway {

namespace {

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

// The first list can mean nothing else; the loose forms also match a limit of tokens per minute.
bool plain_context(std::string_view text) {
  return has_any(text, {"input tokens exceed", "maximum context length", "too many tokens", "reduce the length",
                        "context_length_exceeded", "prompt is too long", "string_too_long", "token_limit_exceeded"});
}

bool loose_context(std::string_view text) {
  return near(text, "context", {"length", "window", "limit"}) || near(text, "token", {"limit", "exceed"});
}

bool rate_text(std::string_view text) {
  return has_any(text,
                 {"rate limited", "rate-limited", "rate limit exceeded", "rate_limit_exceeded", "rate_limit_error"});
}

bool rate_unit(std::string_view text) {
  return has_any(text, {"per minute", "per second", "per day", "(tpm)", "(tpd)", "rate limit", "rate-limit"});
}

// An error inside a 2xx often has no number, only a code or type (U13).
int implied_status(std::string_view codes) {
  constexpr std::array<std::pair<std::string_view, int>, 15> kWords = {{{"authentication", 401},
                                                                        {"invalid_api_key", 401},
                                                                        {"unauthenticated", 401},
                                                                        {"payment_required", 402},
                                                                        {"permission", 403},
                                                                        {"not_found", 404},
                                                                        {"too_large", 413},
                                                                        {"rate_limit", 429},
                                                                        {"resource_exhausted", 429},
                                                                        {"too_many_requests", 429},
                                                                        {"invalid_request", 400},
                                                                        {"invalid_argument", 400},
                                                                        {"invalid_prompt", 400},
                                                                        {"unprocessable", 422},
                                                                        {"overloaded", 529}}};
  for (const auto& [word, status] : kWords) {
    if (has(codes, word)) return status;
  }
  return 0;
}

bool no_credit(int status, std::string_view codes, std::string_view text) {
  const auto is_in = [](std::string_view where) {
    return has_any(where, {"insufficient_quota", "billing_error", "credit_balance_exhausted", "spend_limit"});
  };
  return status == 402 || is_in(codes) || is_in(text) ||
         has_any(codes,
                 {"openrouter_key_limit", "openrouter_credits", "exceeded_current_quota", "billing_hard_limit"}) ||
         has_any(text, {"key limit exceeded", "monthly included credits"});
}

// Rows 2 to 6: somebody's quota. 400, 404, 413 and 422 may quote the client, so there only codes are believed.
Fault quota_row(int status, bool may_wait, const Said& said) {
  const std::string_view codes = said.codes;
  const bool quotes = status == 400 || status == 404 || status == 413 || status == 422;
  const std::string_view text = quotes ? std::string_view() : std::string_view(said.text);
  if (has(text, "free-models-per-day") || has(codes, "openrouter_free_tier_daily") ||
      (status == 429 && (has(codes, "perday") || has(text, "calls / month")))) {  // Cohere's trial
    return Fault::free_day_quota;
  }
  if (has(text, "free-models-per-min")) return Fault::free_minute_quota;
  if (has(codes, "openrouter_in_flight_budget") || (status == 402 && may_wait)) return Fault::in_flight_budget;
  // Anthropic says it with 400, at the front, where nobody is quoted.
  if (no_credit(status, codes, text) || said.text.starts_with("your credit balance is too low"))
    return Fault::no_credit;
  if (status == 429 || status == 498 || (status >= 500 && said.code == 429) || rate_text(text) ||
      (!quotes && rate_text(said.raw))) {
    return Fault::rate_limited;
  }
  // 413 with a rate limit's code is one request above the whole limit (Groq): waiting would not help.
  return status != 413 && rate_text(codes) ? Fault::rate_limited : Fault::none;
}

// Row 7, or row 6 where a 400 turns out to speak of tokens per minute (Q-16's trap).
Fault length_row(int status, const Said& said) {
  if (status == 413 || has_any(said.codes, {"context_length_exceeded", "token_limit_exceeded", "string_too_long"}))
    return Fault::context_length;
  const std::string text = said.text + said.raw;
  if (status == 403) {  // Together: prompt and max_tokens above the window
    return plain_context(text) || near(text, "max_new_tokens", {"exceed", "must be"}) ||
                   near(text, "max_tokens", {"exceed", "must be"})
               ? Fault::context_length
               : Fault::none;
  }
  if (status != 400 && status != 422) return Fault::none;
  if (plain_context(text)) return Fault::context_length;
  if (!loose_context(text)) return Fault::none;
  return rate_unit(text) ? Fault::rate_limited : Fault::context_length;
}

bool moderated(int status, const Said& said) {
  const JsonValue& about = *said.metadata;
  return has_any(said.codes, {"content_policy_violation", "content_filter", "\nrefusal\n"}) ||
         (status == 403 && (about.has("reasons") || about.has("flagged_input") || about.has("patterns")));
}

bool unsupported(int status, const Said& said) {
  const std::string text = said.codes + said.text + said.raw;
  if (status == 404) return has(text, "no endpoints found that support");
  return (status == 400 || status == 422) &&
         has_any(text, {"unsupported parameter", "unsupported_parameter", "unsupported value", "unsupported_value",
                        "is unsupported", "does not support", "model_not_supported"});
}

Fault row_of(int status, bool may_wait, const Said& said) {
  if (const Fault fault = quota_row(status, may_wait, said); fault != Fault::none) return fault;
  if (const Fault fault = length_row(status, said); fault != Fault::none) return fault;
  const std::string_view codes = said.codes;
  if (moderated(status, said)) return Fault::content_policy;
  if (status == 401 || status == 403 || has(codes, "api_key_invalid")) return Fault::auth;
  if (unsupported(status, said)) return Fault::unsupported;
  if (status == 404) return Fault::not_found;
  if (status == 408 || status == 504 || status == 524 ||
      has_any(codes, {"timeout_error", "\ntimeout\n", "deadline_exceeded"})) {
    return Fault::timeout;
  }
  return status >= 400 && status < 500 && !has(codes, "overloaded") ? Fault::bad_request : Fault::transient;
}

}  // namespace

std::string_view to_string(Fault fault) {
  constexpr std::array<std::string_view, 16> kNames = {
      "none",        "client_gone",  "free_day_quota", "free_minute_quota", "in_flight_budget",
      "no_credit",   "rate_limited", "context_length", "content_policy",    "auth",
      "unsupported", "not_found",    "bad_request",    "timeout",           "transient",
      "mid_stream"};
  CHECK(static_cast<std::size_t>(fault) < kNames.size());
  return kNames[static_cast<std::size_t>(fault)];
}

const Consequence& consequence(Fault fault) {
  CHECK(static_cast<std::size_t>(fault) < kTable.size());
  return kTable[static_cast<std::size_t>(fault)];
}

std::int64_t Verdict::wait_ms(std::int64_t wall_ms) const {
  if (retry_after_ms >= 0) return retry_after_ms;
  const bool spent =
      fault == Fault::rate_limited || fault == Fault::free_day_quota || fault == Fault::free_minute_quota;
  return spent && reset_unix_ms >= wall_ms ? reset_unix_ms - wall_ms : -1;
}

Verdict classify(int status, const Headers& headers, std::string_view body, std::int64_t wall_ms) {
  Verdict verdict;
  verdict.status = status;
  JsonValue root;
  if (Result<JsonValue> parsed = parse_json(body)) root = std::move(*parsed);
  const Said said = listen(root, body);
  int counts = status;
  if (status >= 200 && status < 300) {
    // An error after the model started comes as 200 (O-8); its own code is what counts.
    if (!said.error) return verdict;
    verdict.status = said.code >= 100 && said.code < 600 ? static_cast<int>(said.code) : 0;
    counts = verdict.status != 0 ? verdict.status : implied_status(said.codes);
  }
  const bool may_wait = asked_wait_ms(counts, headers, said, wall_ms) >= 0;
  verdict.fault = row_of(counts, may_wait, said);
  verdict.message = said.message.empty() ? "status " + std::to_string(status) : said.message;
  read_waits(verdict, counts, headers, said, wall_ms);
  return verdict;
}

Verdict classify(const Error& error) {
  Verdict verdict;
  verdict.fault = error.kind == Kind::timeout ? Fault::timeout : Fault::transient;
  verdict.message = error.detail;
  return verdict;
}

}  // namespace spillway
