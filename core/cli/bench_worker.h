// One thread of a load run: a loop with its share of the connections, which it keeps busy as the plan says.
//
// Closed loop: a connection that is free starts the next request at once. Open loop: requests have intended starts; a
// free connection takes the oldest one that is due, and what no connection is free for waits, its clock running. What
// waited beyond the time limit counts as a timeout without being sent.
//
// Owner: a Slice. Thread: its own, but for start(), go(), stop(), join() and the counters, which are the owner's.
#pragma once
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "cli/bench_connection.h"
#include "cli/bench_options.h"
#include "cli/bench_pacer.h"
#include "cli/bench_schedule.h"
#include "json/scan.h"
#include "net/tls.h"

namespace spillway::bench {

// A worker's part of one slice.
struct Shift {
  const Plan& plan;
  const Target& target;
  unsigned index = 0;             // of plan.threads
  std::uint64_t warm_up_ns = 0;   // of this slice
  std::uint64_t duration_ns = 0;  // 0: by requests
  std::uint64_t requests = 0;     // 0: by duration
};

class Worker final : private Connection::Events, private Loop::Inbox, private Pacer::Events {
 public:
  enum What : std::uint64_t { ready = 1, finished = 2 };  // posted to the owner's loop

  Worker(const Shift& shift, Loop& owner);
  Status start();                   // dials; `ready` follows when every connection is there or was refused once
  void go(std::uint64_t start_ns);  // the run's start, the same for all workers
  void stop();                      // at once: what is under way counts as unfinished; `finished` follows
  void join();

  // After `ready`.
  bool connected() const { return connected_ > 0; }
  const std::string& dial_error() const { return dial_error_; }
  // Any time.
  std::uint64_t ended() const { return ended_.load(std::memory_order_relaxed); }
  std::uint64_t failures() const { return failures_.load(std::memory_order_relaxed); }
  // After join().
  const Tally& tally() const { return tally_; }

 private:
  enum Command : std::uint64_t { dial = 1, begin = 2, quit = 3 };
  void on_message(const Loop::Message& message) override;
  void on_open(Connection& connection) override;
  void on_dial_failed(Connection& connection, const Error& error) override;
  void on_ended(Connection& connection) override;
  void on_time() override;
  void run_from(std::uint64_t start_ns);
  void settled();
  void feed(Connection& connection);
  void feed_scheduled(Connection& connection, std::uint64_t now_ns);
  bool more_to_start(std::uint64_t now_ns) const;
  std::uint64_t due_ns(std::uint64_t n) const { return start_ns_ + schedule_.due_ns(n); }
  bool open_loop() const { return shift_.plan.rate > 0; }
  bool in_window(const Connection& connection) const;
  void expire(std::uint64_t now_ns);
  void miss(std::uint64_t start_ns, Ending ending, int status = 0);
  void finish_when_done(std::uint64_t now_ns);
  void finish(std::uint64_t now_ns);

  const Shift shift_;
  Loop& owner_;
  Tally tally_;
  JsonScanner scanner_;
  Loop loop_;
  std::unique_ptr<Dialer> dialer_;
  std::unique_ptr<TlsClient> tls_;
  std::unique_ptr<Pacer> pacer_;
  DialTarget dial_;
  Schedule schedule_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::vector<Connection*> idle_;                          // open loop: nothing was due
  std::uint64_t start_ns_ = 0, warm_ns_ = 0, end_ns_ = 0;  // instants; end_ns_ 0: by requests
  std::uint64_t go_at_ns_ = 0;
  std::uint64_t started_ = 0;      // closed loop: measured ones; open loop: all, so the next one's number
  std::uint64_t scheduled_ = 0;    // open loop: how many there are
  std::uint64_t last_end_ns_ = 0;  // of a measured request
  std::size_t settled_ = 0, connected_ = 0, busy_ = 0;
  bool running_ = false, finished_ = false;
  std::string dial_error_;
  std::atomic<std::uint64_t> ended_{0}, failures_{0};
  std::thread thread_;
};

}  // namespace spillway::bench
