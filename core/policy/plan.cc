// The order of trying, as data: see plan.h. Lists are short (tens), so every question is a walk over the candidates.
#include "policy/plan.h"

#include <algorithm>

#include "base/error.h"

namespace spillway {

namespace {

constexpr std::size_t kReasonBytes = 200;
constexpr std::size_t kReasonsBytes = 1024;

Out out_of(Fault fault) {
  switch (fault) {
    case Fault::free_day_quota:
    case Fault::free_minute_quota:
    case Fault::in_flight_budget: return Out::quota;
    case Fault::rate_limited: return Out::throttled;
    case Fault::no_credit:
    case Fault::auth: return Out::credential;
    case Fault::context_length:
    case Fault::unsupported:
    case Fault::content_policy: return Out::unfit;
    default: return Out::broken;
  }
}

// Free quotas belong to an account (C-1); money troubles stop what costs money on that key, a refused key everything.
bool shares_trouble(const Candidate& failed, const Candidate& other, Fault fault) {
  if (fault == Fault::free_day_quota || fault == Fault::free_minute_quota) {
    // Gemini's are by model, so the others of the account go on.
    if (!failed.quotas.empty() && failed.quotas.back().scope >= kScopeProject) return false;
    return other.free && other.account_id == failed.account_id;
  }
  if ((fault == Fault::no_credit || fault == Fault::in_flight_budget) && other.free) return false;
  return other.key_id == failed.key_id;
}

// The host's own "never" is no condition that passes, so it says nothing about when to ask again.
bool barred_for_good(const Candidate& candidate) {
  return candidate.excluded && candidate.excluded_by == 0 && candidate.why == Out::policy;
}

// What cannot answer this very request tells nothing about whether the others are merely busy.
bool says_nothing(const Candidate& candidate) {
  return barred_for_good(candidate) || (candidate.excluded && candidate.why == Out::unfit);
}

}  // namespace

std::string_view to_string(Out why) {
  switch (why) {
    case Out::policy: return "policy";
    case Out::broken: return "broken";
    case Out::throttled: return "throttled";
    case Out::quota: return "quota";
    case Out::credential: return "credential";
    case Out::unfit: return "unfit";
  }
  return "?";
}

void Plan::begin(std::string_view forbidden) {
  if (spill == Spill::never) forbidden = "spill = never";
  if (forbidden.empty()) return;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (candidates[i].tier_index > 0) exclude(i, 0, Out::policy, -1, forbidden);
  }
}

std::int64_t Plan::free_tries(std::uint64_t account_id) const {
  std::int64_t tries = 0;
  for (const Candidate& one : candidates) {
    if (one.free && one.account_id == account_id) tries += one.tries;
  }
  return tries;
}

bool Plan::admissible(const Candidate& candidate) const {
  if (candidate.excluded || (candidate.tries > 0 && !candidate.again)) return false;
  if (window_over_ > 0 && candidate.context <= window_over_)
    return false;  // an unknown window is not known to be bigger
  if (attempts_ == 0 || !candidate.free) return true;
  return free_tries(candidate.account_id) < budget.free_attempts;
}

// From which tier on the next attempt may be. The budget's last one is the last tier's: free models that failed must
// not keep a request from whoever is paid to answer (T-1).
int Plan::first_tier() const {
  int tier = 0;
  if (attempts_ == 0 || attempts_ + 1 < budget.attempts) return tier;
  for (const Candidate& one : candidates) {
    if (one.tier_index > tier && admissible(one)) tier = one.tier_index;
  }
  return tier;
}

// Of an account that is probably down: somebody of another one goes first, but nobody dearer does.
bool Plan::passed_over(const Candidate& candidate, int from) const {
  return candidate.suspect && std::any_of(candidates.begin(), candidates.end(), [&](const Candidate& other) {
           return !other.suspect && other.tier_index >= from &&
                  (other.free || other.tier_index == candidate.tier_index) && admissible(other);
         });
}

std::optional<std::size_t> Plan::pick(double u) const {
  if (stopped_ || attempts_ >= budget.attempts) return std::nullopt;
  const int from = first_tier();
  const Candidate* lead = nullptr;
  double sum = 0;
  std::size_t equals = 0;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const Candidate& one = candidates[i];
    if (one.tier_index < from || !admissible(one) || passed_over(one, from)) continue;
    if (one.again) return i;  // rule 14 means the same one, now
    const bool before = lead == nullptr || one.tier_index < lead->tier_index ||
                        (one.tier_index == lead->tier_index && one.rank < lead->rank);
    if (before) {
      lead = &one;
      sum = 0;
      equals = 0;
    }
    if (one.tier_index != lead->tier_index || one.rank != lead->rank) continue;
    ++equals;
    sum += std::max(one.weight, 0.0);
  }
  if (lead == nullptr) return std::nullopt;
  // L-2: the first index whose cumulative weight exceeds u x sum; with no weight at all every one counts the same.
  const double wanted = u * (sum > 0 ? sum : static_cast<double>(equals));
  double cumulative = 0;
  std::size_t last = 0;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const Candidate& one = candidates[i];
    if (one.tier_index != lead->tier_index || one.rank != lead->rank) continue;
    if (!admissible(one) || passed_over(one, from)) continue;
    const double share = sum > 0 ? std::max(one.weight, 0.0) : 1.0;
    if (share > 0) last = i;  // rounding may leave the total a hair below `wanted`
    cumulative += share;
    if (cumulative > wanted) return i;
  }
  return last;
}

void Plan::started(std::size_t i) {
  CHECK(i < candidates.size());
  ++attempts_;
  if (candidates[i].tries < 255) ++candidates[i].tries;
  candidates[i].again = false;
}

void Plan::exclude_account_of(const Candidate& failed, Fault fault) {
  for (std::size_t other = 0; other < candidates.size(); ++other) {
    if (candidates[other].excluded || !shares_trouble(failed, candidates[other], fault)) continue;
    exclude(other, 0, out_of(fault), -1, to_string(fault));
  }
}

void Plan::note_broken(Candidate& failed) {
  constexpr int kMany = 2;  // one may well be alone with its trouble
  failed.broke = true;
  int broke = 0;
  for (const Candidate& one : candidates) broke += one.broke && one.account_id == failed.account_id ? 1 : 0;
  for (Candidate& one : candidates) one.suspect |= broke >= kMany && one.account_id == failed.account_id;
}

void Plan::after(std::size_t i, Fault fault) {
  CHECK(i < candidates.size());
  Candidate& failed = candidates[i];
  const Consequence& then = consequence(fault);
  if (then.breaker) note_broken(failed);
  if (then.same_again && !repeated_ && !failed.excluded) {
    repeated_ = true;
    failed.again = true;
    return;
  }
  exclude(i, 0, out_of(fault), -1, to_string(fault));
  if (then.bigger_window) window_over_ = std::max({window_over_, failed.context, std::int64_t{1}});
  if (then.other_account || fault == Fault::in_flight_budget) exclude_account_of(failed, fault);
  if (fault == Fault::content_policy) {
    stopped_ = !content_policy_fallbacks;
  } else {
    stopped_ = !then.next && !then.spill && !then.bigger_window && !then.other_account;
  }
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
  candidates[i].wait_ms = -1;
  candidates[i].reason.clear();
  return true;
}

bool Plan::all_throttled() const {
  bool any = false;
  for (const Candidate& candidate : candidates) {
    // Not out and not tried: the budget was spent before its turn.
    if (says_nothing(candidate) || (!candidate.excluded && candidate.tries == 0)) continue;
    if (!candidate.excluded || (candidate.why != Out::throttled && candidate.why != Out::quota)) return false;
    any = true;
  }
  return any;
}

std::int64_t Plan::soonest_wait_ms() const {
  std::int64_t soonest = -1;
  for (const Candidate& candidate : candidates) {
    if (!candidate.excluded || barred_for_good(candidate) || candidate.wait_ms < 0) continue;
    soonest = soonest < 0 ? candidate.wait_ms : std::min(soonest, candidate.wait_ms);
  }
  return soonest;
}

std::string Plan::reasons(Of which) const {
  std::string text;
  for (const Candidate& candidate : candidates) {
    if (!candidate.excluded || candidate.reason.empty() || (which == Of::untried && candidate.tries > 0)) continue;
    if (!text.empty()) text += "; ";
    text.append(candidate.provider).append("/").append(candidate.model).append(": ").append(candidate.reason);
    if (text.size() > kReasonsBytes) break;
  }
  return text;
}

}  // namespace spillway
