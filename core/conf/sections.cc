// Reads sections into a Config. Array tables keep their count and order even when one is wrong, because the checks
// afterwards walk tree and config side by side. Thread: the loader's.
#include "conf/sections.h"

#include <algorithm>
#include <array>

#include "conf/pools.h"
#include "conf/presets.h"

namespace spillway {
namespace {

constexpr std::array<std::string_view, 14> kSections = {"server",   "log",     "admin",   "limits", "state",
                                                        "store",    "catalog", "include", "pool",   "key",
                                                        "provider", "route",   "policy",  "plugin"};

template <typename T>
void read_table(const Node& root, std::string_view name, T& into, Reader& reader) {
  const std::string where = '[' + std::string(name) + ']';
  if (const Node* table = reader.table(root.find(name), where)) reader.read(*table, options_of(into), where);
}

template <typename T>
void read_tables(const Node& root, std::string_view name, std::vector<T>& into, Reader& reader,
                 const std::string& above = {}) {
  const std::string where = "[[" + above + std::string(name) + "]]";
  const Node* array = reader.tables(root.find(name), where);
  if (array == nullptr) return;
  for (const Node& table : array->items) {
    T& item = into.emplace_back();
    item.place = table.place;
    reader.read(table, options_of(item), where);
  }
}

void read_server(const Node& root, Config& config, Reader& reader) {
  const Node* table = reader.table(root.find("server"), "[server]");
  if (table == nullptr) return;
  reader.read(*table, options_of(config.server), "[server]", {"tls"});
  const Node* tls = reader.table(table->find("tls"), "[server.tls]");
  if (tls == nullptr) return;
  reader.read(*tls, options_of(config.server.tls), "[server.tls]");
  const bool cert = !config.server.tls.cert.empty();
  const bool key = !config.server.tls.key.empty();
  const auto named = [&](std::string_view name) {
    return tls->find(name) != nullptr && !tls->find(name)->value.text.empty();
  };
  if (cert && !key && !named("key"))
    reader.problems().error(tls->place_of("cert"), "[server.tls] cert: a `key` must go with it");
  if (key && !cert && !named("cert"))
    reader.problems().error(tls->place_of("key"), "[server.tls] key: a `cert` must go with it");
}

// What a preset says counts as said.
void read_provider(const Node& table, ProviderConfig& provider, const std::string& where, Reader& reader) {
  Options options = options_of(provider);
  const Member* named = table.find("preset");
  const Preset* preset = named == nullptr ? nullptr : find_preset(named->value.text);
  if (preset != nullptr) {
    fill_in(provider, *preset);
    for (Option& option : options) {
      if (option.name == "name" || (option.name == "base_url" && !preset->base_url.empty()))
        option.rule.required = false;
    }
  }
  reader.read(table, options, where, {"quota"});
  const bool native = preset != nullptr && !preset->native_url.empty() && provider.dialect == preset->name;
  if (native && table.find("base_url") == nullptr) provider.base_url = preset->native_url;
  if (preset == nullptr || preset->key_env.empty() || !provider.api_key.empty() || table.find("api_key") != nullptr)
    return;
  const std::string variable(preset->key_env);
  reader.problems().error(named->value.place, where + " preset: environment variable " + variable +
                                                  " is not set; set it with: export " + variable +
                                                  "=..., or say where the `api_key` is");
}

void read_providers(const Node& root, Config& config, Reader& reader) {
  const std::string where = "[[provider]]";
  const Node* array = reader.tables(root.find("provider"), where);
  if (array == nullptr) return;
  for (const Node& table : array->items) {
    ProviderConfig& provider = config.providers.emplace_back();
    provider.place = table.place;
    read_provider(table, provider, where, reader);
    read_tables(table, "quota", provider.quotas, reader, "provider.");
  }
}

void read_targets(const Node& owner, const std::string& where, std::vector<TargetConfig>& into, Reader& reader) {
  const Member* member = owner.find("targets");
  if (member == nullptr) return;
  if (member->value.kind != Node::Kind::array) {
    reader.problems().error(member->value.place, where + " targets: expected an array of tables, got " +
                                                     std::string(kind_name(member->value.kind)));
    return;
  }
  if (member->value.items.empty()) reader.problems().error(member->value.place, where + " targets: must not be empty");
  for (const Node& item : member->value.items) {
    TargetConfig& target = into.emplace_back();
    target.place = item.place;
    if (item.kind == Node::Kind::table) {
      reader.read(item, options_of(target), where + " targets");
    } else {
      reader.problems().error(item.place, where + " targets: expected a table like { provider = \"name\" }, got " +
                                              std::string(kind_name(item.kind)));
    }
  }
}

void read_tiers(const Node& route, RouteConfig& into, Reader& reader) {
  const Node* tiers = reader.tables(route.find("tier"), "[[route.tier]]");
  if (tiers == nullptr) return;
  for (const Node& table : tiers->items) {
    TierConfig& tier = into.tiers.emplace_back();
    tier.place = table.place;
    reader.read(table, options_of(tier), "[[route.tier]]", {"targets"});
    read_targets(table, "[[route.tier]]", tier.targets, reader);
    if (table.find("targets") == nullptr && tier.pool.empty() && !reader.partial()) {
      reader.problems().error(table.place, "[[route.tier]]: neither `targets` nor a `pool`: nobody could answer");
    }
  }
}

void read_spill_rule(const Node& rule, RouteConfig& route, Reader& reader) {
  const std::string where = "[[route]] spill when";
  if (rule.kind != Node::Kind::table || rule.members.empty()) {
    reader.problems().error(rule.place, where + ": expected a table with a condition, like { usd_per_day = 2.0 }");
    return;
  }
  SpillConfig& spill = route.spill_when.emplace_back();
  spill.place = rule.place;
  reader.read(rule, options_of(spill), where);
}

// `spill = { when = { ... } }`, or a list of such tables of which one must hold.
void read_spill(const Node& spill, RouteConfig& route, Reader& reader) {
  for (const Member& member : spill.members) {
    if (member.key != "when") reader.unknown(member, {"when"}, "[[route]] spill");
  }
  const Member* when = spill.find("when");
  if (when == nullptr) {
    reader.problems().error(spill.place, "[[route]] spill: expected { when = { ... } }, \"never\" or \"exhausted\"");
  } else if (when->value.kind != Node::Kind::array) {
    read_spill_rule(when->value, route, reader);
  } else {
    if (when->value.items.empty())
      reader.problems().error(when->value.place, "[[route]] spill when: must not be empty");
    for (const Node& rule : when->value.items) read_spill_rule(rule, route, reader);
  }
}

void read_route(const Node& table, RouteConfig& route, Reader& reader) {
  const std::string where = "[[route]]";
  route.place = table.place;
  Options options = options_of(route);
  if (const Member* spill = table.find("spill"); spill != nullptr && spill->value.kind == Node::Kind::table) {
    std::erase_if(options, [](const Option& option) { return option.name == "spill"; });
    read_spill(spill->value, route, reader);
    reader.read(table, options, where, {"targets", "tier", "spill"});
  } else {
    reader.read(table, options, where, {"targets", "tier"});
  }
  const Member* targets = table.find("targets");
  const Member* tiers = table.find("tier");
  if (targets != nullptr && tiers != nullptr) {
    reader.problems().error(targets->place, where + ": either `targets` or [[route.tier]], not both");
  }
  if (targets == nullptr && tiers == nullptr && !reader.partial()) {
    reader.problems().error(table.place, where + ": neither `targets` nor [[route.tier]]: nobody could answer");
  }
  if (targets != nullptr) {
    TierConfig tier;
    tier.name = "default";
    tier.place = targets->place;
    read_targets(table, where, tier.targets, reader);
    route.tiers.push_back(std::move(tier));
  }
  read_tiers(table, route, reader);
}

void read_routes(const Node& root, Config& config, Reader& reader) {
  const Node* routes = reader.tables(root.find("route"), "[[route]]");
  if (routes == nullptr) return;
  for (const Node& table : routes->items) read_route(table, config.routes.emplace_back(), reader);
}

// A plugin's option; its type is checked by the plugin's own table, which is known later.
void read_policy_option(const Member& from, const std::string& where, PolicyConfig& into, Reader& reader) {
  PolicyOption option;
  option.place = from.place;
  const auto wrong = [&](const Node& node, std::string_view wanted) {
    reader.problems().error(node.place, where + ' ' + from.key + ": expected " + std::string(wanted) + ", got " +
                                            std::string(kind_name(node.kind)));
  };
  switch (from.value.kind) {
    case Node::Kind::boolean: option.value = from.value.boolean; break;
    case Node::Kind::integer: option.value = from.value.integer; break;
    case Node::Kind::real: option.value = from.value.real; break;
    case Node::Kind::text: option.value = from.value.text; break;
    case Node::Kind::array: {
      std::vector<std::string> list;
      for (const Node& item : from.value.items) {
        if (item.kind != Node::Kind::text) return wrong(item, "a string");
        list.push_back(item.text);
      }
      option.value = std::move(list);
      break;
    }
    case Node::Kind::table:
    case Node::Kind::time: return wrong(from.value, "a boolean, a number, a string or an array of strings");
  }
  into.options[from.key] = std::move(option);
}

void read_policies(const Node& root, Config& config, Reader& reader) {
  const Node* policies = reader.table(root.find("policy"), "[policy.NAME]");
  if (policies == nullptr) return;
  for (const Member& member : policies->members) {
    const std::string where = "[policy." + member.key.substr(0, 64) + ']';
    const Node* table = reader.table(&member, where);
    if (table == nullptr) continue;
    PolicyConfig& policy = config.policies[member.key];
    policy.place = member.place;
    const Options ours = options_of(policy);
    for (const Member& option : table->members) {
      const auto row = std::find_if(ours.begin(), ours.end(), [&](const Option& o) { return o.name == option.key; });
      if (row != ours.end()) {
        reader.assign(option, *row, where);
      } else {
        read_policy_option(option, where, policy, reader);
      }
    }
  }
}

void refuse_unknown(const Node& root, Reader& reader) {
  const std::vector<std::string> known(kSections.begin(), kSections.end());
  for (const Member& member : root.members) {
    if (std::find(known.begin(), known.end(), member.key) != known.end()) continue;
    reader.unknown(member, known, {});
  }
}

}  // namespace

void read_sections(const Node& root, Config& config, Reader& reader) {
  refuse_unknown(root, reader);
  read_server(root, config, reader);
  read_table(root, "log", config.log, reader);
  read_table(root, "admin", config.admin, reader);
  read_table(root, "limits", config.limits, reader);
  read_table(root, "state", config.state, reader);
  read_table(root, "store", config.store, reader);
  read_tables(root, "key", config.keys, reader);
  read_providers(root, config, reader);
  read_tables(root, "plugin", config.plugins, reader);
  read_table(root, "catalog", config.catalog, reader);
  read_pools(root, config, reader);
  read_routes(root, config, reader);
  read_policies(root, config, reader);
}

}  // namespace spillway
