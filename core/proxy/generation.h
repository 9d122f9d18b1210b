// One loaded config, ready to serve: routes with their candidates, endpoints, policies, client keys, the models list.
// The members of its pools are part of it: a pool that changes makes a new one of the same config.
//
// Immutable; shared by the workers and the requests that began under it. A reload builds a new one and swaps; the old
// one lives until its last request is accounted. Live figures (in flight, latency) belong to Shared and survive.
#pragma once
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/hash.h"
#include "catalog/make.h"
#include "conf/load.h"
#include "policy/plan.h"
#include "policy/plugin.h"
#include "policy/spill.h"
#include "upstream/endpoint.h"

namespace spillway {

class Shared;
struct TargetLive;

struct Target {
  const Endpoint* endpoint = nullptr;
  std::string model;  // sent upstream; empty: the client's
  bool rest = false;  // of the client's, what the route's `*` stood for
  std::string name;   // "provider/model" for trails and metrics
  TargetLive* live = nullptr;
  bool price_known = false;
  std::vector<QuotaRule> quotas;
  std::int64_t output_most = 0;  // tokens; 0: unknown
};

struct Route {
  std::string name;  // its first model name
  std::vector<std::string> patterns;
  std::vector<std::string> names;       // those that are no patterns
  std::vector<std::string> pools;       // whose members are among the candidates
  std::vector<std::uint16_t> policies;  // indices into Generation::policies
  std::vector<Candidate> candidates;    // templates for a request's plan
  Spill spill = Spill::exhausted;
  std::vector<SpillRule> spill_when;  // empty: no rule
  bool spends = false;                // a rule limits what it spends
  bool foreign = false;               // a provider of it speaks another dialect than OpenAI's
  bool quirks = false;                // ... or not all of OpenAI's chat
  bool no_training = false;
  bool content_policy_fallbacks = false;
};

struct ClientKey {
  std::string name;
  Digest digest{};
  std::vector<std::string> models;  // patterns; empty: all
  std::vector<std::string> tags;
};

class Generation {
 public:
  // Appends what is wrong to `problems` and returns nullptr. `shared` provides the live figures.
  static std::shared_ptr<const Generation> build(  // why: workers drop their share at different times after a reload
      Config config, Shared& shared, std::vector<Problem>& problems, PoolTargets pools = {});

  // Exact names first, then patterns in config order. For requests without a model, `path` is matched against patterns
  // that begin with '/', then "*" serves. nullptr: no route.
  const Route* find(std::string_view model, std::string_view path) const;
  const Route* find_path(std::string_view path) const;  // by the path alone
  std::vector<std::string> near(std::string_view model, const ClientKey* key) const;
  // The key whose secret this is, compared in constant time; nullptr: none.
  const ClientKey* authenticate(std::string_view secret) const;
  bool open_access() const { return keys.empty(); }
  static bool may_use(const ClientKey* key, std::string_view model);
  const Route* exactly(std::string_view model) const;  // by one of its names, not by a pattern; nullptr: none

  Config config;
  PoolTargets pools;
  Policies policies;
  std::vector<std::unique_ptr<Endpoint>> endpoints;
  std::vector<std::unique_ptr<Target>> targets;
  std::vector<std::unique_ptr<Route>> routes;
  std::vector<ClientKey> keys;
  std::int64_t created_s = 0;  // for `created` in the models list

 private:
  void add_route(const RouteConfig& route, Shared& shared);
  void expose_members(const PoolConfig& pool, Shared& shared);  // exposed.cc
  Candidate make_candidate(const TargetConfig& target, const TierConfig& tier, int tier_index, Shared& shared);
  std::unordered_map<std::string, const Route*> exact_;
  std::deque<RouteConfig> exposed_;  // routes of single members, made by us
};

}  // namespace spillway
