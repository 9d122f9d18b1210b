// Any answer of a provider's catalogue or endpoints, through every reader and into a pool. An input is a byte that says
// which kind of catalogue, one that says how the pool is asked for, and the body.
#include <cstdint>
#include <set>
#include <string>

#include "base/error.h"
#include "bytes.h"
#include "catalog/health.h"
#include "catalog/make.h"
#include "conf/presets.h"
#include "json/write.h"

namespace spillway {
namespace {

constexpr CatalogKind kKinds[] = {CatalogKind::openrouter,  CatalogKind::groq,   CatalogKind::mistral,
                                  CatalogKind::huggingface, CatalogKind::nvidia, CatalogKind::ollama,
                                  CatalogKind::openai,      CatalogKind::index};

void check_price(const Price& price) {
  CHECK(price.is != Price::Is::positive || price.usd >= 0);
  CHECK(price.is != Price::Is::negative || price.usd <= 0);
  CHECK(price.known() || price.is != Price::Is::zero);
}

PoolConfig pool_of(std::uint8_t how) {
  PoolConfig pool;
  pool.name = "free";
  pool.source = "up";
  pool.size = 1 + how % 7;
  pool.preset = how & 8 ? "quality" : how & 16 ? "home-ops" : "seed";
  pool.free = how & 32 ? "any" : how & 64 ? "stated" : "proven";
  pool.tools = (how & 128) == 0;
  return pool;
}

void check_pool(const Catalog& catalog, CatalogKind kind, const PoolConfig& pool) {
  const PoolMaterial material{catalog, kind, {}, false, "2026-11-21", {}, {"up", "groq"}};
  const MadePool made = make_pool(pool, material);
  CHECK(made.targets.size() <= static_cast<std::size_t>(pool.size));
  CHECK(made.targets.size() + made.left_out.size() == catalog.models.size());
  for (const TargetConfig& target : made.targets) {
    CHECK(!target.model.empty() && target.weight >= 0 && target.context >= 0);
    // What may cost is never called free (D-1).
    CHECK(pool.free == "stated" || target.free == 0 || (target.price_in <= 0 && target.price_out <= 0));
    CHECK(pool.free == "any" || target.free == 1);
  }
  // Made again of the same, with itself as the last one, nobody goes.
  PoolMaterial again = material;
  again.previous = made.ids;
  again.again = true;
  CHECK(make_pool(pool, again).ids == made.ids);
}

// Any text is some provider's place.
void check_place(std::string_view text) {
  const CatalogSource& source = catalog_source_of_host(text);
  CHECK(find_catalog_source(source.name) == &source);
  for (const CatalogKind kind : kKinds) {
    const CatalogSource& row = catalog_source(kind);
    const Preset* preset = find_preset(row.preset);
    CHECK(preset == nullptr || catalog_url(row, text).ends_with(preset->models));
  }
  CHECK(why_not_believed(text.size(), text.size()).empty() == !text.empty());
}

}  // namespace
}  // namespace spillway

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace spillway;
  if (size < 2) return 0;
  const CatalogKind kind = kKinds[data[0] % std::size(kKinds)];
  const std::string_view body(reinterpret_cast<const char*>(data) + 2, size - 2);
  for (const HealthRule rule : {HealthRule::project, HealthRule::compat}) {
    const Result<ModelHealth> health = read_health(body, rule);
    if (!health) continue;
    CHECK(!health->score || (*health->score >= 0 && *health->score <= 100));
    CHECK(!health->gated || !health->score);
    const int quality = blend(50, *health);
    CHECK(quality >= 0 && quality <= 100);
  }
  check_place(body.substr(0, 60));
  const Result<CatalogPage> page = read_page(kind, body);
  if (!page || page->catalog.models.size() > 300) return 0;
  for (const CatalogModel& model : page->catalog.models) {
    CHECK(!model.id.empty() && model.context >= 0 && model.usable_context() >= 0);
    check_price(model.prompt);
    check_price(model.completion);
  }
  check_pool(page->catalog, kind, pool_of(data[1]));
  return 0;
}
