#include "proxy/generation.h"

#include <algorithm>

#include "base/nearest.h"
#include "base/pattern.h"
#include "catalog/source.h"
#include "catalog/static_score.h"
#include "proxy/quota_rules.h"
#include "proxy/shared.h"

namespace spillway {

namespace {

const Endpoint* find_endpoint(const Generation& generation, std::string_view provider) {
  for (const auto& endpoint : generation.endpoints) {
    if (endpoint->provider == provider) return endpoint.get();
  }
  return nullptr;
}

const ProviderConfig& find_provider(const Config& config, std::string_view name) {
  const auto at = std::find_if(config.providers.begin(), config.providers.end(),
                               [&](const ProviderConfig& provider) { return provider.name == name; });
  CHECK(at != config.providers.end());  // the loader refuses routes to unknown providers
  return *at;
}

bool is_pattern(std::string_view name) { return name.find('*') != name.npos || name.starts_with('/'); }

// Money-safe (P-2, D-1): an id ending in ":free" or both prices exactly zero; an unknown price is never free.
bool is_free(const TargetConfig& target) {
  if (target.free >= 0) return target.free == 1;
  if (target.price_in >= 0 || target.price_out >= 0) return target.price_in == 0 && target.price_out == 0;
  return target.model.ends_with(":free");
}

int capability(const TargetConfig& target, std::string_view name) {
  if (target.capabilities.empty()) return -1;
  return std::find(target.capabilities.begin(), target.capabilities.end(), name) != target.capabilities.end() ? 1 : 0;
}

// Of a target that somebody chose (Q-5b), where a pool has the catalogue's word. -1: the client names the model.
int quality_by_hand(const TargetConfig& target, const ProviderConfig& provider, const Endpoint& endpoint) {
  if (target.model.empty()) return -1;
  const CatalogSource& known = catalog_source_of_host(endpoint.url.host);
  ChosenByHand chosen;
  chosen.api = known.kind == CatalogKind::openai ? std::string_view(provider.name) : known.name;
  chosen.model = target.model;
  if (target.price_in >= 0 && target.price_out >= 0) chosen.usd_per_token = (target.price_in + target.price_out) / 1e6;
  chosen.context = target.context;
  return score_by_hand(chosen);
}

// T-3: what OpenRouter allows an account without credits; others are unlimited unless the config says so.
std::int64_t free_limit(std::int64_t configured, const Endpoint& endpoint, std::int64_t openrouter) {
  if (configured >= 0) return configured;
  return endpoint.url.host == "openrouter.ai" ? openrouter : 0;
}

}  // namespace

std::shared_ptr<const Generation> Generation::build(  // why: see the header
    Config config, Shared& shared, std::vector<Problem>& problems, PoolTargets pools) {
  auto generation = std::make_shared<Generation>();  // why: see the header
  generation->config = std::move(config);
  generation->pools = std::move(pools);
  const Config& from = generation->config;
  generation->created_s = shared.clock().wall_ms() / 1000;
  const std::size_t before = problems.size();
  for (const ProviderConfig& provider : from.providers) {
    Result<Endpoint> endpoint = make_endpoint(provider);
    if (endpoint) {
      endpoint->key_info = facts_of(provider).key_info;
      generation->endpoints.push_back(std::make_unique<Endpoint>(std::move(*endpoint)));
    } else {
      problems.push_back({false, from.path, provider.place, endpoint.error().detail, {}});
    }
  }
  generation->policies = build_policies(from, problems);
  const auto fatal = [](const Problem& problem) { return !problem.warning; };
  if (std::any_of(problems.begin() + static_cast<std::ptrdiff_t>(before), problems.end(), fatal)) return nullptr;
  for (const KeyConfig& key : from.keys)
    generation->keys.push_back({key.name, sha256(key.secret), key.models, key.tags});
  for (const RouteConfig& route : from.routes) generation->add_route(route, shared);
  for (const PoolConfig& pool : from.pools) {
    if (pool.expose) generation->expose_members(pool, shared);
  }
  return generation;
}

void Generation::add_route(const RouteConfig& from, Shared& shared) {
  auto route = std::make_unique<Route>();
  route->name = from.model.front();
  route->spill = from.spill == "never" ? Spill::never : Spill::exhausted;
  for (const SpillConfig& rule : from.spill_when) {
    route->spill_when.push_back(
        {rule.keys, rule.tags, parse_hours(rule.hours), rule.hours, rule.prompt_tokens_max, rule.usd_per_day});
    route->spends = route->spends || rule.usd_per_day >= 0;
  }
  route->no_training = from.data_policy == "no_training";
  route->content_policy_fallbacks = from.content_policy_fallbacks;
  for (const std::string& policy : from.policies) {
    for (std::size_t i = 0; i < policies.size(); ++i) {
      if (policies[i]->plugin.name == policy) route->policies.push_back(static_cast<std::uint16_t>(i));
    }
  }
  int tier_index = 0;
  for (const TierConfig& tier : from.tiers) {
    for (const TargetConfig& target : tier.targets) {
      route->candidates.push_back(make_candidate(target, tier, tier_index, shared));
    }
    if (const auto pool = pools.find(tier.pool); pool != pools.end()) {
      route->pools.push_back(tier.pool);
      for (const TargetConfig& target : pool->second.targets) {
        route->candidates.push_back(make_candidate(target, tier, tier_index, shared));
      }
    }
    ++tier_index;
  }
  for (const std::string& name : from.model) {
    if (is_pattern(name)) {
      route->patterns.push_back(name);
    } else {
      exact_.emplace(name, route.get());
      route->names.push_back(name);
    }
  }
  route->foreign = std::any_of(route->candidates.begin(), route->candidates.end(), [&](const Candidate& one) {
    return targets[one.target]->endpoint->dialect->wire != llm::Wire::openai_chat;
  });
  route->quirks = std::any_of(route->candidates.begin(), route->candidates.end(),
                              [&](const Candidate& one) { return targets[one.target]->endpoint->quirks->any(); });
  routes.push_back(std::move(route));
}

Candidate Generation::make_candidate(const TargetConfig& from, const TierConfig& tier, int tier_index, Shared& shared) {
  const Endpoint* endpoint = find_endpoint(*this, from.provider);
  CHECK(endpoint != nullptr);
  const ProviderConfig& provider = find_provider(config, from.provider);
  auto target = std::make_unique<Target>();
  target->endpoint = endpoint;
  target->rest = from.model == "*";
  if (!target->rest) target->model = from.model;
  target->name = from.provider + "/" + (from.model.empty() ? "*" : from.model);
  target->output_most = from.output_most;
  target->price_known = from.price_in >= 0 && from.price_out >= 0;

  Candidate candidate;
  candidate.provider = endpoint->provider;
  candidate.model = target->model;
  candidate.account = endpoint->account;
  candidate.tier = tier.name;  // in our own copy of the config
  candidate.target_id = hash64(from.model, endpoint->key_id);
  candidate.key_id = endpoint->key_id;
  candidate.account_id = endpoint->account_id;
  candidate.target = static_cast<std::uint32_t>(targets.size());
  candidate.tier_index = tier_index;
  candidate.free = is_free(from);
  candidate.context = from.context;
  candidate.tools = capability(from, "tools");
  candidate.vision = capability(from, "vision");
  candidate.response_format = capability(from, "response_format");
  candidate.lacks = from.parameters.empty() ? 0 : missing_parameters(from.parameters);
  candidate.quality = from.quality >= 0 ? from.quality : quality_by_hand(from, provider, *endpoint);
  candidate.health = from.health;
  candidate.limit_rpm = free_limit(provider.free_rpm, *endpoint, 20);
  candidate.limit_rpd = free_limit(provider.free_rpd, *endpoint, 50);
  candidate.price_in = candidate.free ? 0 : from.price_in;
  candidate.price_out = candidate.free ? 0 : from.price_out;
  target->quotas = quota_rules(provider, from.model);
  candidate.quotas = target->quotas;
  candidate.key_info = endpoint->key_info;
  candidate.trains = provider.trains == 1;
  candidate.asks_policy = !endpoint->key_info.empty();
  candidate.weight = from.weight;
  target->live = &shared.live(candidate.target_id, endpoint->provider, from.model);
  targets.push_back(std::move(target));
  return candidate;
}

const Route* Generation::find_path(std::string_view path) const {
  for (const auto& route : routes) {
    for (const std::string& pattern : route->patterns) {
      if (pattern.starts_with('/') && matches(pattern, path)) return route.get();
    }
  }
  return nullptr;
}

const Route* Generation::find(std::string_view model, std::string_view path) const {
  if (model.empty()) {
    if (const Route* route = find_path(path)) return route;
  } else if (const auto exact = exact_.find(std::string(model)); exact != exact_.end()) {
    return exact->second;
  }
  for (const auto& route : routes) {
    for (const std::string& pattern : route->patterns) {
      if (!pattern.starts_with('/') && matches(pattern, model)) return route.get();
    }
  }
  return nullptr;
}

std::vector<std::string> Generation::near(std::string_view model, const ClientKey* key) const {
  std::vector<std::string> known;
  for (const auto& [name, route] : exact_) {
    if (may_use(key, name)) known.push_back(name);
  }
  std::sort(known.begin(), known.end());
  return nearest(model, known);
}

const ClientKey* Generation::authenticate(std::string_view secret) const {
  const Digest digest = sha256(secret);
  std::size_t found = 0;  // from 1; without an early exit or a branch, so that the time tells nothing
  for (std::size_t i = 0; i < keys.size(); ++i) {
    found |= (i + 1) * std::size_t{equal_in_constant_time(keys[i].digest, digest)};
  }
  return found == 0 ? nullptr : &keys[found - 1];
}

bool Generation::may_use(const ClientKey* key, std::string_view model) {
  if (key == nullptr || key->models.empty()) return true;
  return std::any_of(key->models.begin(), key->models.end(),
                     [&](const std::string& pattern) { return matches(pattern, model); });
}

const Route* Generation::exactly(std::string_view model) const {
  const auto found = exact_.find(std::string(model));
  return found == exact_.end() ? nullptr : found->second;
}

}  // namespace spillway
