#include "catalog/model.h"

#include <algorithm>

namespace spillway {

namespace {

std::vector<std::string> strings(const JsonValue& list) {
  std::vector<std::string> found;
  if (!list.is(JsonType::array)) return found;
  for (const JsonValue& item : list.items) {
    if (item.is(JsonType::string)) found.push_back(item.text);
  }
  return found;
}

std::int64_t positive(const JsonValue& number) { return std::max<std::int64_t>(number.integer(0), 0); }

// "text+image->text": the part on one side of the arrow.
std::vector<std::string> side_of(std::string_view modality, bool right) {
  const std::size_t arrow = modality.find("->");
  std::vector<std::string> found;
  if (arrow == modality.npos) return found;
  std::string_view side = right ? modality.substr(arrow + 2) : modality.substr(0, arrow);
  while (true) {
    const std::size_t plus = std::min(side.find('+'), side.size());
    found.emplace_back(side.substr(0, plus));
    if (plus == side.size()) return found;
    side.remove_prefix(plus + 1);
  }
}

std::vector<std::string> modalities(const JsonValue& architecture, std::string_view list, bool right) {
  if (architecture[list].is(JsonType::array)) return strings(architecture[list]);
  return side_of(architecture["modality"].string(), right);
}

CatalogModel read_model(const JsonValue& entry) {
  CatalogModel model;
  model.id = entry["id"].string();
  model.name = entry["name"].string();
  const JsonValue& pricing = entry["pricing"];
  model.has_pricing = pricing.is(JsonType::object);
  model.prompt = read_price(pricing["prompt"]);
  model.completion = read_price(pricing["completion"]);
  model.request = read_price(pricing["request"]);
  const JsonValue& top = entry["top_provider"];
  const JsonValue& architecture = entry["architecture"];
  model.context = positive(entry["context_length"]);
  model.provider_context = positive(top["context_length"]);
  model.prompt_limit = positive(entry["per_request_limits"]["prompt_tokens"]);
  model.output_most = positive(top["max_completion_tokens"]);
  model.parameters = strings(entry["supported_parameters"]);
  model.inputs = modalities(architecture, "input_modalities", false);
  model.outputs = modalities(architecture, "output_modalities", true);
  model.tool_use = architecture["tool_use"].boolean(false) || top["supports_tool_parameters"].boolean(false);
  model.created = positive(entry["created"]);
  model.expires = entry["expiration_date"].string();
  return model;
}

}  // namespace

bool CatalogModel::takes(std::string_view parameter) const {
  return std::find(parameters.begin(), parameters.end(), parameter) != parameters.end();
}

bool CatalogModel::gives_text() const { return std::find(outputs.begin(), outputs.end(), "text") != outputs.end(); }

std::int64_t CatalogModel::usable_context() const {
  std::int64_t least = 0;
  for (const std::int64_t said : {context, provider_context, prompt_limit}) {
    if (said > 0 && (least == 0 || said < least)) least = said;
  }
  return least;
}

Result<Catalog> read_catalog(std::string_view text) {
  const Result<JsonValue> json = parse_json(text);
  if (!json) return json.error();
  return read_catalog(*json);
}

Result<Catalog> read_catalog(const JsonValue& json) {
  const JsonValue& list = json.is(JsonType::array) ? json : json["data"];
  if (!list.is(JsonType::array)) {
    return Error{Kind::invalid, Source::upstream, Retry::no, "the catalogue has no list of models"};
  }
  Catalog catalog;
  for (const JsonValue& entry : list.items) {
    if (!entry.is(JsonType::object) || entry["id"].string().empty()) {
      ++catalog.malformed;
      continue;
    }
    catalog.models.push_back(read_model(entry));
  }
  return catalog;
}

std::string normalized_id(std::string_view id) {
  std::string lower(id);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  }
  constexpr std::string_view kFree = ":free";
  if (lower.ends_with(kFree)) lower.resize(lower.size() - kFree.size());
  return lower;
}

}  // namespace spillway
