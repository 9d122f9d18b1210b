// Asking how the members of pools have been answering (semantics.md Q-6, C-30): see catalogs.h.
#include <algorithm>

#include "base/clock.h"
#include "base/log.h"
#include "catalog/quality.h"
#include "proxy/catalogs.h"

namespace spillway {

bool Catalogs::ready() {
  if (stopped_) return false;
  if (pool_ == nullptr) {
    dialer_ = Dialer::create(loop_);
    pool_ = std::make_unique<Pool>(loop_, *dialer_, Pool::Options{});
  }
  return true;
}

// The members; for a pool by quality also those who might be better, as far as Q-6 goes.
std::vector<std::string> Catalogs::whom_to_ask_of(const CatalogOrigin& origin) {
  std::vector<std::string> ids;
  const auto add = [&](const std::string& id) {
    if (std::find(ids.begin(), ids.end(), id) == ids.end()) ids.push_back(id);
  };
  bool by_quality = false;
  for (const PoolConfig& pool : config_->pools) {
    if (make_catalog_origin(*config_, pool).key() != origin.key()) continue;
    by_quality = by_quality || pool.preset == "quality";
    for (const std::string& id : current_[pool.name].ids) add(id);
  }
  if (!by_quality) return ids;
  std::vector<const CatalogModel*> models;
  for (const CatalogModel& model : origin.catalog.models) models.push_back(&model);
  const std::vector<Rated> rated = rate(models, FreeRule::project, clock_.wall_ms() / 1000);
  for (const std::size_t i : whom_to_ask(rated)) add(rated[i].model->id);
  return ids;
}

void Catalogs::ask_health(CatalogOrigin& origin) {
  origin.health_due_us = 0;
  if (!config_ || config_->catalog.health_s == 0) return;
  origin.health_due_us = clock_.now_us() + static_cast<std::uint64_t>(config_->catalog.health_s) * 1'000'000;
  std::vector<std::string> ids = whom_to_ask_of(origin);
  if (ids.empty() || !ready()) return;
  const HealthRule rule = config_->catalog.health == "compat" ? HealthRule::compat : HealthRule::project;
  origin.asking =
      std::make_unique<HealthFetch>(*pool_, origin.url, std::move(ids), origin.like ? &*origin.like : nullptr, rule,
                                    static_cast<HealthFetch::Events&>(*this));
  origin.asking->start();
}

void Catalogs::on_health(HealthFetch& fetch) {
  for (auto& [key, origin] : origins_) {
    if (origin->asking.get() != &fetch) continue;
    const HealthRound round = origin->health.take(fetch.answers());
    loop_.bury(std::move(origin->asking));
    origin->asked_s = clock_.wall_ms() / 1000;
    const std::string series = labels({{"source", origin->name}});
    metrics_
        .gauge("spillway_catalog_health_asked", "Models whose endpoints were asked about in the last round.", series)
        .set(static_cast<std::int64_t>(round.asked));
    metrics_.gauge("spillway_catalog_health_failed", "Those of them that gave no usable answer.", series)
        .set(static_cast<std::int64_t>(round.failed));
    if (round.degraded) {
      log_line(Level::warn, "a round of health was of no use, the last one stays",
               {{"source", origin->name},
                {"asked", static_cast<std::int64_t>(round.asked)},
                {"failed", static_cast<std::int64_t>(round.failed)}});
    }
    return settle();
  }
}

}  // namespace spillway
