#include "proxy/catalogs.h"

#include <algorithm>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"

namespace spillway {

namespace {

constexpr double kRetryFirstS = 30, kRetryMostS = 3600;
constexpr std::size_t kBlocklistBytesMax = 1u << 20;

std::string blocklist_of(const PoolConfig& pool) {
  if (pool.blocklist.empty()) return {};
  Result<std::string> text = read_file(pool.blocklist, kBlocklistBytesMax);
  if (text) return std::move(*text);
  log_line(Level::warn, "a pool's blocklist cannot be read", {{"pool", pool.name}, {"why", text.error().detail}});
  return {};
}

}  // namespace

bool same_members(const PoolTargets& one, const PoolTargets& other) {
  return std::equal(one.begin(), one.end(), other.begin(), other.end(), [](const auto& a, const auto& b) {
    return a.first == b.first && a.second.targets == b.second.targets;
  });
}

Catalogs::Catalogs(Loop& loop, const Clock& clock, Metrics& metrics, Events& events)
    : loop_(loop), clock_(clock), metrics_(metrics), events_(events), deadline_(loop, *this) {}

Catalogs::~Catalogs() = default;

// Found again by where it is, so that a config that is tried and refused disturbs nothing.
CatalogOrigin& Catalogs::origin_of(const Config& config, const PoolConfig& pool) {
  CatalogOrigin made = make_catalog_origin(config, pool);
  std::unique_ptr<CatalogOrigin>& origin = origins_[made.key()];
  if (origin == nullptr) {
    origin = std::make_unique<CatalogOrigin>(std::move(made));
  } else if (!origin->busy()) {  // the key may be another
    origin->like = std::move(made.like);
    origin->timeout_ms = made.timeout_ms;
  }
  return *origin;
}

void Catalogs::load(CatalogOrigin& origin) {
  if (origin.local && changed_s(origin.url) != origin.fetched_s) read_local(origin);
  if (std::exchange(origin.loaded, true) || origin.local) return;
  Result<KeptCatalog> kept = shelf_->load(origin.name, origin.kind, origin.url);
  if (kept) {
    origin.catalog = std::move(kept->catalog);
    origin.fetched_s = kept->fetched_s;
  } else if (kept.error().kind != Kind::not_found) {
    log_line(Level::warn, "a kept catalogue is of no use", {{"why", kept.error().detail}});
  }
}

void Catalogs::read_local(CatalogOrigin& origin) {
  const std::int64_t changed = changed_s(origin.url);
  const Result<std::string> text = read_file(origin.url, CatalogFetch::kBytesMax);
  if (!text) return failed(origin, text.error().detail);
  Result<CatalogPage> page = read_page(origin.kind, *text);
  if (!page) return failed(origin, page.error().detail);
  origin.catalog.models.clear();  // the operator's own file needs nobody's belief
  take(origin, std::move(page->catalog), {});
  origin.fetched_s = changed;
}

PoolTargets Catalogs::pools(const Config& config) {
  const std::string folder = config.catalog.folder.empty() ? Shelf::default_folder() : config.catalog.folder;
  if (shelf_ == nullptr || shelf_->folder() != folder) {
    shelf_ = std::make_unique<Shelf>(folder);
    memory_ = shelf_->load_pools();
  }
  std::vector<std::string> providers;
  for (const ProviderConfig& provider : config.providers) providers.push_back(provider.name);
  PoolTargets made;
  for (const PoolConfig& pool : config.pools) {
    CatalogOrigin& origin = origin_of(config, pool);
    load(origin);
    const RememberedPool& before = memory_[pool.name];
    const PoolMaterial material{origin.catalog,
                                origin.kind,
                                before.ids,
                                before.made_of_s == origin.changed_s() && origin.fetched_s > 0,
                                date_of(clock_.wall_ms() / 1000),
                                blocklist_of(pool),
                                providers,
                                &origin.health.last_good()};
    MadePool& target = made[pool.name];
    target = make_pool(pool, material);
    target.made_of_s = origin.changed_s();
  }
  return made;
}

double Catalogs::about(double seconds) { return seconds * (0.9 + 0.2 * dice_.unit()); }

bool Catalogs::asks_health(const CatalogOrigin& origin) const {
  return origin.kind == CatalogKind::openrouter && config_ && config_->catalog.health_s > 0;
}

void Catalogs::adopt(const Config& config, const PoolTargets& pools) {
  config_ = config;
  current_ = pools;
  for (auto& [key, origin] : origins_) origin->wanted = false;
  PoolMemory now;
  for (const PoolConfig& pool : config.pools) {
    origin_of(config, pool).wanted = true;
    const MadePool& made = current_[pool.name];
    now[pool.name] = {made.made_of_s, made.ids};
    metrics_.gauge("spillway_pool_members", "Models in a generated pool.", labels({{"pool", pool.name}}))
        .set(static_cast<std::int64_t>(made.targets.size()));
    if (made.targets.empty())
      log_line(Level::warn, "a pool has no members yet", {{"pool", pool.name}, {"source", pool.source}});
  }
  std::erase_if(origins_, [](const auto& entry) { return !entry.second->wanted && !entry.second->busy(); });
  if (!config.pools.empty()) {
    const Status kept = shelf_->store_pools(now);
    if (!kept) log_line(Level::warn, "pools are not kept", {{"why", kept.error().detail}});
  }
  memory_ = std::move(now);
  for (auto& [key, origin] : origins_) {
    if (!asks_health(*origin)) {
      origin->health_due_us = 0;
    } else if (origin->health_due_us == 0 && origin->fetched_s > 0) {
      origin->health_due_us = clock_.now_us();
    }
    if (origin->wanted && origin->due_us == 0 && origin->fetch == nullptr) {
      const std::int64_t now_s = clock_.wall_ms() / 1000;
      const auto age_s = static_cast<double>(now_s - origin->fetched_s);
      const auto fresh_s = static_cast<double>(config.catalog.refresh_s);
      schedule(*origin, std::max(0.0, about(fresh_s) - std::max(age_s, 0.0)));
    }
  }
  arm();
}

void Catalogs::schedule(CatalogOrigin& origin, double after_s) {
  origin.due_us = 0;
  if (!config_ || config_->catalog.refresh_s == 0) return;
  origin.due_us = clock_.now_us() + static_cast<std::uint64_t>(after_s * 1e6);
}

void Catalogs::arm() {
  deadline_.disarm();
  if (stopped_) return;
  std::uint64_t soonest = 0;
  for (const auto& [key, origin] : origins_) {
    if (!origin->wanted || origin->busy()) continue;
    for (const std::uint64_t due_us : {origin->due_us, origin->health_due_us}) {
      if (due_us != 0 && (soonest == 0 || due_us < soonest)) soonest = due_us;
    }
  }
  if (soonest == 0) return;
  const std::uint64_t now = clock_.now_us();
  deadline_.arm(soonest > now ? (soonest - now) / 1000 : 0);
}

void Catalogs::on_deadline(Deadline&) {
  const std::uint64_t now = clock_.now_us() + 1000;
  for (auto& [key, origin] : origins_) {
    if (!origin->wanted || origin->busy()) continue;
    if (origin->due_us != 0 && origin->due_us <= now) {
      fetch(*origin);
    } else if (origin->health_due_us != 0 && origin->health_due_us <= now) {
      ask_health(*origin);
    }
  }
  arm();
}

void Catalogs::refresh_now() {
  for (auto& [key, origin] : origins_) {
    if (origin->wanted && !origin->busy()) fetch(*origin);
  }
  settle();
}

void Catalogs::fetch(CatalogOrigin& origin) {
  if (origin.local) return read_local(origin);
  if (!ready()) return;
  origin.fetch = std::make_unique<CatalogFetch>(*pool_, origin.kind, origin.url, origin.like ? &*origin.like : nullptr,
                                                origin.timeout_ms, static_cast<CatalogFetch::Events&>(*this));
  const Status started = origin.fetch->start();
  if (started) return;
  origin.fetch.reset();
  failed(origin, started.error().detail);
}

void Catalogs::on_catalog(CatalogFetch& fetch) {
  for (auto& [key, origin] : origins_) {
    if (origin->fetch.get() != &fetch) continue;
    loop_.bury(std::move(origin->fetch));
    if (fetch.error()) {
      failed(*origin, fetch.error()->detail);
    } else {
      take(*origin, std::move(fetch.catalog()), fetch.pages());
    }
    return settle();
  }
}

void Catalogs::take(CatalogOrigin& origin, Catalog catalog, const std::vector<std::string>& pages) {
  const std::string doubt = why_not_believed(origin.catalog.models.size(), catalog.models.size());
  if (!doubt.empty()) return failed(origin, "the new catalogue is not believed: " + doubt);
  const std::string series = labels({{"source", origin.name}});
  metrics_.gauge("spillway_catalog_models", "Models in a provider's catalogue.", series)
      .set(static_cast<std::int64_t>(catalog.models.size()));
  metrics_.gauge("spillway_catalog_malformed", "Entries of it that could not be read.", series)
      .set(static_cast<std::int64_t>(catalog.malformed));
  origin.catalog = std::move(catalog);
  origin.fetched_s = clock_.wall_ms() / 1000;
  origin.failures = 0;
  origin.problem.clear();
  if (!origin.local) {
    const Status kept = shelf_->store(origin.name, origin.kind, origin.url, origin.fetched_s, pages);
    if (!kept) log_line(Level::warn, "a catalogue is not kept", {{"why", kept.error().detail}});
  }
  const double fresh_s = config_ ? static_cast<double>(config_->catalog.refresh_s) : 0;
  schedule(origin, about(fresh_s));
  if (asks_health(origin)) origin.health_due_us = clock_.now_us();
}

void Catalogs::failed(CatalogOrigin& origin, const std::string& why) {
  // Said once; a network that is away for a night need not fill the log.
  log_line(origin.failures == 0 ? Level::warn : Level::debug, "a catalogue was not refreshed, the last one stays",
           {{"source", origin.name}, {"why", why}});
  metrics_
      .counter("spillway_catalog_failures_total", "Refreshes of a catalogue that failed or were not believed.",
               labels({{"source", origin.name}}))
      .add();
  origin.problem = why;
  const double retry_s = std::min(kRetryMostS, kRetryFirstS * static_cast<double>(1 << std::min(origin.failures, 10)));
  ++origin.failures;
  schedule(origin, about(retry_s));
}

// Something came in: are the pools others now?
void Catalogs::settle() {
  if (stopped_ || !config_) return;
  const bool busy =
      std::any_of(origins_.begin(), origins_.end(), [](const auto& entry) { return entry.second->busy(); });
  if (!same_members(pools(*config_), current_)) events_.on_pools_changed();
  arm();
  if (!busy) events_.on_refreshed();
}

void Catalogs::stop() {
  if (std::exchange(stopped_, true)) return;
  deadline_.disarm();
  for (auto& [key, origin] : origins_) {
    if (origin->fetch != nullptr) origin->fetch->cancel();
    if (origin->asking != nullptr) origin->asking->cancel();
  }
  if (pool_ != nullptr) pool_->close();
  if (dialer_ != nullptr) dialer_->close();
}

std::vector<Catalogs::State> Catalogs::states() const {
  std::vector<State> all;
  for (const auto& [key, origin] : origins_) {
    if (!origin->wanted) continue;
    all.push_back({origin->name, std::string(catalog_source(origin->kind).name), origin->problem,
                   origin->catalog.models.size(), origin->catalog.malformed, origin->fetched_s});
  }
  return all;
}

}  // namespace spillway
