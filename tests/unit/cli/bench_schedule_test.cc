// Intended starts are even, do not drift, and are shared by threads without a gap.
#include "cli/bench_schedule.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace spillway::bench {
namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;

TEST(BenchSchedule, starts_are_evenly_spaced_from_zero) {
  const Schedule schedule(1000, 1, 0);
  for (std::uint64_t n = 0; n < 5000; ++n) EXPECT_EQ(schedule.due_ns(n), n * 1'000'000);
}

TEST(BenchSchedule, nothing_drifts_over_a_day_at_an_odd_rate) {
  const Schedule schedule(333.3, 1, 0);
  const std::uint64_t n = 333'3 * 8640;  // a day's worth
  EXPECT_NEAR(static_cast<double>(schedule.due_ns(n)), 86400e9, 10);
}

TEST(BenchSchedule, threads_take_turns_and_leave_nothing_out) {
  for (const unsigned threads : {1u, 2u, 3u, 7u}) {
    const Schedule whole(997, 1, 0);
    std::vector<std::uint64_t> all;
    for (unsigned i = 0; i < threads; ++i) {
      const Schedule part(997, threads, i);
      for (std::uint64_t n = 0; n < part.before(kSecond); ++n) all.push_back(part.due_ns(n));
    }
    std::sort(all.begin(), all.end());
    ASSERT_EQ(all.size(), 997u) << threads;
    for (std::uint64_t n = 0; n < all.size(); ++n) EXPECT_EQ(all[n], whole.due_ns(n));
  }
}

TEST(BenchSchedule, before_counts_what_is_due_earlier) {
  for (const double rate : {0.5, 3.0, 1000.0, 1e6 / 3, 1e7}) {
    const Schedule schedule(rate, 2, 1);
    for (const std::uint64_t time : {std::uint64_t{1}, kSecond / 7, kSecond, 9 * kSecond + 1}) {
      const std::uint64_t n = schedule.before(time);
      EXPECT_GE(schedule.due_ns(n), time) << rate;
      if (n > 0) {
        EXPECT_LT(schedule.due_ns(n - 1), time) << rate;
      }
    }
  }
  EXPECT_EQ(Schedule(1000, 1, 0).before(0), 0u);
  EXPECT_EQ(Schedule(1000, 1, 0).before(1), 1u) << "the first is due at once";
}

TEST(BenchSchedule, shares_differ_by_one_and_sum_up) {
  for (const std::uint64_t whole : {0u, 1u, 5u, 64u, 1001u}) {
    std::uint64_t sum = 0;
    for (std::uint64_t i = 0; i < 7; ++i) {
      sum += share(whole, 7, i);
      EXPECT_LE(share(whole, 7, i), whole / 7 + 1);
      EXPECT_GE(share(whole, 7, i), whole / 7);
    }
    EXPECT_EQ(sum, whole);
  }
}

}  // namespace
}  // namespace spillway::bench
