#include "cli/bench_pacer.h"

#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>

namespace spillway::bench {

// uv_hrtime() is CLOCK_MONOTONIC, as the timer is.
Pacer::Pacer(Loop& loop, Events& events)
    : events_(events), timer_(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)) {
  CHECK(timer_ >= 0);
  CHECK(uv_poll_init(loop.raw(), &poll_, timer_) == 0);
  poll_.data = this;
  CHECK(uv_poll_start(&poll_, UV_READABLE, readable_cb) == 0);
}

Pacer::~Pacer() { ::close(timer_); }

void Pacer::wake_at(std::uint64_t time_ns) {
  if (time_ns == set_ns_) return;  // most calls: every connection that falls idle waits for the same request
  set_ns_ = time_ns;
  time_ns = std::max<std::uint64_t>(time_ns, 1);  // zero would switch it off
  itimerspec when{};
  when.it_value.tv_sec = static_cast<time_t>(time_ns / 1'000'000'000);
  when.it_value.tv_nsec = static_cast<long>(time_ns % 1'000'000'000);
  CHECK(::timerfd_settime(timer_, TFD_TIMER_ABSTIME, &when, nullptr) == 0);
}

void Pacer::close() {
  if (uv_is_closing(reinterpret_cast<uv_handle_t*>(&poll_)) == 0) {
    uv_close(reinterpret_cast<uv_handle_t*>(&poll_), nullptr);
  }
}

void Pacer::readable_cb(uv_poll_t* handle, int, int) noexcept {
  Pacer& self = *static_cast<Pacer*>(handle->data);
  std::uint64_t times = 0;
  if (::read(self.timer_, &times, sizeof times) != sizeof times) return;
  self.set_ns_ = 0;
  self.events_.on_time();
}

}  // namespace spillway::bench
