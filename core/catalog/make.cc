#include "catalog/make.h"

#include <algorithm>
#include <cstdio>
#include <ctime>

#include "base/calendar.h"
#include "base/pattern.h"
#include "catalog/quality.h"

namespace spillway {

namespace {

bool any_matches(const std::vector<std::string>& patterns, std::string_view id) {
  return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& one) { return matches(one, id); });
}

const OverlayConfig* overlay_of(const PoolConfig& pool, std::string_view id) {
  for (const OverlayConfig& overlay : pool.overlays) {
    if (overlay.id == id) return &overlay;
  }
  return nullptr;
}

// What the config alone says against a model; empty: nothing.
std::string barred(const PoolConfig& pool, const PoolMaterial& material, const CatalogModel& model) {
  const std::string_view author = std::string_view(model.id).substr(0, model.id.find('/'));
  const OverlayConfig* overlay = overlay_of(pool, model.id);
  if (overlay != nullptr && overlay->exclude) return "excluded by its overlay";
  if (!pool.only.empty() && !any_matches(pool.only, model.id)) return "not among `only`";
  if (any_matches(pool.exclude, model.id)) return "excluded";
  if (any_matches(pool.exclude_authors, author)) return "excluded author";
  const auto& known = material.providers;
  if (!model.provider.empty() && std::find(known.begin(), known.end(), model.provider) == known.end())
    return "no [[provider]] named \"" + model.provider + "\"";
  return {};
}

Eligibility rules_of(const PoolConfig& pool, const PoolMaterial& material) {
  Eligibility rules = eligibility_in(material.kind);
  rules.free = pool.free == "proven" ? FreeRule::project : FreeRule::any;
  rules.tools = pool.tools;
  rules.text = pool.text;
  if (pool.context_min >= 0) rules.context_min = pool.context_min;
  rules.blocked = read_blocklist(material.blocklist);
  rules.meta_routers = {pool.meta_routers.begin(), pool.meta_routers.end()};
  rules.today = material.today;
  return rules;
}

ScoreTable table_of(const PoolConfig& pool) {
  ScoreTable table = pool.preset == "home-ops" ? ScoreTable::home_ops() : ScoreTable::seed();
  if (!pool.points.empty()) table.keywords = {pool.points.begin(), pool.points.end()};
  return table;
}

ModelHealth health_of(const PoolMaterial& material, const CatalogModel& model) {
  if (material.health == nullptr) return {};
  const auto known = material.health->find(model.id);
  return known == material.health->end() ? ModelHealth() : known->second;
}

std::vector<Scored> candidates_of(const PoolConfig& pool, const PoolMaterial& material, const Sieved& sieved) {
  if (pool.preset != "quality") return ranked(sieved.fit, table_of(pool));
  static const std::map<std::string, ModelHealth> kUnknown;
  return ranked_by_quality(sieved.fit, noon_of(material.today), material.health ? *material.health : kUnknown);
}

// What policies see of it, whatever the preset.
void tell_quality(TargetConfig& target, const PoolMaterial& material, const CatalogModel& model) {
  const ModelHealth health = health_of(material, model);
  target.quality = blend(static_parts(model, noon_of(material.today)).total(), health);
  if (health.score) target.health = static_cast<int>(*health.score + 0.5);  // NOLINT: 0 to 100, and libm stays out
  if (health.gated) target.health = 0;
}

double per_million(const Price& price) { return price.known() ? price.usd * 1e6 : -1; }

std::vector<std::string> capabilities_of(const CatalogModel& model) {
  // A list that is not empty says what is missing as well, so it must not be empty for a model that can only write.
  std::vector<std::string> list = {"text"};
  if (model.takes("tools")) list.emplace_back("tools");
  if (model.takes("response_format") || model.takes("structured_outputs")) list.emplace_back("response_format");
  if (std::find(model.inputs.begin(), model.inputs.end(), "image") != model.inputs.end()) list.emplace_back("vision");
  return list;
}

TargetConfig target_of(const PoolConfig& pool, const PoolMember& member, bool says_all) {
  const CatalogModel& model = *member.model;
  const OverlayConfig* overlay = overlay_of(pool, model.id);
  TargetConfig target;
  target.place = pool.place;
  target.provider = model.provider.empty() ? pool.source : model.provider;
  target.model = model.id;
  target.weight = member.weight;
  target.free = pool.free == "stated" || is_free(model, FreeRule::project) ? 1 : 0;
  target.context = model.usable_context();
  target.output_most = model.output_most;
  target.price_in = per_million(model.prompt);
  target.price_out = per_million(model.completion);
  if (says_all || !model.parameters.empty()) {
    target.capabilities = capabilities_of(model);
    target.parameters = model.parameters;
  }
  if (overlay == nullptr) return target;
  if (overlay->weight >= 0) target.weight = overlay->weight;
  if (overlay->context > 0) target.context = overlay->context;
  if (overlay->price_in >= 0) target.price_in = overlay->price_in;
  if (overlay->price_out >= 0) target.price_out = overlay->price_out;
  if (overlay->price_in > 0 || overlay->price_out > 0) target.free = 0;
  if (!overlay->capabilities.empty()) target.capabilities = overlay->capabilities;
  return target;
}

}  // namespace

Eligibility eligibility_in(CatalogKind kind) {
  Eligibility rules;
  rules.says_all = catalog_source(kind).says_all;
  rules.whole_id = kind == CatalogKind::openrouter;
  rules.one_per_name = kind != CatalogKind::index;
  if (!rules.says_all) rules.context_min = 0;
  return rules;
}

MadePool make_pool(const PoolConfig& pool, const PoolMaterial& material) {
  MadePool made;
  Catalog allowed;
  for (const CatalogModel& model : material.catalog.models) {
    if (std::string why = barred(pool, material, model); why.empty()) {
      allowed.models.push_back(model);
    } else {
      made.left_out.emplace_back(model.id, std::move(why));
    }
  }
  const Sieved sieved = sieve(allowed, rules_of(pool, material));
  for (const auto& [model, reasons] : sieved.others) {
    std::string why;
    for (const Unfit reason : reasons) why.append(why.empty() ? "" : ", ").append(to_string(reason));
    made.left_out.emplace_back(model->id, std::move(why));
  }
  PoolRules rules;
  rules.size = static_cast<std::size_t>(pool.size);
  rules.replace_margin = pool.replace_margin;
  if (material.again) rules.kept_share = 1;
  const std::vector<Scored> candidates = candidates_of(pool, material, sieved);
  ModelPool selected = select_pool(candidates, material.previous, rules);
  const bool says_all = catalog_source(material.kind).says_all;
  for (const PoolMember& member : selected.members) {
    made.targets.push_back(target_of(pool, member, says_all));
    tell_quality(made.targets.back(), material, *member.model);
    made.ids.push_back(member.model->id);
  }
  if (candidates.size() < sieved.fit.size()) {
    for (const CatalogModel* model : sieved.fit) {
      if (health_of(material, *model).gated) made.left_out.emplace_back(model->id, "gated by its health");
    }
  }
  for (const Scored& one : candidates) {
    if (std::find(made.ids.begin(), made.ids.end(), one.model->id) == made.ids.end())
      made.left_out.emplace_back(one.model->id, "outranked");
  }
  made.added = std::move(selected.added);
  made.removed = std::move(selected.removed);
  return made;
}

std::string date_of(std::int64_t unix_s) { return utc_text(unix_s, "%Y-%m-%d"); }

std::int64_t noon_of(const std::string& date) {
  // Dates are compared as texts, so every digit must be there.
  if (date.size() != 10 || date[4] != '-' || date[7] != '-' || date.find_first_not_of("0123456789-") != date.npos) {
    return 0;
  }
  std::tm day{};
  if (std::sscanf(date.c_str(), "%4d-%2d-%2d", &day.tm_year, &day.tm_mon, &day.tm_mday) != 3) return 0;
  if (day.tm_mon < 1 || day.tm_mon > 12 || day.tm_mday < 1 || day.tm_mday > 31) return 0;
  day.tm_year -= 1900;
  day.tm_mon -= 1;
  return static_cast<std::int64_t>(::timegm(&day)) + 12 * 3600;
}

}  // namespace spillway
