#include "proxy/route_plan.h"

#include "base/pattern.h"
#include "policy/spill.h"
#include "proxy/shared.h"

namespace spillway {

namespace {

// The rules' word on whether it may leave the free tier at all.
SpillAnswer spill_answer(const Route& route, const Facts& facts, const Asker& asker, Shared& shared) {
  if (route.spill_when.empty()) return {};
  SpillAsk ask;
  if (asker.key != nullptr) {
    ask.key = asker.key->name;
    ask.tags.assign(asker.key->tags.begin(), asker.key->tags.end());
  }
  add_tags(asker.tags, ask.tags);
  ask.wall_ms = shared.clock().wall_ms();
  ask.prompt_tokens = static_cast<std::int64_t>(facts.prompt_tokens);
  if (route.spends) ask.usd_today = shared.spend().today(route.name, ask.wall_ms, shared.store());
  return may_spill(route.spill_when, ask);
}

// What the `*` at the end of the route's pattern stands for; all of the name where an alias led here.
std::string_view rest_of(std::string_view model, const Route& route) {
  for (const std::string& pattern : route.patterns) {
    if (pattern.ends_with('*') && matches(pattern, model)) return model.substr(pattern.size() - 1);
  }
  return model;
}

// O-15: who trains on prompts is left out, and who can only be asked not to must be askable.
void keep_from_training(Plan& plan, const Facts& facts) {
  for (std::size_t i = 0; i < plan.candidates.size(); ++i) {
    const Candidate& one = plan.candidates[i];
    const std::string who(one.provider);
    if (one.trains) {
      plan.exclude(i, 0, Out::policy, -1, "data_policy: " + who + " trains on prompts");
    } else if (one.asks_policy && !facts.json) {
      plan.exclude(i, 0, Out::policy, -1, "data_policy: " + who + " can't be told in this kind of body");
    }
  }
}

}  // namespace

double lay_plan(Plan& plan, const Generation& generation, const Route& route, const Facts& facts, const Asker& asker,
                Shared& shared) {
  plan.candidates = route.candidates;
  for (Candidate& candidate : plan.candidates) {
    const Target& target = *generation.targets[candidate.target];
    const TargetLive& live = *target.live;
    if (candidate.model.empty()) candidate.model = target.rest ? rest_of(facts.model, route) : facts.model;
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
  if (route.no_training) keep_from_training(plan, facts);
  const SpillAnswer answer = spill_answer(route, facts, asker, shared);
  plan.begin(answer.forbidden);
  return answer.usd_per_day;
}

}  // namespace spillway
