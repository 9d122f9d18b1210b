// Checks across sections. Thread: the loader's.
#include "conf/checks.h"

#include <algorithm>
#include <map>
#include <set>

#include "conf/forms.h"
#include "conf/pools.h"

namespace spillway {
namespace {

const Node kNothing;

// The i-th table of [[name]]; an empty node if the tree has none, so that a place can always be asked for.
const Node& nth(const Node& owner, std::string_view name, std::size_t i) {
  const Member* member = owner.find(name);
  return member != nullptr && i < member->value.items.size() ? member->value.items[i] : kNothing;
}

std::string line_text(const Place& place) { return "line " + std::to_string(place.line); }

class Checks {
 public:
  Checks(const Node& root, const Config& config, Problems& problems)
      : root_(root), config_(config), problems_(problems) {}
  void run();

 private:
  struct Address {
    Listen listen;
    Place place;
    std::string written;
    bool admin;
  };
  void addresses(std::string_view section, const std::vector<std::string>& listen, std::vector<Address>& all);
  void listeners();
  void keys();
  void providers();
  void route(const Node& table, const RouteConfig& route);
  void rest(const Node& table, const RouteConfig& route);
  void rules(const Node& table, const RouteConfig& route);
  void tier(const Node& array_owner, const TierConfig& tier);
  void routes();
  void policies();
  void limits();
  std::string where(const Place& place) const;

  const Node& root_;
  const Config& config_;
  Problems& problems_;
};

void Checks::run() {
  listeners();
  keys();
  providers();
  check_pools(root_, config_, problems_);
  routes();
  policies();
  limits();
}

std::string Checks::where(const Place& place) const {
  const std::size_t file = static_cast<std::size_t>(place.file);
  return (config_.sources.size() > 1 && file < config_.sources.size() ? config_.sources[file].path + ' ' : "") +
         line_text(place);
}

void Checks::addresses(std::string_view section, const std::vector<std::string>& listen, std::vector<Address>& all) {
  const Member* member = root_.find(section);
  const Member* option = member == nullptr ? nullptr : member->value.find("listen");
  for (const std::string& text : listen) {
    const auto parsed = parse_listen(text);
    if (!parsed) continue;
    Place place = option == nullptr ? Place{} : option->value.place;
    for (const Node& item : option == nullptr ? kNothing.items : option->value.items) {
      if (item.text == text) place = item.place;
    }
    all.push_back({*parsed, place, text, section == "admin"});
  }
}

void Checks::listeners() {
  std::vector<Address> all;
  addresses("server", config_.server.listen, all);
  addresses("admin", config_.admin.listen, all);
  const Member* server = root_.find("server");
  const Member* listen = server == nullptr ? nullptr : server->value.find("listen");
  if (listen != nullptr && listen->value.kind == Node::Kind::array && listen->value.items.empty()) {
    problems_.error(listen->value.place, "[server] listen: must not be empty");
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (std::size_t k = 0; k < i; ++k) {
      if (!collide(all[i].listen, all[k].listen)) continue;
      const std::string first = all[k].admin ? "[admin] " : "[server] ";
      problems_.error(all[i].place.line > 0 ? all[i].place : all[k].place,
                      (all[i].admin ? "[admin] listen: " : "[server] listen: ") + all[i].written + " is taken by " +
                          first + "listen " + all[k].written);
    }
    if (all[i].listen.loopback) continue;
    if (all[i].admin) {
      problems_.warn(all[i].place, "[admin] listen: " + all[i].written +
                                       " is open to other machines, and the admin API asks nobody for a password");
    } else if (config_.keys.empty() && !config_.server.open_access) {
      problems_.error(all[i].place,
                      "[server] listen: " + all[i].written +
                          " is open to other machines and there is no [[key]]: everybody could spend your money. "
                          "Add a [[key]], listen on 127.0.0.1, or write open_access = true");
    }
  }
}

void Checks::keys() {
  std::map<std::string, Place> names, secrets;
  for (std::size_t i = 0; i < config_.keys.size(); ++i) {
    const KeyConfig& key = config_.keys[i];
    const Node& table = nth(root_, "key", i);
    const auto [name, new_name] = names.try_emplace(key.name, table.place_of("name"));
    if (!key.name.empty() && !new_name) {
      problems_.error(table.place_of("name"),
                      "[[key]] name: \"" + key.name + "\" is taken, see " + where(name->second));
    }
    const auto [secret, new_secret] = secrets.try_emplace(key.secret, table.place_of("secret"));
    if (!key.secret.empty() && !new_secret) {
      problems_.error(table.place_of("secret"), "[[key]] secret: the same secret as in " + where(secret->second) +
                                                    ", so nobody could tell the two apart");
    }
  }
}

void Checks::providers() {
  std::map<std::string, Place> names;
  for (std::size_t i = 0; i < config_.providers.size(); ++i) {
    const ProviderConfig& provider = config_.providers[i];
    const Node& table = nth(root_, "provider", i);
    const auto [name, new_name] = names.try_emplace(provider.name, table.place_of("name"));
    if (!provider.name.empty() && !new_name) {
      problems_.error(table.place_of("name"),
                      "[[provider]] name: \"" + provider.name + "\" is taken, see " + where(name->second));
    }
    const auto url = parse_base_url(provider.base_url);
    if (url && !url->tls && !url->loopback && !provider.api_key.empty()) {
      problems_.warn(table.place_of("base_url"), "[[provider]] base_url: http:// sends the api_key unencrypted");
    }
    if (provider.insecure) {
      problems_.warn(table.place_of("insecure"),
                     "[[provider]] insecure: anybody on the way can read and change the traffic");
    }
  }
}

void Checks::tier(const Node& owner, const TierConfig& tier) {
  std::vector<std::string> known;
  for (const ProviderConfig& provider : config_.providers) known.push_back(provider.name);
  double weights = 0;
  for (std::size_t i = 0; i < tier.targets.size(); ++i) {
    const TargetConfig& target = tier.targets[i];
    weights += target.weight;
    if (target.provider.empty() || std::find(known.begin(), known.end(), target.provider) != known.end()) continue;
    problems_.error(
        nth(owner, "targets", i).place_of("provider"),
        "targets: there is no [[provider]] named \"" + target.provider + '"' + did_you_mean(target.provider, known));
  }
  std::vector<std::string> pools;
  for (const PoolConfig& pool : config_.pools) pools.push_back(pool.name);
  if (!tier.pool.empty() && std::find(pools.begin(), pools.end(), tier.pool) == pools.end()) {
    problems_.error(owner.place_of("pool"),
                    "pool: there is no [pool." + tier.pool + "]" + did_you_mean(tier.pool, pools));
  }
  if (weights <= 0 && !tier.targets.empty()) {
    problems_.error(tier.targets[0].place, "targets: at least one weight must be above 0");
  }
}

// Spill rules name keys that exist; who wants no training should know whom that leaves open.
void Checks::rules(const Node& table, const RouteConfig& route) {
  std::vector<std::string> known;
  for (const KeyConfig& key : config_.keys) known.push_back(key.name);
  for (const SpillConfig& spill : route.spill_when) {
    for (const std::string& key : spill.keys) {
      if (std::find(known.begin(), known.end(), key) != known.end()) continue;
      problems_.error(spill.place,
                      "[[route]] spill when keys: there is no [[key]] named \"" + key + '"' + did_you_mean(key, known));
    }
  }
  if (route.data_policy != "no_training") return;
  std::set<std::string> used;
  for (const TierConfig& tier : route.tiers) {
    for (const TargetConfig& target : tier.targets) used.insert(target.provider);
  }
  for (const ProviderConfig& provider : config_.providers) {
    if (!used.contains(provider.name) || provider.trains >= 0 || extends_as_openrouter(provider)) continue;
    problems_.warn(table.place_of("data_policy"), "[[route]] data_policy: " + provider.name +
                                                      " does not say whether it trains on prompts (trains = false)");
  }
}

// `model = "*"` of a target is what the route's own `*` stands for: there must be one, and nothing behind it.
void Checks::rest(const Node& table, const RouteConfig& route) {
  const auto ends_in_one = [](const std::string& name) { return name.find('*') == name.size() - 1; };
  if (std::all_of(route.model.begin(), route.model.end(), ends_in_one)) return;
  for (const TierConfig& tier : route.tiers) {
    for (const TargetConfig& target : tier.targets) {
      if (target.model != "*") continue;
      return problems_.error(
          table.place_of("model"),
          "[[route]] model: a target's model \"*\" is what stands for the * of this name, so each name "
          "must end in one");
    }
  }
}

void Checks::route(const Node& table, const RouteConfig& route) {
  if (const Member* model = table.find("model");
      model != nullptr && model->value.kind == Node::Kind::array && model->value.items.empty()) {
    problems_.error(model->value.place, "[[route]] model: must not be empty");
  }
  rules(table, route);
  rest(table, route);
  std::set<std::string> names;
  const Member* tiers = table.find("tier");
  if (tiers != nullptr && tiers->value.kind == Node::Kind::array && tiers->value.items.empty()) {
    problems_.error(tiers->value.place, "[[route]] tier: must not be empty");
  }
  const std::size_t offset = table.find("targets") != nullptr ? 1 : 0;  // `targets` comes first, as tier "default"
  for (std::size_t i = 0; i < route.tiers.size(); ++i) {
    const Node& owner = i < offset || tiers == nullptr ? table : nth(table, "tier", i - offset);
    tier(owner, route.tiers[i]);
    if (!route.tiers[i].name.empty() && !names.insert(route.tiers[i].name).second) {
      problems_.error(owner.place_of("name"),
                      "[[route.tier]] name: \"" + route.tiers[i].name + "\" stands twice in this route");
    }
  }
}

void Checks::routes() {
  std::map<std::string, Place> models;
  for (std::size_t i = 0; i < config_.routes.size(); ++i) {
    const RouteConfig& one = config_.routes[i];
    const Node& table = nth(root_, "route", i);
    route(table, one);
    for (const std::string& model : one.model) {
      const auto [first, fresh] = models.try_emplace(model, table.place_of("model"));
      if (fresh) continue;
      problems_.error(table.place_of("model"),
                      "[[route]] model: \"" + model + "\" has a route already, see " + where(first->second));
    }
  }
  if (config_.routes.empty()) problems_.warn({}, "there is no [[route]]: every request will be answered with 404");
}

void Checks::policies() {
  std::set<std::string> used;
  for (const RouteConfig& route : config_.routes) used.insert(route.policies.begin(), route.policies.end());
  for (const auto& [name, policy] : config_.policies) {
    if (used.contains(name)) continue;
    const std::vector<std::string> known(used.begin(), used.end());
    problems_.warn(policy.place, "[policy." + name + "]: no route has this policy" + did_you_mean(name, known));
  }
}

void Checks::limits() {
  const Member* table = root_.find("limits");
  if (table == nullptr) return;
  const Limits& limits = config_.limits;
  const auto at_most = [&](std::string_view name, std::int64_t value, std::string_view other, std::int64_t most) {
    if (value <= most || table->value.find(name) == nullptr) return;
    problems_.error(table->value.place_of(name), "[limits] " + std::string(name) + ": " + std::to_string(value) +
                                                     " is more than " + std::string(other) + ", which is " +
                                                     std::to_string(most));
  };
  at_most("target_bytes", limits.target_bytes, "head_bytes", limits.head_bytes);
  at_most("field_bytes", limits.field_bytes, "head_bytes", limits.head_bytes);
  at_most("memory_no_store_percent", limits.memory_no_store_percent, "memory_refuse_percent",
          limits.memory_refuse_percent);
  at_most("memory_refuse_percent", limits.memory_refuse_percent, "memory_drop_percent", limits.memory_drop_percent);
}

}  // namespace

void check_config(const Node& root, const Config& config, Problems& problems) { Checks(root, config, problems).run(); }

}  // namespace spillway
