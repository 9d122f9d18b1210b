#include "policy/plan.h"

#include <algorithm>

namespace spillway {

namespace {
constexpr std::size_t kReasonBytes = 200;

Out out_of(Fault fault) {
  switch (fault) {
    case Fault::free_day_quota:
    case Fault::free_minute_quota:
    case Fault::in_flight_budget:
      return Out::quota;
    case Fault::rate_limited:
      return Out::throttled;
    case Fault::no_credit:
    case Fault::auth:
      return Out::credential;
    case Fault::context_length:
    case Fault::unsupported:
    case Fault::content_policy:
      return Out::unfit;
    default:
      return Out::broken;
  }
}

// Free quotas belong to an account (C-1); no credit stops what costs money on that key, a refused key everything.
bool shares_trouble(const Candidate& failed, const Candidate& other, Fault fault) {
  if (fault == Fault::free_day_quota || fault == Fault::free_minute_quota) {
    return other.free && other.account_id == failed.account_id;
  }
  if (fault == Fault::no_credit && other.free) return false;
  return other.key_id == failed.key_id;
}
}  // namespace

void Plan::begin() {
  if (spill != Spill::never) return;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (candidates[i].tier_index > 0) exclude(i, 0, Out::policy, -1, "spill = never");
  }
}

bool Plan::admissible(const Candidate& candidate) const {
  if (candidate.excluded || (candidate.tries > 0 && !candidate.again)) return false;
  if (window_over_ > 0 && candidate.context <= window_over_) return false;
  if (!candidate.free) return true;
  int free_tries = 0;
  for (const Candidate& other : candidates) {
    if (other.free && other.account_id == candidate.account_id) free_tries += other.tries;
  }
  return free_tries < budget.free_attempts;
}

std::optional<std::size_t> Plan::pick(double u) const {
  if (stopped_ || attempts_ >= budget.attempts) return std::nullopt;
  // What may be tried again goes first: section 11 row 14 means the same one, once.
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const Candidate& one = candidates[i];
    if (!admissible(one)) continue;
    if (one.again) return i;
    if (!best) {
      best = i;
      continue;
    }
    const Candidate& lead = candidates[*best];
    if (one.tier_index < lead.tier_index || (one.tier_index == lead.tier_index && one.rank < lead.rank)) best = i;
  }
  if (!best) return best;
  // L-2: the first index whose cumulative weight exceeds u x sum; all zero: uniform.
  std::vector<std::size_t> equals;
  double sum = 0;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const Candidate& one = candidates[i];
    const Candidate& lead = candidates[*best];
    if (!admissible(one) || one.tier_index != lead.tier_index || one.rank != lead.rank) continue;
    equals.push_back(i);
    sum += std::max(one.weight, 0.0);
  }
  if (sum <= 0) return equals[std::min(static_cast<std::size_t>(u * static_cast<double>(equals.size())), equals.size() - 1)];
  double cumulative = 0;
  for (const std::size_t i : equals) {
    cumulative += std::max(candidates[i].weight, 0.0);
    if (cumulative > u * sum) return i;
  }
  return equals.back();
}

void Plan::started(std::size_t i) {
  ++attempts_;
  ++candidates[i].tries;
  candidates[i].again = false;
}

void Plan::after(std::size_t i, Fault fault) {
  Candidate& failed = candidates[i];
  const Consequence& then = consequence(fault);
  if (then.same_again && failed.tries == 1) {
    failed.again = true;
    return;
  }
  exclude(i, 0, out_of(fault), -1, to_string(fault));
  if (fault == Fault::content_policy && content_policy_fallbacks) return;
  if (then.bigger_window) {
    window_over_ = std::max(window_over_, std::max<std::int64_t>(failed.context, 1));
    return;
  }
  if (then.other_account) {
    for (std::size_t other = 0; other < candidates.size(); ++other) {
      if (shares_trouble(failed, candidates[other], fault) && !candidates[other].excluded) {
        exclude(other, 0, out_of(fault), -1, to_string(fault));
      }
    }
    return;
  }
  if (!then.next && !then.spill) stopped_ = true;
}

bool Plan::exclude(std::size_t i, std::uint8_t by, Out why, std::int64_t wait_ms, std::string_view reason) {
  if (i >= candidates.size()) return false;
  Candidate& candidate = candidates[i];
  // The first reason stays: it is the one that kept the candidate from being tried.
  if (candidate.excluded && candidate.excluded_by != by) return true;
  candidate.excluded = true;
  candidate.excluded_by = by;
  candidate.again = false;
  candidate.why = why;
  candidate.wait_ms = wait_ms;
  candidate.reason = reason.substr(0, kReasonBytes);
  return true;
}

bool Plan::readmit(std::size_t i, std::uint8_t by) {
  if (i >= candidates.size() || by == 0 || !candidates[i].excluded || candidates[i].excluded_by != by) return false;
  candidates[i].excluded = false;
  candidates[i].reason.clear();
  return true;
}

namespace {
// The host's own "never" is no condition that passes, so it says nothing about when to ask again.
bool counts(const Candidate& candidate) {
  return candidate.excluded && !(candidate.excluded_by == 0 && candidate.why == Out::policy);
}
}  // namespace

bool Plan::all_throttled() const {
  bool any = false;
  for (const Candidate& candidate : candidates) {
    if (candidate.excluded && !counts(candidate)) continue;
    if (!candidate.excluded || (candidate.why != Out::throttled && candidate.why != Out::quota)) return false;
    any = true;
  }
  return any;
}

std::int64_t Plan::soonest_wait_ms() const {
  std::int64_t soonest = -1;
  for (const Candidate& candidate : candidates) {
    if (!counts(candidate) || candidate.wait_ms < 0) continue;
    soonest = soonest < 0 ? candidate.wait_ms : std::min(soonest, candidate.wait_ms);
  }
  return soonest;
}

}  // namespace spillway
