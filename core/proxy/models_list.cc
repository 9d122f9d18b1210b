#include "proxy/models_list.h"

#include <algorithm>

#include "base/number.h"
#include "json/write.h"

namespace spillway {

namespace {

// What the candidates that come first cost, as catalogues say it: USD for one token, as text.
void write_pricing(JsonWriter& json, const Route& route) {
  const auto known = [](const Candidate& one) { return one.price_in >= 0 && one.price_out >= 0; };
  const auto first = std::find_if(route.candidates.begin(), route.candidates.end(), known);
  if (first == route.candidates.end()) return;
  json.key("pricing").open('{').member("prompt", real_text(first->price_in / 1e6));
  json.member("completion", real_text(first->price_out / 1e6)).close('}');
}

void write_capabilities(JsonWriter& json, const KnownModel& known) {
  if (!known.tools && !known.vision && !known.format) return;
  json.key("capabilities").open('[');
  if (known.tools) json.value("tools");
  if (known.vision) json.value("vision");
  if (known.format) json.value("response_format");
  json.close(']');
}

void write_names(JsonWriter& json, const JsonKey& member, const std::vector<std::string>& names) {
  if (names.empty()) return;
  json.key(member).open('[');
  for (const std::string& one : names) json.value(one);
  json.close(']');
}

// The route's other names, as far as the key may know them.
std::vector<std::string> aliases(const Route& route, std::string_view name, const ClientKey* key) {
  std::vector<std::string> others;
  for (const std::string& one : route.names) {
    if (one != name && Generation::may_use(key, one)) others.push_back(one);
  }
  return others;
}

void write_model(JsonWriter& json, std::string_view name, const Route& route, const Generation& generation,
                 const ClientKey* key) {
  json.open('{').member("id", name).member("object", "model").member("created", generation.created_s);
  json.member("owned_by", "spillway");
  const KnownModel known = known_of(route, generation);
  if (known.context > 0) json.member("context_length", known.context);
  if (known.output > 0) json.member("max_output_tokens", known.output);
  write_pricing(json, route);
  write_capabilities(json, known);
  write_names(json, "aliases", aliases(route, name, key));
  write_names(json, "pools", route.pools);
  json.close('}');
}

}  // namespace

// The largest limits, and what at least one candidate is known to do.
KnownModel known_of(const Route& route, const Generation& generation) {
  KnownModel known;
  for (const Candidate& candidate : route.candidates) {
    known.context = std::max(known.context, candidate.context);
    known.output = std::max(known.output, generation.targets[candidate.target]->output_most);
    known.tools = known.tools || candidate.tools == 1;
    known.vision = known.vision || candidate.vision == 1;
    known.format = known.format || candidate.response_format == 1;
  }
  return known;
}

std::string models_json(const Generation& generation, const ClientKey* key) {
  std::string out;
  JsonWriter json(out);
  json.open('{').member("object", "list").key("data").open('[');
  for (const auto& route : generation.routes) {
    for (const std::string& name : route->names) {
      if (Generation::may_use(key, name)) write_model(json, name, *route, generation, key);
    }
  }
  json.close(']').close('}');
  return out;
}

std::string model_json(const Generation& generation, std::string_view model, const ClientKey* key) {
  const Route* route = generation.exactly(model);
  if (route == nullptr || !Generation::may_use(key, model)) return {};
  std::string out;
  JsonWriter json(out);
  write_model(json, model, *route, generation, key);
  return out;
}

}  // namespace spillway
