// `models sync`: fetches the catalogues of a config's pools now and keeps them where `serve` looks at its start, so
// that a machine that starts without a network, or an image that is built with one, has them.
#include <cstdio>

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "cli/commands.h"
#include "cli/models.h"
#include "conf/load.h"
#include "proxy/catalogs.h"

namespace spillway {

namespace {

// Owner: the command, on its stack.
class Sync final : private Catalogs::Events, private Deadline::Events {
 public:
  Sync() : deadline_(loop_, *this), catalogs_(loop_, clock_, metrics_, *this) {}

  std::vector<Catalogs::State> run(const Config& config) {
    catalogs_.adopt(config, catalogs_.pools(config));
    catalogs_.refresh_now();
    loop_.run();
    return catalogs_.states();
  }

 private:
  void on_pools_changed() override {}
  void on_refreshed() override { deadline_.arm(0); }  // what called us still works on its sources
  void on_deadline(Deadline&) override {
    catalogs_.stop();
    loop_.close();
  }

  const SystemClock clock_;
  Metrics metrics_;
  Loop loop_;
  Deadline deadline_;
  Catalogs catalogs_;
};

}  // namespace

int models_sync_command(const std::string& path) {
  Loaded loaded = load_config(path);
  print_problems(loaded.problems);
  if (!loaded.ok()) return kExitUsage;
  if (loaded.config.pools.empty()) return models_failed(path + " has no [pool.NAME], so there is nothing to fetch");
  log_level(Level::error);  // what went wrong is said below
  bool all = true;
  for (const Catalogs::State& one : Sync().run(loaded.config)) {
    if (one.problem.empty()) {
      std::printf("%s: %zu models\n", one.source.c_str(), one.models);
    } else {
      std::fprintf(stderr, "%s: %s\n", one.source.c_str(), one.problem.c_str());
    }
    all = all && one.problem.empty();
  }
  return all ? kExitOk : kExitFailed;
}

}  // namespace spillway
