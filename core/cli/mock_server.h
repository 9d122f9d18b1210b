// The synthetic provider itself: listens, reads requests, plays their scripts. One loop, one thread.
//
// GET /mock/stats tells what it saw (requests by model, connections, clients that left before their answer's end);
// POST /mock/forget starts the counts anew. Owner: cli/mock or the demo.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "cli/mock_schedule.h"
#include "cli/mock_script.h"
#include "net/loop.h"
#include "net/stream.h"
#include "net/tls.h"

namespace spillway {

class MockServer final : private Listener::Events {
 public:
  struct Options {
    std::string listen = "127.0.0.1:9000";
    std::string api_key;  // empty: any
    std::string cert, key;
    std::string files;  // a folder that answers GETs; see mock_file()
    std::uint64_t seed = 1;
    std::uint64_t free_per_day = 0;           // of all its free models; 0: no limit and no GET /key
    std::size_t requests_per_connection = 0;  // 0: no limit; else FIN after so many, unannounced
  };
  struct Stats {
    std::uint64_t requests = 0, connections = 0, open = 0, left_early = 0;
  };

  MockServer(Loop& loop, const Clock& clock, const Options& options);
  ~MockServer();
  Status start();
  void stop();
  std::uint16_t port() const { return listener_->port(); }
  const Stats& stats() const { return stats_; }

 private:
  class Peer;
  friend class Peer;
  void on_accepted(StreamPtr stream) override;
  std::vector<MockStep> steps_for(const MockRequest& request);
  std::string stats_json() const;
  void forget(Peer& peer);
  void wake();                                        // the timer, for the earliest of the schedule
  static void timer_cb(uv_timer_t* handle) noexcept;  // NOLINT: as there

  Loop& loop_;
  const Clock& clock_;
  const Options options_;
  MockScript script_;
  Stats stats_;
  MockSchedule schedule_;
  std::unique_ptr<uv_timer_t> timer_;  // one for all: the loop's own deadlines come in ticks of 10 ms
  std::unique_ptr<TlsServer> tls_;
  Listener::Ptr listener_;
  std::vector<std::unique_ptr<Peer>> peers_;
};

}  // namespace spillway
