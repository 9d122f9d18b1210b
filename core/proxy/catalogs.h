// Keeps the pools alive: serves from what is kept on disk, fetches the providers' catalogues on the server's loop when
// they are old, and says when the members of a pool have changed (DESIGN.md section 3; semantics.md C-30, Q-12, G1).
//
// A catalogue that cannot be had or believed changes nothing: the last good one stays. Owner: Server, or the `models`
// command. Thread: its loop's.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/dice.h"
#include "base/metrics.h"
#include "catalog/make.h"
#include "catalog/shelf.h"
#include "conf/config.h"
#include "net/dial.h"
#include "net/loop.h"
#include "proxy/catalog_origin.h"

namespace spillway {

class Clock;

class Catalogs final : private CatalogFetch::Events, private HealthFetch::Events, private Deadline::Events {
 public:
  class Events {
   public:
    virtual void on_pools_changed() = 0;
    virtual void on_refreshed() {}  // nothing is under way any more

   protected:
    ~Events() = default;
  };

  Catalogs(Loop& loop, const Clock& clock, Metrics& metrics, Events& events);
  ~Catalogs();

  // The pools of a config as far as is known, from memory or disk; fetches nothing and changes no schedule.
  PoolTargets pools(const Config& config);
  // This config is the one that serves, with these pools of it: its sources are kept fresh from here on.
  void adopt(const Config& config, const PoolTargets& pools);
  void refresh_now();  // all sources, whatever their age
  void stop();         // nothing is under way afterwards

  // One line for each source, for people and for the admin API.
  struct State {
    std::string source, kind, problem;  // problem: of the last refresh; empty: it worked
    std::size_t models = 0, malformed = 0;
    std::int64_t fetched_s = 0;  // Unix time; 0: never
  };
  std::vector<State> states() const;

 private:
  void on_catalog(CatalogFetch& fetch) override;
  void on_deadline(Deadline& deadline) override;
  CatalogOrigin& origin_of(const Config& config, const PoolConfig& pool);
  void load(CatalogOrigin& origin);
  void read_local(CatalogOrigin& origin);
  void fetch(CatalogOrigin& origin);
  void take(CatalogOrigin& origin, Catalog catalog, const std::vector<std::string>& pages);
  void failed(CatalogOrigin& origin, const std::string& why);
  void schedule(CatalogOrigin& origin, double after_s);
  double about(double seconds);  // give or take a tenth, so that many gateways do not ask at once (C-30)
  bool asks_health(const CatalogOrigin& origin) const;
  void arm();
  void settle();
  // catalogs_health.cc
  void on_health(HealthFetch& fetch) override;
  void ask_health(CatalogOrigin& origin);
  std::vector<std::string> whom_to_ask_of(const CatalogOrigin& origin);
  bool ready();  // a pool of connections is there

  Loop& loop_;
  const Clock& clock_;
  Metrics& metrics_;
  Events& events_;
  Dice dice_;
  Deadline deadline_;
  std::unique_ptr<Dialer> dialer_;
  std::unique_ptr<Pool> pool_;
  std::unique_ptr<Shelf> shelf_;
  std::map<std::string, std::unique_ptr<CatalogOrigin>> origins_;
  std::optional<Config> config_;  // the adopted one
  PoolTargets current_;           // its pools
  PoolMemory memory_;
  bool stopped_ = false;
};

// Do both serve the same?
bool same_members(const PoolTargets& one, const PoolTargets& other);

}  // namespace spillway
