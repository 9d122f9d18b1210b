// The discrete-event loop and what every policy under it shares: a virtual clock, one queue of events, sending an
// attempt to the providers with the deadlines of T-2, and the tally. A policy is a Router: it is told of arrivals,
// failures and waits, and says what to send next.
//
// One run: a Simulation over a World, a Router over both, then run(). Nothing here waits or reads a clock. Thread: one.
#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <queue>
#include <vector>

#include "base/clock.h"
#include "world.h"

namespace spillway::simulation {

class Simulation final : public Clock {
 public:
  Ms now() const { return now_; }
  void after(Ms wait, std::function<void()> what);
  void run();  // until nothing is left to happen
  std::uint64_t now_us() const override { return static_cast<std::uint64_t>(now_) * 1000 + 1; }
  std::int64_t wall_ms() const override { return wall(now_); }

 private:
  struct Event {
    Ms at;
    std::uint64_t order;  // events of one moment happen as they were made
    std::function<void()> what;
    bool operator<(const Event& other) const { return at != other.at ? at > other.at : order > other.order; }
  };
  Ms now_ = 0;
  std::uint64_t made_ = 0;
  std::priority_queue<Event> events_;
};

struct Tally {
  std::uint64_t requests = 0, free = 0, paid = 0, errors = 0, avoidable = 0, attempts = 0;
  std::array<std::uint64_t, kCauses> lost{};  // attempts on free targets that failed, by cause
  double usd = 0;
  std::vector<Ms> waits;  // of those answered: from arrival to the attempt that answered
  void add(const Tally& other);
  Ms wait(double share);  // a quantile; sorts
};

class Router {
 public:
  Router(const World& world, Simulation& simulation) : world_(world), simulation_(simulation), providers_(world) {}
  virtual ~Router() = default;
  Tally run();  // the whole day

 protected:
  struct Request {
    std::size_t index = 0;
    Ms arrived = 0;
    std::vector<int> tries;  // by target
    Ms deadline() const { return arrived + kPatience; }
  };
  // Each of these ends in send(), pause() or give_up() for this request, if it is not over.
  virtual void on_arrival(Request& request) = 0;
  virtual void on_failure(Request& request, std::size_t target, const Answer& answer, Ms took) = 0;
  virtual void on_pause_over(Request&) {}
  virtual void on_content(Request&, std::size_t) {}                         // the request is answered
  virtual void on_answer(Request&, std::size_t, const Answer&) {}           // and the attempt is over
  virtual void on_late(Request& request, std::size_t target, Ms took) = 0;  // the deadline cut an attempt off

  void send(Request& request, std::size_t target);
  void pause(Request& request, Ms wait);
  void give_up(const Request& request);
  const World& world_;
  Simulation& simulation_;
  Providers providers_;

 private:
  void arrive(std::size_t index);
  std::vector<Request> requests_;
  Tally tally_;
};

// Tries all targets in the order of their tiers and weights until one answers, and remembers nothing.
class Naive final : public Router {
 public:
  using Router::Router;

 private:
  void on_arrival(Request& request) override { send(request, 0); }
  void on_failure(Request& request, std::size_t target, const Answer&, Ms) override {
    if (target + 1 < world_.targets.size()) return send(request, target + 1);
    give_up(request);
  }
  void on_late(Request& request, std::size_t, Ms) override { give_up(request); }
};

}  // namespace spillway::simulation
