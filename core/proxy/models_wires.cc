#include "proxy/models_wires.h"

#include <algorithm>
#include <utility>

#include "base/hash.h"
#include "http/url.h"
#include "json/write.h"
#include "llm/ollama.h"
#include "proxy/models_list.h"

namespace spillway {

namespace {

using llm::Wire;
using namespace std::string_view_literals;

// The version of Ollama's API that is spoken here: the first whose `think` may be a degree. Clients compare it with
// what they need.
constexpr std::string_view kOllamaVersion = "0.11.0";
constexpr std::size_t kPageMost = 1000;

struct Named {
  std::string_view name;
  const Route* route;
};

std::vector<Named> all_models(const Generation& generation, const ClientKey* key) {
  std::vector<Named> all;
  for (const auto& route : generation.routes) {
    for (const std::string& name : route->names) {
      if (Generation::may_use(key, name)) all.push_back({name, route.get()});
    }
  }
  return all;
}

// The value of one of the query's parts, decoded; empty: it is not there.
std::string asked(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view part = query.substr(0, end);
    if (part.size() > name.size() && part.starts_with(name) && part[name.size()] == '=') {
      const Result<std::string> value = percent_decode(part.substr(name.size() + 1));
      return value ? *value : std::string();
    }
    query.remove_prefix(std::min(end + 1, query.size()));
  }
  return {};
}

// Who asks for no number gets all of them: there are few, and not everybody turns pages.
std::size_t page_size(const std::string& text) {
  std::size_t size = 0;
  for (const char c : text.substr(0, 4)) {
    if (c < '0' || c > '9') return kPageMost;
    size = size * 10 + static_cast<std::size_t>(c - '0');
  }
  return size == 0 ? kPageMost : std::min(size, kPageMost);
}

std::size_t place_of(const std::vector<Named>& all, std::string_view name) {
  const auto at = std::find_if(all.begin(), all.end(), [&](const Named& one) { return one.name == name; });
  return static_cast<std::size_t>(at - all.begin());
}

void write_anthropic(JsonWriter& json, const Named& one, const Generation& generation) {
  json.open('{').member("type"sv, "model").member("id"sv, one.name).member("display_name"sv, one.name);
  json.member("created_at"sv, llm::ollama_time(generation.created_s));
  const KnownModel known = known_of(*one.route, generation);
  if (known.context > 0) json.member("max_input_tokens"sv, known.context);
  if (known.output > 0) json.member("max_tokens"sv, known.output);
  json.close('}');
}

std::string list_anthropic(const std::vector<Named>& all, const Generation& generation, std::string_view query) {
  const std::string after = asked(query, "after_id"), before = asked(query, "before_id");
  const std::size_t size = page_size(asked(query, "limit"));
  std::size_t from = 0, to = all.size();
  if (!after.empty()) from = std::min(place_of(all, after) + 1, all.size());
  if (!before.empty()) to = place_of(all, before);
  const bool more = to > from && to - from > size;
  if (more) (before.empty() ? to : from) = before.empty() ? from + size : to - size;
  std::string out;
  JsonWriter json(out);
  json.open('{').key("data"sv).open('[');
  for (std::size_t i = from; i < to; ++i) write_anthropic(json, all[i], generation);
  json.close(']').member("has_more"sv, more);
  const bool any = from < to;
  json.text_or_null("first_id", any ? all[from].name : ""sv).text_or_null("last_id", any ? all[to - 1].name : ""sv);
  json.close('}');
  return out;
}

void write_gemini(JsonWriter& json, const Named& one, const Generation& generation) {
  json.open('{').member("name"sv, "models/" + std::string(one.name)).member("displayName"sv, one.name);
  const KnownModel known = known_of(*one.route, generation);
  if (known.context > 0) json.member("inputTokenLimit"sv, known.context);
  if (known.output > 0) json.member("outputTokenLimit"sv, known.output);
  json.key("supportedGenerationMethods"sv).open('[').value("generateContent").value("countTokens");
  json.close(']').close('}');
}

std::string list_gemini(const std::vector<Named>& all, const Generation& generation, std::string_view query) {
  const std::string token = asked(query, "pageToken");
  const std::size_t from = token.empty() ? 0 : place_of(all, token);
  const std::size_t to = std::min(from + page_size(asked(query, "pageSize")), all.size());
  std::string out;
  JsonWriter json(out);
  json.open('{').key("models"sv).open('[');
  for (std::size_t i = from; i < to; ++i) write_gemini(json, all[i], generation);
  json.close(']');
  if (to < all.size()) json.member("nextPageToken"sv, all[to].name);
  json.close('}');
  return out;
}

void write_details(JsonWriter& json) {
  json.key("details"sv).open('{').member("parent_model"sv, "").member("format"sv, "").member("family"sv, "");
  json.key("families"sv).null().member("parameter_size"sv, "").member("quantization_level"sv, "").close('}');
}

// Its own client prints the digest's beginning, so there must be one.
void write_tag(JsonWriter& json, const Named& one, const Generation& generation) {
  const Digest digest = sha256(one.name);
  json.open('{').member("name"sv, one.name).member("model"sv, one.name);
  json.member("modified_at"sv, llm::ollama_time(generation.created_s)).member("size"sv, 0);
  json.member("digest"sv, hex({reinterpret_cast<const char*>(digest.data()), digest.size()}));
  write_details(json);
  json.close('}');
}

std::string list_ollama(const std::vector<Named>& all, const Generation& generation) {
  std::string out;
  JsonWriter json(out);
  json.open('{').key("models"sv).open('[');
  for (const Named& one : all) write_tag(json, one, generation);
  json.close(']').close('}');
  return out;
}

void write_show(JsonWriter& json, const Named& one, const Generation& generation) {
  const KnownModel known = known_of(*one.route, generation);
  json.open('{').member("modelfile"sv, "").member("parameters"sv, "").member("template"sv, "");
  json.member("modified_at"sv, llm::ollama_time(generation.created_s));
  write_details(json);
  json.key("model_info"sv).open('{').member("general.architecture"sv, "gateway");
  if (known.context > 0) json.member("gateway.context_length"sv, known.context);
  json.close('}').key("capabilities"sv).open('[').value("completion");
  if (known.tools) json.value("tools");
  if (known.vision) json.value("vision");
  json.close(']').close('}');
}

}  // namespace

std::string list_models(Wire wire, const Generation& generation, const ClientKey* key, std::string_view query) {
  switch (wire) {
    case Wire::anthropic: return list_anthropic(all_models(generation, key), generation, query);
    case Wire::gemini: return list_gemini(all_models(generation, key), generation, query);
    case Wire::ollama: return list_ollama(all_models(generation, key), generation);
    default: return models_json(generation, key);
  }
}

std::string one_model(Wire wire, const Generation& generation, std::string_view model, const ClientKey* key) {
  const Named one{model, generation.exactly(model)};
  if (one.route == nullptr || !Generation::may_use(key, model)) return {};
  std::string out;
  JsonWriter json(out);
  switch (wire) {
    case Wire::anthropic: write_anthropic(json, one, generation); break;
    case Wire::gemini: write_gemini(json, one, generation); break;
    case Wire::ollama: write_show(json, one, generation); break;
    default: return model_json(generation, model, key);
  }
  return out;
}

std::string ollama_memory(std::string_view path, const Generation& generation, const ClientKey* key) {
  if (path == "/api/tags") return list_models(Wire::ollama, generation, key, {});
  // Nothing is loaded here.
  return path == "/api/ps" ? R"({"models":[]})" : R"({"version":")" + std::string(kOllamaVersion) + R"("})";
}

std::string ollama_loaded(std::string_view model, std::string_view path, std::int64_t unix_s) {
  const std::string time = llm::ollama_time(unix_s);
  llm::Asked asked;
  asked.prompt = path == "/api/generate";
  llm::OllamaLine line;
  line.model = model;
  line.time = time;
  line.reason = "load";
  std::string out;
  JsonWriter json(out);
  llm::write_ollama(line, asked, json);
  return out;
}

std::string_view tagless(const Generation& generation, std::string_view model) {
  constexpr std::string_view kLatest = ":latest";
  if (!model.ends_with(kLatest) || generation.find(model, {}) != nullptr) return model;
  const std::string_view shorter = model.substr(0, model.size() - kLatest.size());
  return !shorter.empty() && generation.find(shorter, {}) != nullptr ? shorter : model;
}

}  // namespace spillway
