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

// What at least one candidate is known to do.
void write_capabilities(JsonWriter& json, const Route& route) {
  const auto any = [&](int Candidate::*member) {
    return std::any_of(route.candidates.begin(), route.candidates.end(),
                       [&](const Candidate& one) { return one.*member == 1; });
  };
  const bool tools = any(&Candidate::tools), vision = any(&Candidate::vision),
             format = any(&Candidate::response_format);
  if (!tools && !vision && !format) return;
  json.key("capabilities").open('[');
  if (tools) json.value("tools");
  if (vision) json.value("vision");
  if (format) json.value("response_format");
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
  std::int64_t context = 0, output = 0;
  for (const Candidate& candidate : route.candidates) {
    context = std::max(context, candidate.context);
    output = std::max(output, generation.targets[candidate.target]->output_most);
  }
  if (context > 0) json.member("context_length", context);
  if (output > 0) json.member("max_output_tokens", output);
  write_pricing(json, route);
  write_capabilities(json, route);
  write_names(json, "aliases", aliases(route, name, key));
  write_names(json, "pools", route.pools);
  json.close('}');
}

}  // namespace

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
