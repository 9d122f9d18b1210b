#include "proxy/pools_json.h"

#include <algorithm>

#include "json/write.h"
#include "proxy/catalog_origin.h"

namespace spillway {

namespace {

void write_member(JsonWriter& json, const TargetConfig& target) {
  json.open('{').member("id", target.model).member("provider", target.provider).member("weight", target.weight);
  json.member("free", target.free == 1);
  if (target.context > 0) json.member("context", target.context);
  if (target.output_most > 0) json.member("max_output_tokens", target.output_most);
  if (target.price_in >= 0) json.member("price_in", target.price_in);
  if (target.price_out >= 0) json.member("price_out", target.price_out);
  if (target.quality >= 0) json.member("quality", target.quality);
  if (target.health >= 0) json.member("health", target.health);
  json.key("capabilities").open('[');
  for (const std::string& one : target.capabilities) json.value(one);
  json.close(']').close('}');
}

void write_source(JsonWriter& json, const Catalogs::State& state) {
  json.open('{').member("name", state.source).member("kind", state.kind);
  json.member("models", static_cast<std::int64_t>(state.models));
  json.member("malformed", static_cast<std::int64_t>(state.malformed));
  json.member("fetched", state.fetched_s).member("problem", state.problem).close('}');
}

}  // namespace

std::string pools_json(const Config& config, const PoolTargets& pools, const std::vector<Catalogs::State>& states) {
  std::string out;
  JsonWriter json(out);
  json.open('[');
  for (const PoolConfig& pool : config.pools) {
    const std::string source = make_catalog_origin(config, pool).name;
    json.open('{').member("pool", pool.name).member("preset", pool.preset).key("source");
    const auto state =
        std::find_if(states.begin(), states.end(), [&](const auto& one) { return one.source == source; });
    if (state == states.end()) {
      json.null();
    } else {
      write_source(json, *state);
    }
    static const MadePool kNone;
    const auto made = pools.find(pool.name);
    const MadePool& members = made == pools.end() ? kNone : made->second;
    json.key("members").open('[');
    for (const TargetConfig& target : members.targets) write_member(json, target);
    json.close(']').key("left_out").open('[');
    for (const auto& [id, why] : members.left_out) json.open('{').member("id", id).member("why", why).close('}');
    json.close(']').close('}');
  }
  json.close(']');
  return out;
}

}  // namespace spillway
