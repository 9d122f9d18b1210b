// What a request may spend and what it saved: the route's budget of the day.
#include <algorithm>

#include "policy/spill.h"
#include "proxy/request.h"
#include "proxy/shared.h"
#include "proxy/worker.h"

namespace spillway {

namespace {

constexpr std::int64_t kAssumedAnswerTokens = 4096;  // of an answer without max_tokens, where the worst is reckoned

}  // namespace

// Takes the worst that candidate i may cost from the route's day; false: it is out now, with the reason.
bool Request::afford(std::size_t i) {
  const Candidate& one = plan_.candidates[i];
  reserved_usd_ = -1;
  const bool costs = !one.free && operation_.api != Api::count_tokens;  // nobody charges for counting
  if (!route_->spends || !costs || one.tier_index == 0) return true;
  Usage worst;
  worst.input = static_cast<std::int64_t>(facts_.prompt_tokens);
  worst.output =
      (facts_.max_tokens >= 0 ? facts_.max_tokens : kAssumedAnswerTokens) * std::max<std::int64_t>(facts_.n, 1);
  const double usd = cost_usd(worst, one.price_in, one.price_out);
  if (usd < 0 && spend_most_ >= 0) {
    plan_.exclude(i, 0, Out::policy, -1, "spill: without a price no limit on spending can hold");
    return false;
  }
  Shared& shared = worker_.shared();
  const std::int64_t wall_ms = worker_.clock().wall_ms();
  if (shared.spend().reserve(route_->name, std::max(usd, 0.0), spend_most_, wall_ms, shared.store())) {
    reserved_usd_ = std::max(usd, 0.0);
    return true;
  }
  plan_.exclude(i, 0, Out::policy, -1,
                "spill: up to " + usd_text(usd) + " USD more would be above today's " + usd_text(spend_most_) + " (" +
                    usd_text(shared.spend().today(route_->name, wall_ms, shared.store())) + " spent or in flight)");
  return false;
}

void Request::pay(double usd) {
  if (reserved_usd_ < 0) return;
  Shared& shared = worker_.shared();
  shared.spend().settle(route_->name, reserved_usd_, usd, worker_.clock().wall_ms(), shared.store());
  reserved_usd_ = -1;
}

// The attempt ended: what it cost, or, when nobody knows though it may have run, the worst.
void Request::pay_for(const Verdict& verdict) {
  if (reserved_usd_ < 0) return;
  const bool may_have_run = verdict.fault == Fault::none || committed_ || verdict.fault == Fault::timeout ||
                            verdict.fault == Fault::client_gone;
  pay(record_.cost_usd >= 0 ? record_.cost_usd : may_have_run ? reserved_usd_ : 0.0);
}

// Against the cheapest of the route's paid candidates whose price is known.
void Request::reckon_saving() {
  const Candidate& served = plan_.candidates[candidate_];
  record_.tier = served.tier;
  if (served.tier_index > 0) {
    for (const Candidate& one : plan_.candidates) {
      if (one.tier_index > 0 || !one.excluded) continue;
      record_.spilled = to_string(one.why);
      break;
    }
  }
  if (!record_.usage.known() || record_.cost_usd < 0) return;
  Usage same = record_.usage;
  same.cost_usd = -1;  // not what this one charged
  double cheapest = -1;
  for (const Candidate& one : plan_.candidates) {
    if (one.free) continue;
    const double usd = cost_usd(same, one.price_in, one.price_out);
    if (usd >= 0 && (cheapest < 0 || usd < cheapest)) cheapest = usd;
  }
  if (cheapest >= 0) record_.saved_usd = std::max(0.0, cheapest - record_.cost_usd);
}

}  // namespace spillway
