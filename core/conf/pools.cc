// [catalog], [pool.NAME] and what stands in it: rows, reading, and the checks between pools, providers and tiers.
// Thread: the loader's.
#include "conf/pools.h"

#include <algorithm>

#include "conf/row.h"
#include "conf/secrets.h"

namespace spillway {
namespace {

constexpr std::string_view kPoolPresets[] = {"seed", "home-ops", "quality"};
constexpr std::string_view kHealth[] = {"project", "compat"};
constexpr std::string_view kFree[] = {"proven", "stated", "any"};

const Row<CatalogConfig> kCatalog[] = {
    {"refresh_s", &CatalogConfig::refresh_s, 0, 30 * 86'400,
     "How old a catalogue may be before it is fetched again, give or take a tenth; 0 fetches none."},
    {"health_s", &CatalogConfig::health_s, 0, 86'400,
     "How often the endpoints of pool members are asked how they are (OpenRouter only); 0: never."},
    {"health", &CatalogConfig::health, kHealth,
     "How what endpoints say is read: \"project\" counts live ones only, in percent, and lets new models in; "
     "\"compat\" counts all, takes fractions for percent, and keeps out what nobody has measured."},
    {"timeout_ms", &CatalogConfig::timeout_ms, 100, 600'000, "Longest wait for one page of a catalogue."},
    {"folder", &CatalogConfig::folder, Form::place,
     "Where the last good catalogues and pools are kept; empty: `catalog` beside the store's default place."},
};

const Row<PoolConfig> kPool[] = {
    {"source", &PoolConfig::source, Form::model,
     "Whose models: the name of a [[provider]], or the path or URL of an index file.", kRequired},
    {"size", &PoolConfig::size, 1, 1000, "Most members."},
    {"preset", &PoolConfig::preset, kPoolPresets,
     "How models are scored: \"seed\" and \"home-ops\" by context and words in the id, \"quality\" by what is known of "
     "them and the health of their endpoints."},
    {"free", &PoolConfig::free, kFree,
     "\"proven\": only what the catalogue says costs nothing; \"stated\": you say that all of this source costs "
     "nothing; \"any\": what costs as well."},
    {"replace_margin", &PoolConfig::replace_margin, 0, 1000,
     "Points by which a newcomer must lead a member; seven of ten stay while they are eligible at all."},
    {"context_min", &PoolConfig::context_min, -1, 1e9,
     "Least context window in tokens; -1: 16384, or 0 where the catalogue does not say contexts."},
    {"tools", &PoolConfig::tools, "Only models that take tools."},
    {"text", &PoolConfig::text, "Only models that write text."},
    {"expose", &PoolConfig::expose,
     "Clients may ask for each member by its id, or by a name like openrouter/qwen-qwen3-coder-free."},
    {"only", &PoolConfig::only, Form::model, "Patterns of ids that may be in it; empty: all."},
    {"exclude", &PoolConfig::exclude, Form::model, "Patterns of ids that may not."},
    {"exclude_authors", &PoolConfig::exclude_authors, Form::name, "What stands before the '/' of ids that may not."},
    {"meta_routers", &PoolConfig::meta_routers, Form::model, "Ids that stand for whatever their owner picks."},
    {"blocklist", &PoolConfig::blocklist, Form::path, "File of ids that may not be in it, one a line."},
    {"points", &PoolConfig::points, -1000, 1000,
     "Points for a word in the id, instead of the preset's words, e.g. { coder = 20, preview = -5 }."},
};

const Row<OverlayConfig> kOverlay[] = {
    {"id", &OverlayConfig::id, Form::model, "The model's id in the catalogue.", kRequired},
    {"exclude", &OverlayConfig::exclude, "Keep it out of the pool."},
    {"weight", &OverlayConfig::weight, -1, 1e6, "Its share of the picks; -1: by its rank."},
    {"context", &OverlayConfig::context, 0, 1e9, "Context window in tokens; 0: the catalogue's."},
    {"capabilities", &OverlayConfig::capabilities, kCapabilities, "What it can do; empty: the catalogue's."},
    {"price_in", &OverlayConfig::price_in, -1, 1e6, "US dollars per million tokens read; -1: the catalogue's."},
    {"price_out", &OverlayConfig::price_out, -1, 1e6, "The same for tokens written."},
};

PoolConfig::From origin_of(std::string_view source) {
  if (source.starts_with("http://") || source.starts_with("https://")) return PoolConfig::From::url;
  const bool file = source.find('/') != source.npos || source.ends_with(".json");
  return file ? PoolConfig::From::file : PoolConfig::From::provider;
}

void read_pool(const Node& table, const std::string& where, PoolConfig& pool, Reader& reader) {
  reader.read(table, options_of(pool), where, {"model"});
  pool.from = origin_of(pool.source);
  if (pool.from == PoolConfig::From::file) {
    pool.source = resolve_path(pool.source, reader.problems().folder(table.place_of("source").file));
  }
  const Node* overlays = reader.tables(table.find("model"), "[[" + where.substr(1, where.size() - 2) + ".model]]");
  if (overlays == nullptr) return;
  for (const Node& item : overlays->items) {
    OverlayConfig& overlay = pool.overlays.emplace_back();
    overlay.place = item.place;
    reader.read(item, options_of(overlay), where + " model");
  }
}

}  // namespace

Options options_of(CatalogConfig& catalog) { return apply<CatalogConfig>(kCatalog, catalog); }
Options options_of(PoolConfig& pool) { return apply<PoolConfig>(kPool, pool); }
Options options_of(OverlayConfig& overlay) { return apply<OverlayConfig>(kOverlay, overlay); }

void read_pools(const Node& root, Config& config, Reader& reader) {
  const Node* pools = reader.table(root.find("pool"), "[pool.NAME]");
  if (pools == nullptr) return;
  for (const Member& member : pools->members) {
    const std::string where = "[pool." + member.key.substr(0, 64) + ']';
    const Node* table = reader.table(&member, where);
    if (table == nullptr) continue;
    PoolConfig& pool = config.pools.emplace_back();
    pool.name = member.key;
    pool.place = member.place;
    read_pool(*table, where, pool, reader);
  }
}

void check_pools(const Node& root, const Config& config, Problems& problems) {
  std::vector<std::string> providers;
  for (const ProviderConfig& provider : config.providers) providers.push_back(provider.name);
  const Member* pools = root.find("pool");
  for (const PoolConfig& pool : config.pools) {
    const Member* member = pools->value.find(pool.name);
    const Place at = member == nullptr ? pool.place : member->value.place_of("source");
    const bool known = std::find(providers.begin(), providers.end(), pool.source) != providers.end();
    if (!known && !pool.source.empty() && pool.from == PoolConfig::From::provider) {
      problems.error(at, "[pool." + pool.name + "] source: there is no [[provider]] named \"" + pool.source + '"' +
                             did_you_mean(pool.source, providers));
    }
  }
}

}  // namespace spillway
