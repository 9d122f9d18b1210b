// The system's clocks, as far as they can be believed without waiting.
#include "base/clock.h"

#include <gtest/gtest.h>

#include <ctime>

namespace spillway {
namespace {

TEST(SystemClock, monotonic_time_is_above_0_and_never_goes_back) {
  const SystemClock clock;
  std::uint64_t last = clock.now_us();
  EXPECT_GT(last, 0u);
  for (int i = 0; i < 1000; ++i) {
    const std::uint64_t now = clock.now_us();
    ASSERT_GE(now, last);
    last = now;
  }
}

TEST(SystemClock, monotonic_time_is_in_microseconds) {
  const auto read_us = [] {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000 + static_cast<std::uint64_t>(now.tv_nsec) / 1000;
  };
  const std::uint64_t before = read_us();
  const std::uint64_t now = SystemClock().now_us();
  EXPECT_GE(now, before);
  EXPECT_LE(now, read_us() + 1);
}

TEST(SystemClock, late_time_is_never_ahead_and_not_far_behind) {
  const SystemClock clock;
  for (int i = 0; i < 1000; ++i) {
    const std::uint64_t earlier = clock.now_us(), late = clock.late_us();
    ASSERT_LE(late, clock.now_us());
    ASSERT_GE(late + 20'000, earlier);  // a tick of the kernel's is 10 ms at the longest
  }
}

TEST(SystemClock, wall_time_is_in_milliseconds_since_1970) {
  const std::int64_t before_s = std::time(nullptr);
  const std::int64_t now_ms = SystemClock().wall_ms();
  EXPECT_GE(now_ms, (before_s - 1) * 1000);  // time() may read a coarser clock
  EXPECT_LE(now_ms, (std::time(nullptr) + 1) * 1000);
}

}  // namespace
}  // namespace spillway
