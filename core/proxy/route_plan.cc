#include "proxy/route_plan.h"

#include "proxy/shared.h"

namespace spillway {

void lay_plan(Plan& plan, const Generation& generation, const Route& route, const Facts& facts) {
  plan.candidates = route.candidates;
  for (Candidate& candidate : plan.candidates) {
    const TargetLive& live = *generation.targets[candidate.target]->live;
    if (candidate.model.empty()) candidate.model = facts.model;
    candidate.in_flight = live.in_flight.load(std::memory_order_relaxed);
    candidate.latency_us = live.latency_us.load(std::memory_order_relaxed);
  }
  plan.demand = {static_cast<std::int64_t>(facts.prompt_tokens),
                 facts.max_tokens,
                 facts.tools,
                 facts.images,
                 facts.response_format,
                 facts.parameters};
  const Limits& limits = generation.config.limits;
  plan.spill = route.spill;
  plan.budget = {static_cast<int>(limits.attempts), static_cast<int>(limits.free_attempts)};
  plan.content_policy_fallbacks = route.content_policy_fallbacks;
  plan.begin();
}

}  // namespace spillway
