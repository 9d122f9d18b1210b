#include "catalog/index.h"

#include <algorithm>
#include <optional>

#include "catalog/eligible.h"
#include "catalog/names.h"
#include "http/headers.h"
#include "json/write.h"

namespace spillway {

namespace {

// What readers of the file are told to use for each provider's breaker.
constexpr int kFailureThreshold = 3, kRecoverySeconds = 15;

std::string_view without_variant(std::string_view id) { return id.substr(0, id.find(':')); }

// What one provider advertises: by the name it is looked up under, its exact id. The first of a name stays.
std::map<std::string, std::string> advertised(const Catalog& catalog, bool free_only) {
  std::map<std::string, std::string> ids;
  for (const CatalogModel& model : catalog.models) {
    if (free_only && !is_free(model, FreeRule::project)) continue;
    ids.try_emplace(free_only ? std::string(without_variant(model.id)) : model.id, model.id);
  }
  return ids;
}

std::string behind_author(std::string_view id) { return alias_name(id.substr(id.rfind('/') + 1)); }

using Advertised = std::map<std::string, std::map<std::string, std::string>>;  // provider -> name -> id

std::optional<std::string> id_of(const Advertised& all, const IndexRules& rules, const std::string& provider,
                                 const std::string& wanted) {
  const auto& names = all.at(provider);
  const bool free_only = rules.free_only.contains(provider);
  const auto found = names.find(free_only ? std::string(without_variant(wanted)) : wanted);
  return found == names.end() ? std::nullopt : std::optional(found->second);
}

// Seeds made of the catalogues themselves.
IndexSeeds seeds_of(const Advertised& all) {
  IndexSeeds seeds;
  for (const auto& [provider, names] : all) {
    for (const auto& [name, id] : names) {
      const std::string canonical = behind_author(name);
      if (!canonical.empty()) seeds[canonical].try_emplace(provider, id);
    }
  }
  return seeds;
}

std::vector<std::string> aliases_of(const IndexModel& model) {
  std::set<std::string> names = {model.canonical};
  for (const auto& [provider, id] : model.providers) names.insert(normalized_id(id));
  return {names.begin(), names.end()};
}

}  // namespace

Result<IndexSeeds> read_index_seeds(std::string_view text) {
  const Result<JsonValue> json = parse_json(text);
  if (!json) return json.error();
  if (!json->is(JsonType::object)) return invalid("the seeds are no object of canonical names");
  IndexSeeds seeds;
  for (std::size_t i = 0; i < json->items.size(); ++i) {
    const JsonValue& ids = json->items[i];
    if (!ids.is(JsonType::object)) return invalid(json->keys[i] + ": no object of a model for each provider");
    for (std::size_t k = 0; k < ids.items.size(); ++k) {
      if (ids.items[k].string().empty()) return invalid(json->keys[i] + ", " + ids.keys[k] + ": no model's id");
      seeds[json->keys[i]][ids.keys[k]] = ids.items[k].string();
    }
  }
  return seeds;
}

std::vector<std::string> provider_list(std::string_view text) {
  std::vector<std::string> names;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    std::string name(trim(text.substr(0, comma)));
    for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
    if (!name.empty() && std::find(names.begin(), names.end(), name) == names.end()) names.push_back(std::move(name));
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return names;
}

std::vector<IndexModel> build_index(const std::map<std::string, Catalog>& catalogs, const IndexRules& rules,
                                    const IndexSeeds* seeds) {
  Advertised all;
  for (const std::string& provider : rules.providers) {
    const auto catalog = catalogs.find(provider);
    all[provider] =
        advertised(catalog == catalogs.end() ? Catalog() : catalog->second, rules.free_only.contains(provider));
  }
  std::vector<IndexModel> models;
  for (const auto& [canonical, wanted] : seeds == nullptr ? seeds_of(all) : *seeds) {
    IndexModel model;
    model.canonical = canonical;
    for (const std::string& provider : rules.providers) {
      const auto id = wanted.find(provider);
      if (id == wanted.end()) continue;
      if (std::optional<std::string> exact = id_of(all, rules, provider, id->second))
        model.providers[provider] = *exact;
    }
    const std::size_t least = rules.all_required ? rules.providers.size() : 1;
    if (model.providers.size() < least) continue;
    model.aliases = aliases_of(model);
    models.push_back(std::move(model));
  }
  return models;
}

std::string print_index(const std::vector<IndexModel>& models, const std::map<std::string, Catalog>& catalogs,
                        const IndexRules& rules) {
  std::string text;
  JsonWriter json(text);
  json.open('{').key("providers").open('[');
  for (const std::string& provider : rules.providers) json.value(provider);
  json.close(']').key("models").open('[');
  for (const IndexModel& model : models) {
    json.open('{').member("canonical", model.canonical).key("aliases").open('[');
    for (const std::string& alias : model.aliases) json.value(alias);
    json.close(']').key("providers").open('{');
    for (const auto& [provider, id] : model.providers) {
      json.key(provider).open('{').member("model", id).key("circuit_breaker").open('{');
      json.member("failure_threshold", kFailureThreshold).member("recovery_time_seconds", kRecoverySeconds);
      json.close('}').close('}');
    }
    json.close('}').close('}');
  }
  json.close(']').key("provider_catalogs").open('{');
  for (const std::string& provider : rules.providers) {
    std::set<std::string> ids;
    if (const auto catalog = catalogs.find(provider); catalog != catalogs.end()) {
      for (const auto& [name, id] : advertised(catalog->second, rules.free_only.contains(provider))) ids.insert(id);
    }
    json.key(provider).open('[');
    for (const std::string& id : ids) json.value(id);
    json.close(']');
  }
  json.close('}').close('}');
  return text + "\n";
}

std::string pretty_json(std::string_view json) {
  std::string out;
  std::size_t depth = 0;
  bool in_string = false;
  const auto next_line = [&] { out.append("\n").append(depth * 2, ' '); };
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_string) {
      out += c;
      if (c == '\\' && i + 1 < json.size()) out += json[++i];
      in_string = c != '"';
    } else if (c == '{' || c == '[') {
      out += c;
      const bool empty = i + 1 < json.size() && (json[i + 1] == '}' || json[i + 1] == ']');
      if (empty) {
        out += json[++i];
      } else {
        ++depth;
        next_line();
      }
    } else if (c == '}' || c == ']') {
      --depth;
      next_line();
      out += c;
    } else if (c == ',') {
      out += c;
      next_line();
    } else if (c != ' ' && c != '\n' && c != '\r' && c != '\t') {
      out += c;
      in_string = c == '"';
      if (c == ':') out += ' ';
    }
  }
  return out + "\n";
}

}  // namespace spillway
