// The other half of a chain: what policies are told of attempts, answers and the end. Every one of these hooks goes to
// all policies whose on_request ran and did not fail; on_end to those that failed as well.
#include <utility>

#include "policy/call.h"

namespace spillway {

namespace {

spw_outcome not_sent(std::size_t i) {
  spw_outcome outcome{};
  outcome.size = sizeof outcome;
  outcome.candidate = i;
  outcome.error = SPW_E_NOT_SENT;
  outcome.retry_after_ms = outcome.reset_unix_ms = outcome.quota_limit = outcome.quota_remaining = -1;
  outcome.latency_us = outcome.ttft_us = outcome.in_tokens = outcome.out_tokens = -1;
  outcome.cost_usd = -1;
  outcome.requests_limit = outcome.requests_left = outcome.requests_reset_ms = -1;
  outcome.tokens_limit = outcome.tokens_left = outcome.tokens_reset_ms = -1;
  return outcome;
}

}  // namespace

bool Chain::attempt(std::size_t i) {
  CHECK(i < plan_.candidates.size());
  CHECK(admitted_ == kNobody);
  Laps laps(worker_);
  for (std::size_t at = 0; at < begun_; ++at) {
    Slot& slot = slots_[at];
    slot.admitted = !slot.failed;
    if (slot.failed || slot.plugin->on_attempt == nullptr) continue;
    std::int32_t code = 0;
    laps.begin();
    {
      const Hooked hooked(*slot.host, Hook::attempt, this, at, slot.block);
      code = slot.plugin->on_attempt(&slot.host->call, i);
    }
    laps.lap(*slot.host);
    if (code == 0 && !plan_.candidates[i].excluded) continue;
    // Who excludes it and yet lets it pass may hold something for it, so hears that it was not sent.
    slot.admitted = code == 0;
    if (!plan_.candidates[i].excluded) {
      plan_.exclude(i, static_cast<std::uint8_t>(at + 1), Out::policy, -1, "refused by " + slot.host->name());
    }
    take_back(i);
    return false;
  }
  admitted_ = i;
  return true;
}

void Chain::take_back(std::size_t i) {
  const spw_outcome told = not_sent(i);
  admitted_ = i;
  outcome(told);
}

void Chain::content(std::size_t i) {
  Laps laps(worker_);
  for (std::size_t at = 0; at < begun_; ++at) {
    Slot& slot = slots_[at];
    if (slot.failed || slot.plugin->on_content == nullptr) continue;
    laps.begin();
    {
      const Hooked hooked(*slot.host, Hook::content, this, at, slot.block);
      slot.plugin->on_content(&slot.host->call, i);
    }
    laps.lap(*slot.host);
  }
}

void Chain::outcome(const spw_outcome& outcome) {
  if (admitted_ == kNobody) return;  // told already
  admitted_ = kNobody;
  Laps laps(worker_);
  for (std::size_t at = 0; at < begun_; ++at) {
    Slot& slot = slots_[at];
    if (!std::exchange(slot.admitted, false) || slot.plugin->on_outcome == nullptr) continue;
    laps.begin();
    {
      const Hooked hooked(*slot.host, Hook::outcome, this, at, slot.block);
      slot.plugin->on_outcome(&slot.host->call, &outcome);
    }
    laps.lap(*slot.host);
  }
}

bool Chain::exhausted() {
  Laps laps(worker_);
  for (std::size_t at = 0; at < begun_; ++at) {
    Slot& slot = slots_[at];
    if (slot.failed || slot.plugin->on_exhausted == nullptr) continue;
    readmitted_ = false;
    std::int32_t code = 0;
    laps.begin();
    {
      const Hooked hooked(*slot.host, Hook::exhausted, this, at, slot.block);
      code = slot.plugin->on_exhausted(&slot.host->call);
    }
    laps.lap(*slot.host);
    if (code == 1 && readmitted_) return true;
    if (code == 1) slot.host->refuse("on_exhausted", "returned 1 without a readmit()");
  }
  return false;
}

void Chain::answer(const spw_answer& answer) {
  Laps laps(worker_);
  for (std::size_t at = 0; at < begun_; ++at) {
    Slot& slot = slots_[at];
    if (slot.failed || slot.plugin->on_answer == nullptr) continue;
    laps.begin();
    {
      const Hooked hooked(*slot.host, Hook::answer, this, at, slot.block);
      slot.plugin->on_answer(&slot.host->call, &answer);
    }
    laps.lap(*slot.host);
  }
}

void Chain::end() {
  if (stage_ == Stage::ended) return;
  stop_waiting();
  if (admitted_ != kNobody) take_back(admitted_);
  stage_ = Stage::ended;
  Laps laps(worker_);
  for (std::size_t at = begun_; at-- > 0;) {
    Slot& slot = slots_[at];
    if (!leads_.empty()) abandon_leads(at);
    if (slot.plugin->on_end == nullptr) continue;
    laps.begin();
    {
      const Hooked hooked(*slot.host, Hook::end, this, at, slot.block);
      slot.plugin->on_end(&slot.host->call);
    }
    laps.lap(*slot.host);
  }
}

}  // namespace spillway
