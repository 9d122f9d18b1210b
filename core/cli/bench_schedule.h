// When each request of an open loop is meant to start: evenly spaced, whatever the answers do.
//
// The n-th start is computed from n and never from the one before, so nothing drifts, and a slow answer moves no later
// start: latency counted from here holds the wait that a slow server causes (no coordinated omission). Several threads
// share one rate by taking turns. Pure; thread: any.
#pragma once
#include <cstdint>

namespace spillway::bench {

class Schedule {
 public:
  // `rate` per second over all `threads`, of which this is number `index`.
  Schedule(double rate, unsigned threads, unsigned index) : rate_(rate), threads_(threads), index_(index) {}
  std::uint64_t due_ns(std::uint64_t n) const;        // after the run's start
  std::uint64_t before(std::uint64_t time_ns) const;  // how many are due earlier than that

 private:
  double rate_;
  std::uint64_t threads_, index_;
};

// The part of `whole` that thread `index` of `threads` gets: parts differ by one at most and sum up to `whole`.
std::uint64_t share(std::uint64_t whole, std::uint64_t parts, std::uint64_t index);

}  // namespace spillway::bench
