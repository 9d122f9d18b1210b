#include "catalog/source.h"

#include <algorithm>
#include <iterator>

#include "conf/presets.h"
#include "http/url.h"

namespace spillway {

namespace {

constexpr CatalogSource kSources[] = {
    {CatalogKind::openrouter, "openrouter", "openrouter", true},
    {CatalogKind::groq, "groq", "groq", false},
    {CatalogKind::mistral, "mistral", "mistral", false},
    {CatalogKind::huggingface, "huggingface", "huggingface", true},
    {CatalogKind::nvidia, "nvidia", "nvidia-nim", false},
    {CatalogKind::ollama, "ollama", "ollama", false},
    {CatalogKind::openai, "openai", "custom", false},
    {CatalogKind::index, "index", "", false},
};

std::int64_t positive(const JsonValue& number) { return std::max<std::int64_t>(number.integer(0), 0); }

// The first of these members that is a positive whole number.
std::int64_t first_of(const JsonValue& entry, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    if (const std::int64_t value = positive(entry[name]); value > 0) return value;
  }
  return 0;
}

void add_parameter(CatalogModel& model, bool has, std::string_view name) {
  if (has && !model.takes(name)) model.parameters.emplace_back(name);
}

// What OpenAI-style lists add to an id: Groq's context_window, vLLM's max_model_len, Mistral's capabilities.
bool read_openai_entry(const JsonValue& entry, Catalog& into) {
  const std::string_view id = entry["id"].string();
  if (id.empty()) return false;
  if (!entry["active"].boolean(true) || entry["archived"].boolean(false)) return true;
  CatalogModel model;
  model.id = id;
  model.name = entry["name"].string();
  model.context = first_of(entry, {"context_length", "context_window", "max_context_length", "max_model_len"});
  model.output_most = first_of(entry, {"max_completion_tokens", "max_output_tokens", "max_output_length"});
  model.created = positive(entry["created"]);
  model.expires = entry["deprecation"].string().substr(0, 10);
  const JsonValue& can = entry["capabilities"];
  if (can.is(JsonType::object) && can.has("completion_chat")) {
    if (!can["completion_chat"].boolean(false)) return true;  // embeddings, moderation, transcription
    add_parameter(model, can["function_calling"].boolean(false), "tools");
    add_parameter(model, true, "response_format");
    model.inputs = {"text"};
    if (can["vision"].boolean(false)) model.inputs.emplace_back("image");
    model.outputs = {"text"};
  }
  into.models.push_back(std::move(model));
  return true;
}

// Hugging Face's router says everything for each of a model's providers and picks one itself: what is promised here is
// what every live one of them keeps.
bool read_huggingface_entry(const JsonValue& entry, Catalog& into) {
  const std::string_view id = entry["id"].string();
  if (id.empty()) return false;
  CatalogModel model;
  model.id = id;
  model.created = positive(entry["created"]);
  model.inputs = {"text"};
  model.outputs = {"text"};
  for (const JsonValue& item : entry["architecture"]["input_modalities"].items) {
    if (item.string() == "image") model.inputs.emplace_back("image");
  }
  bool any = false, tools = true, structured = true;
  for (const JsonValue& provider : entry["providers"].items) {
    const std::string_view status = provider["status"].string();
    if (!status.empty() && status != "live") continue;
    any = true;
    const std::int64_t context = positive(provider["context_length"]);
    if (context > 0 && (model.context == 0 || context < model.context)) model.context = context;
    tools = tools && provider["supports_tools"].boolean(false);
    structured = structured && provider["supports_structured_output"].boolean(false);
    const auto dearest = [](Price& so_far, const JsonValue& json) {
      Price price = read_price(json);
      price.usd /= 1e6;
      const bool worse =
          so_far.is == Price::Is::absent || (so_far.known() && (!price.known() || price.usd > so_far.usd));
      if (worse) so_far = price;
    };
    model.has_pricing = true;
    dearest(model.prompt, provider["pricing"]["input"]);
    dearest(model.completion, provider["pricing"]["output"]);
  }
  if (!any) return true;  // nobody serves it
  add_parameter(model, tools, "tools");
  add_parameter(model, structured, "response_format");
  into.models.push_back(std::move(model));
  return true;
}

bool read_ollama_entry(const JsonValue& entry, Catalog& into) {
  const std::string_view id = entry["model"].string().empty() ? entry["name"].string() : entry["model"].string();
  if (id.empty()) return false;
  CatalogModel model;
  model.id = id;
  model.name = entry["name"].string();
  into.models.push_back(std::move(model));
  return true;
}

// "providers": {"groq": "llama-3.1-8b"} or {"groq": {"model": "llama-3.1-8b"}}: one model each.
bool read_index_entry(const JsonValue& entry, Catalog& into) {
  const JsonValue& providers = entry["providers"];
  const std::string_view canonical = entry["canonical"].string();
  if (canonical.empty() || !providers.is(JsonType::object)) return false;
  for (std::size_t i = 0; i < providers.items.size(); ++i) {
    const JsonValue& item = providers.items[i];
    CatalogModel model;
    model.id = item.is(JsonType::object) ? item["model"].string() : item.string();
    if (model.id.empty()) continue;
    model.name = canonical;
    model.provider = providers.keys[i];
    into.models.push_back(std::move(model));
  }
  return true;
}

using EntryReader = bool (*)(const JsonValue&, Catalog&);
struct Shape {
  std::string_view list;
  EntryReader read;
};
Shape shape_of(CatalogKind kind) {
  switch (kind) {
    case CatalogKind::huggingface: return {"data", read_huggingface_entry};
    case CatalogKind::ollama: return {"models", read_ollama_entry};
    case CatalogKind::index: return {"models", read_index_entry};
    case CatalogKind::openrouter:
    case CatalogKind::groq:
    case CatalogKind::mistral:
    case CatalogKind::nvidia:
    case CatalogKind::openai: break;
  }
  return {"data", read_openai_entry};
}

}  // namespace

const CatalogSource& catalog_source(CatalogKind kind) {
  return *std::find_if(std::begin(kSources), std::end(kSources), [&](const auto& row) { return row.kind == kind; });
}

const CatalogSource* find_catalog_source(std::string_view name) {
  const auto* row =
      std::find_if(std::begin(kSources), std::end(kSources), [&](const auto& one) { return one.name == name; });
  return row == std::end(kSources) ? nullptr : row;
}

const CatalogSource& catalog_source_of(std::string_view preset) {
  for (const CatalogSource& row : kSources) {
    if (!preset.empty() && row.preset == preset) return row;
  }
  return catalog_source(CatalogKind::openai);
}

const CatalogSource& catalog_source_of_host(std::string_view host) {
  const Preset* preset = preset_of_host(host);
  return catalog_source_of(preset == nullptr ? std::string_view() : preset->name);
}

std::string catalog_url(const CatalogSource& source, std::string_view base_url) {
  const Preset* preset = find_preset(source.preset);
  return preset == nullptr ? std::string(base_url) : url_of_link(base_url, preset->models);
}

Result<CatalogPage> read_page(CatalogKind kind, std::string_view text) {
  const Result<JsonValue> json = parse_json(text);
  if (!json) return json.error();
  return read_page(kind, *json);
}

Result<CatalogPage> read_page(CatalogKind kind, const JsonValue& json) {
  CatalogPage page;
  page.next = json["links"]["next"].string();
  if (kind == CatalogKind::openrouter) {
    Result<Catalog> catalog = read_catalog(json);
    if (!catalog) return catalog.error();
    page.catalog = std::move(*catalog);
    return page;
  }
  const Shape shape = shape_of(kind);
  const JsonValue& list = json.is(JsonType::array) ? json : json[shape.list];
  if (!list.is(JsonType::array)) {
    return Error{Kind::invalid, Source::upstream, Retry::no, "the catalogue has no list of models"};
  }
  for (const JsonValue& entry : list.items) {
    if (!entry.is(JsonType::object) || !shape.read(entry, page.catalog)) ++page.catalog.malformed;
  }
  return page;
}

void append(Catalog& to, Catalog&& page) {
  to.malformed += page.malformed;
  to.models.insert(to.models.end(), std::make_move_iterator(page.models.begin()),
                   std::make_move_iterator(page.models.end()));
}

std::string why_not_believed(std::size_t before, std::size_t now) {
  if (now == 0) return "it has no models";
  if (before == 0) return {};
  const auto told = [&](std::string_view than) {
    return "it has " + std::to_string(now) + " models, " + std::string(than) + " the last one's " +
           std::to_string(before);
  };
  if (now * 2 < before) return told("less than half of");
  if (now > before * 2) return told("more than twice");
  return {};
}

}  // namespace spillway
