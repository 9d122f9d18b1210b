// Wakes a loop at an instant, to the microsecond: the loop's own timers count in milliseconds, an open loop at 10,000
// requests a second starts ten in each.
//
// A timerfd watched by the loop. Owner: a Worker. Thread: the loop's.
#pragma once
#include <cstdint>

#include "net/loop.h"

namespace spillway::bench {

class Pacer {
 public:
  class Events {
   public:
    virtual void on_time() = 0;

   protected:
    ~Events() = default;
  };
  Pacer(Loop& loop, Events& events);
  ~Pacer();  // after the loop has run out
  Pacer(const Pacer&) = delete;
  Pacer& operator=(const Pacer&) = delete;
  void wake_at(std::uint64_t time_ns);  // on uv_hrtime()'s clock; replaces an earlier one; past: in the next turn
  void close();

 private:
  static void readable_cb(uv_poll_t* handle, int status, int events) noexcept;
  Events& events_;
  int timer_;
  std::uint64_t set_ns_ = 0;
  uv_poll_t poll_{};
};

}  // namespace spillway::bench
