// Members of a pool that clients may ask for one by one: by the catalogue's id, and by a generated name (S-2). A name
// that is taken stays with who has it (D-13).
#include <algorithm>

#include "base/log.h"
#include "catalog/names.h"
#include "proxy/generation.h"

namespace spillway {

namespace {

bool has_provider(const TierConfig& tier, const std::string& provider) {
  return std::any_of(tier.targets.begin(), tier.targets.end(),
                     [&](const TargetConfig& target) { return target.provider == provider; });
}

// A member is served as the routes do that use its pool, else its provider: with the policies of the first of them.
std::vector<std::string> policies_of(const Config& config, const std::string& pool, const std::string& provider) {
  for (const bool by_pool : {true, false}) {
    for (const RouteConfig& route : config.routes) {
      const bool uses = std::any_of(route.tiers.begin(), route.tiers.end(), [&](const TierConfig& tier) {
        return by_pool ? tier.pool == pool : has_provider(tier, provider);
      });
      if (uses) return route.policies;
    }
  }
  return {};
}

}  // namespace

void Generation::expose_members(const PoolConfig& pool, Shared& shared) {
  NameTable names;
  for (const TargetConfig& target : pools[pool.name].targets) {
    RouteConfig& route = exposed_.emplace_back();
    route.spill = "never";
    route.policies = policies_of(config, pool.name, target.provider);
    const Result<std::string> generated = names.take(target.provider, target.model);
    if (!generated) log_line(Level::warn, "a pool's member has no generated name", {{"why", generated.error().detail}});
    for (const std::string& name : {target.model, generated ? *generated : std::string()}) {
      if (!name.empty() && exactly(name) == nullptr) route.model.push_back(name);
    }
    if (route.model.empty()) {  // a hand-written route has both
      exposed_.pop_back();
      continue;
    }
    TierConfig& tier = route.tiers.emplace_back();
    tier.name = pool.name;
    tier.targets.push_back(target);
    add_route(route, shared);
  }
}

}  // namespace spillway
