// Runs the slices of a load run one after the other: workers in threads of their own, while this thread waits, shows
// progress on a terminal and listens for SIGINT, which ends the run early with what was measured.
//
// Owner: bench_command(). Thread: main.
#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "cli/bench_options.h"
#include "cli/bench_worker.h"

namespace spillway::bench {

class Session final : private Loop::Inbox {
 public:
  Session(const Plan& plan, bool show_progress);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // One slice against one target: number `round` of `rounds`, which share the plan's time and requests. Fails when no
  // connection could be made.
  Result<Tally> run(const Target& target, unsigned round, unsigned rounds);
  bool interrupted() const { return interrupted_; }

 private:
  static constexpr std::uint64_t kProgressMs = 500;
  void on_message(const Loop::Message& message) override;
  static void signal_cb(uv_signal_t* handle, int number) noexcept;
  static void timer_cb(uv_timer_t* handle) noexcept;
  void progress();
  void clear_progress();
  Status start_workers(const Target& target, unsigned round, unsigned rounds);
  void all_ready();
  void stop_workers();

  const Plan& plan_;
  const bool show_progress_;
  Loop loop_;
  uv_signal_t signals_[2] = {};
  uv_timer_t timer_{};
  std::vector<std::unique_ptr<Worker>> workers_;
  std::size_t ready_ = 0, finished_ = 0;
  std::uint64_t began_ns_ = 0;                            // the first slice
  std::uint64_t ended_before_ = 0, failures_before_ = 0;  // in earlier slices
  std::uint64_t shown_ended_ = 0, shown_at_ns_ = 0;
  bool interrupted_ = false, unreachable_ = false;
};

}  // namespace spillway::bench
