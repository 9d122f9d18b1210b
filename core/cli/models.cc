// list and show, and what all `models` commands share.
#include "cli/models.h"

#include <cstdio>
#include <map>

#include "base/clock.h"
#include "base/nearest.h"
#include "catalog/make.h"
#include "catalog/names.h"
#include "catalog/quality.h"
#include "cli/commands.h"
#include "json/write.h"

namespace spillway {

namespace {

// One model with what is thought of it.
struct Row {
  Rated rated;
  std::string why_not;  // it may not be in a pool; empty: it may
};

std::vector<Row> rows_of(const LoadedCatalog& loaded, const std::string& day) {
  std::vector<const CatalogModel*> models;
  for (const CatalogModel& model : loaded.catalog.models) models.push_back(&model);
  Eligibility rules = eligibility_in(loaded.kind);
  rules.today = day;
  std::map<const CatalogModel*, std::string> reasons;
  for (const auto& [model, why] : sieve(loaded.catalog, rules).others) {
    for (const Unfit one : why) reasons[model].append(reasons[model].empty() ? "" : " ").append(to_string(one));
  }
  std::vector<Row> rows;
  for (const Rated& rated : rate(models, FreeRule::project, noon_of(day))) {
    const auto reason = reasons.find(rated.model);
    rows.push_back({rated, reason == reasons.end() ? std::string() : reason->second});
  }
  return rows;
}

void write_price(JsonWriter& json, const JsonKey& name, const Price& price) {
  json.key(name);
  if (price.known()) {
    json.value(price.usd * 1e6);
  } else {
    json.null();
  }
}

template <typename List>
void write_list(JsonWriter& json, const JsonKey& name, const List& list) {
  json.key(name).open('[');
  for (const auto& one : list) json.value(one);
  json.close(']');
}

void write_row(JsonWriter& json, const Row& row, const std::string& provider) {
  const CatalogModel& model = *row.rated.model;
  json.open('{').member("id", model.id).member("name", generated_name(provider, model.id));
  json.member("stable_id", row.rated.id).member("tier", row.rated.tier().name);
  json.member("context_length", model.context).member("usable_context", model.usable_context());
  json.member("max_output_tokens", model.output_most > 0 ? model.output_most : output_limit(model.usable_context()));
  write_price(json, "usd_per_million_in", model.prompt);
  write_price(json, "usd_per_million_out", model.completion);
  write_list(json, "parameters", model.parameters);
  write_list(json, "inputs", model.inputs);
  write_list(json, "outputs", model.outputs);
  json.member("created", model.created).member("expires", model.expires);
  json.member("static_score", row.rated.points).key("score_parts").open('{');
  const StaticParts& parts = row.rated.parts;
  json.member("prestige", parts.prestige).member("recency", parts.recency).member("price", parts.price);
  json.member("context", parts.context).member("capabilities", parts.capabilities).member("slug", parts.slug);
  json.close('}').member("not_in_a_pool", row.why_not).close('}');
}

std::string price_text(const Price& price) {
  if (!price.known()) return "?";
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", price.usd * 1e6);
  return text;
}

// Ids come from elsewhere: what a terminal would obey is not printed.
std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text) out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
  return out;
}

void print_row(const Row& row) {
  const CatalogModel& model = *row.rated.model;
  std::printf("%5d  %-7s %9lld %8s %8s  %-52s %s\n", row.rated.points, std::string(row.rated.tier().name).c_str(),
              static_cast<long long>(model.usable_context()), price_text(model.prompt).c_str(),
              price_text(model.completion).c_str(), printable(model.id).c_str(), row.why_not.c_str());
}

std::string joined(const std::vector<std::string>& list) {
  std::string text;
  for (const std::string& one : list) text.append(text.empty() ? "" : " ").append(printable(one));
  return text;
}

void print_whole(const Row& row, const std::string& provider) {
  const CatalogModel& model = *row.rated.model;
  const StaticParts& parts = row.rated.parts;
  std::printf("%s\n", printable(model.id).c_str());
  const auto line = [](const char* what, const std::string& text) {
    if (!text.empty()) std::printf("  %-14s %s\n", what, text.c_str());
  };
  line("name", printable(generated_name(provider, model.id)));
  line("tier", std::string(row.rated.tier().name));
  line("context", std::to_string(model.usable_context()) + " usable of " + std::to_string(model.context));
  line("USD/million", price_text(model.prompt) + " in, " + price_text(model.completion) + " out");
  line("takes", joined(model.parameters));
  line("inputs", joined(model.inputs));
  line("outputs", joined(model.outputs));
  line("expires", printable(model.expires));
  line("static score", std::to_string(row.rated.points) + ": prestige " + std::to_string(parts.prestige) +
                           ", recency " + std::to_string(parts.recency) + ", price " + std::to_string(parts.price) +
                           ", context " + std::to_string(parts.context) + ", capabilities " +
                           std::to_string(parts.capabilities) + ", slug " + std::to_string(parts.slug));
  line("stable id", std::to_string(row.rated.id));
  line("in a pool", row.why_not.empty() ? "yes, if it ranks" : "no: " + row.why_not);
}

void print_json(const std::string& json) { std::printf("%s\n", json.c_str()); }

}  // namespace

int models_failed(const std::string& why) {
  std::fprintf(stderr, "spillway models: %s\n", why.c_str());
  return kExitFailed;
}

std::string day_of(const std::string& today) { return today.empty() ? date_of(SystemClock().wall_ms() / 1000) : today; }

int models_list_command(const ModelsListOptions& options) {
  const Result<LoadedCatalog> loaded = load_catalog(options.source);
  if (!loaded) return models_failed(loaded.error().detail);
  std::vector<Row> rows = rows_of(*loaded, day_of(options.today));
  if (options.fit_only) std::erase_if(rows, [](const Row& row) { return !row.why_not.empty(); });
  if (options.json) {
    std::string text;
    JsonWriter json(text);
    json.open('{').member("malformed", static_cast<std::int64_t>(loaded->catalog.malformed)).key("models").open('[');
    for (const Row& row : rows) write_row(json, row, loaded->provider);
    json.close(']').close('}');
    print_json(text);
    return kExitOk;
  }
  std::printf("score  tier      context  USD/M in      out  %-52s not in a pool\n", "id");
  for (const Row& row : rows) print_row(row);
  std::printf("%zu models", rows.size());
  if (loaded->catalog.malformed > 0) std::printf(", %zu entries could not be read", loaded->catalog.malformed);
  std::printf("\n");
  return kExitOk;
}

int models_show_command(const ModelsListOptions& options) {
  const Result<LoadedCatalog> loaded = load_catalog(options.source);
  if (!loaded) return models_failed(loaded.error().detail);
  std::vector<std::string> ids;
  const Row* found = nullptr;
  const std::vector<Row> rows = rows_of(*loaded, day_of(options.today));
  for (const Row& row : rows) {
    const std::string& id = row.rated.model->id;
    ids.push_back(normalized_id(id));
    const bool exact = id == options.id;
    if (exact || (found == nullptr && normalized_id(id) == normalized_id(options.id))) found = &row;
    if (exact) break;
  }
  if (found == nullptr) {
    const std::vector<std::string> near = nearest(normalized_id(options.id), ids, 1);
    return models_failed("there is no model " + printable(options.id) +
                         (near.empty() ? std::string() : "; did you mean " + printable(near[0]) + "?"));
  }
  if (!options.json) {
    print_whole(*found, loaded->provider);
    return kExitOk;
  }
  std::string text;
  JsonWriter json(text);
  write_row(json, *found, loaded->provider);
  print_json(text);
  return kExitOk;
}

std::string models_help() {
  std::string text = "SOURCE is a file, a URL, or a name:";
  for (const std::string& name : known_sources()) text += " " + name;
  return text + ".\nExit codes: 0 done, 1 something failed and nothing was written, 2 a mistake in the arguments.\n";
}

}  // namespace spillway
