// What policies see of a request, and what they may do to it.
#include <algorithm>

#include "json/canonical.h"
#include "llm/stored.h"
#include "proxy/client.h"
#include "proxy/known_facts.h"
#include "proxy/request.h"
#include "proxy/shared.h"
#include "proxy/worker.h"

namespace spillway {

namespace {

spw_str as_str(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace

std::string_view Request::text(spw_fact fact) const {
  switch (fact) {
    case SPW_METHOD: return head_->method;
    case SPW_PATH: return head_->path;
    case SPW_CLIENT_IP: return record_.client;
    case SPW_KEY_NAME: return record_.key;
    case SPW_REQUEST_ID: return record_.request_id;
    case SPW_ROUTE: return record_.route;
    case SPW_API: return to_string(operation_.api);
    case SPW_MODEL: return facts_.model;
    case SPW_USER: return facts_.user;
    case SPW_BODY: return body_;
    default: return {};
  }
}

std::int64_t Request::number(spw_fact fact) const {
  if (const auto known = known_number(facts_, fact)) return *known;
  switch (fact) {
    case SPW_BODY_BYTES: return static_cast<std::int64_t>(body_bytes_);
    case SPW_ATTEMPTS: return plan_.attempts();
    case SPW_STATUS: return record_.status;
    case SPW_TTFT_US: return record_.ttft_us;
    case SPW_TOTAL_US: return static_cast<std::int64_t>(worker_.clock().now_us() - started_us_);
    case SPW_IN_TOKENS: return record_.usage.input;
    case SPW_OUT_TOKENS: return record_.usage.output;
    case SPW_COST_NANO_USD: return record_.cost_usd < 0 ? -1 : static_cast<std::int64_t>(record_.cost_usd * 1e9);
    case SPW_TIME_LEFT_MS: {
      const std::uint64_t now = worker_.clock().now_us();
      return budget_end_us_ > now ? static_cast<std::int64_t>((budget_end_us_ - now) / 1000) : 0;
    }
    case SPW_END_REASON: return static_cast<std::int64_t>(record_.end);
    default: return 0;
  }
}

// What policies are told of the attempt that ends with this verdict.
spw_outcome Request::outcome_of(const Verdict& verdict, std::int64_t latency_us) const {
  spw_outcome outcome{};
  outcome.size = sizeof outcome;
  outcome.candidate = candidate_;
  outcome.error = static_cast<std::int32_t>(verdict.fault);
  outcome.status = verdict.status != 0 ? verdict.status : relay_->status();
  outcome.retry_after_ms = verdict.retry_after_ms;
  outcome.reset_unix_ms = verdict.reset_unix_ms;
  outcome.quota_limit = verdict.limit >= 0 ? verdict.limit : windows_.any.limit;
  outcome.quota_remaining = verdict.limit >= 0 ? verdict.remaining : windows_.any.remaining;
  outcome.requests_limit = windows_.requests.limit;
  outcome.requests_left = windows_.requests.remaining;
  outcome.requests_reset_ms = windows_.requests.reset_ms;
  outcome.tokens_limit = windows_.tokens.limit;
  outcome.tokens_left = windows_.tokens.remaining;
  outcome.tokens_reset_ms = windows_.tokens.reset_ms;
  outcome.latency_us = latency_us;
  outcome.ttft_us = record_.ttft_us;
  outcome.in_tokens = record_.usage.input;
  outcome.out_tokens = record_.usage.output;
  outcome.cost_usd = record_.cost_usd;
  outcome.streamed = relay_->streaming() ? 1 : 0;
  outcome.content_seen = committed_ ? 1 : 0;
  return outcome;
}

std::string_view Request::header(std::string_view name) const { return head_->headers.get(name); }

bool Request::reply(int status, std::string_view type, std::string_view body) {
  if (status < 200 || status > 599) return false;
  stored_status_ = status;
  stored_type_ = type;
  stored_body_ = body;
  return true;
}

bool Request::replay(std::string_view blob, std::int64_t age_ms) {
  Result<StoredAnswer> stored = open_stored(operation_.api, blob, facts_.stream, facts_.include_usage);
  if (!stored) return false;
  stored_body_ = std::move(stored->body);
  stored_status_ = 200;
  stored_type_ = facts_.stream ? "text/event-stream" : "application/json";
  answer_fields_.emplace_back("x-spillway-provider", std::move(stored->provider));
  answer_fields_.emplace_back("x-spillway-model", std::move(stored->model));
  answer_fields_.emplace_back("age", std::to_string(age_ms / 1000));
  return true;
}

namespace {

bool set_field(std::vector<std::pair<std::string, std::string>>& list, std::string_view name, std::string_view value) {
  for (auto& [key, old] : list) {
    if (!equal_fold(key, name)) continue;
    old = value;
    return true;
  }
  if (list.size() >= 32) return false;
  list.emplace_back(name, value);
  return true;
}

// What a plugin may not set: framing and credentials are ours.
bool reserved(std::string_view name) {
  for (const std::string_view one : {"content-length", "transfer-encoding", "connection", "host", "authorization",
                                     "x-api-key", "keep-alive", "upgrade", "te", "trailer"}) {
    if (equal_fold(name, one)) return true;
  }
  return false;
}

}  // namespace

bool Request::set_upstream_header(std::string_view name, std::string_view value) {
  return !reserved(name) && set_field(upstream_fields_, name, value);
}

bool Request::set_answer_header(std::string_view name, std::string_view value) {
  return !reserved(name) && set_field(answer_fields_, name, value);
}

bool Request::note(std::string_view name, std::string_view value) { return set_field(record_.notes, name, value); }

bool Request::capture(std::int64_t bytes_max) {
  const bool memory_short = worker_.shared().pressure.load(std::memory_order_relaxed) != Pressure::none;
  if (bytes_max <= 0 || memory_short) return false;
  capture_max_ = std::max(capture_max_, static_cast<std::size_t>(bytes_max));
  return true;
}

void Request::settle_capture() {
  if (capture_max_ == 0) return;
  const Candidate& candidate = plan_.candidates[candidate_];
  const bool answers = operation_.api == Api::embeddings || !relay_->finish().empty();
  const bool success = answers && relay_->capture_ok() && relay_->status() == 200;
  std::string blob;
  if (success) {
    blob = pack_stored(operation_.api, relay_->streaming(), candidate.provider, candidate.model, relay_->captured());
  }
  spw_answer kept{};
  kept.size = sizeof kept;
  kept.status = relay_->status();
  kept.success = success ? 1 : 0;
  kept.provider = as_str(candidate.provider);
  kept.model = as_str(candidate.model);
  kept.blob = as_str(blob);
  chain_->answer(kept);
}

std::optional<Digest> Request::fingerprint(const std::vector<std::string_view>& without) {
  if (!facts_.json || body_.empty()) return std::nullopt;
  const Result<std::string> canonical = canonical_json(worker_.scanner(), body_, body_room_, without);
  if (!canonical) return std::nullopt;
  Sha256 sum;
  for (const std::string_view part :
       {std::string_view("spillway-1"), std::string_view(record_.route), std::string_view(facts_.model),
        std::string_view(record_.key), to_string(operation_.api), std::string_view(*canonical)}) {
    const std::string length = std::to_string(part.size()) + ":";  // so that no two lists of parts run together alike
    sum.add(length);
    sum.add(part);
  }
  return sum.finish();
}

}  // namespace spillway
