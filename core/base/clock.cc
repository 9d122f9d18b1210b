#include "base/clock.h"

#include <ctime>

namespace spillway {

namespace {

std::int64_t read_ns(clockid_t id) {
  timespec now{};
  ::clock_gettime(id, &now);
  return now.tv_sec * 1'000'000'000 + now.tv_nsec;
}

}  // namespace

std::uint64_t SystemClock::now_us() const { return static_cast<std::uint64_t>(read_ns(CLOCK_MONOTONIC)) / 1000 + 1; }
std::uint64_t SystemClock::late_us() const {
  return static_cast<std::uint64_t>(read_ns(CLOCK_MONOTONIC_COARSE)) / 1000 + 1;
}
std::int64_t SystemClock::wall_ms() const { return read_ns(CLOCK_REALTIME) / 1'000'000; }

}  // namespace spillway
