// The gaps of the synthetic provider's streams must be what was asked for: benchmarks of streams count on it.
#include "cli/mock_schedule.h"

#include <gtest/gtest.h>

namespace spillway {
namespace {

TEST(MockSchedule, lateness_of_single_steps_does_not_add_up) {
  std::uint64_t due = 1000;
  for (int i = 1; i <= 1000; ++i) {
    const std::uint64_t late = static_cast<std::uint64_t>(i % 10);  // up to 9 ms behind
    due = MockSchedule::after(due, 10, due + late);
    ASSERT_EQ(due, 1000u + 10u * static_cast<unsigned>(i));
  }
}

TEST(MockSchedule, who_is_a_gap_behind_starts_anew) {
  EXPECT_EQ(MockSchedule::after(1000, 10, 1010), 1010u) << "just in time";
  EXPECT_EQ(MockSchedule::after(1000, 10, 1011), 1021u);
  EXPECT_EQ(MockSchedule::after(1000, 10, 60'000), 60'010u);
  EXPECT_EQ(MockSchedule::after(1000, 0, 1001), 1001u) << "no gap is no wait";
}

TEST(MockSchedule, those_due_are_taken_in_their_order) {
  MockSchedule schedule;
  int a = 0, b = 0, c = 0;
  schedule.add(30, &c);
  schedule.add(10, &a);
  schedule.add(20, &b);
  EXPECT_EQ(schedule.next_ms(), 10u);
  EXPECT_EQ(schedule.take(9), nullptr);
  EXPECT_EQ(schedule.take(25), &a);
  EXPECT_EQ(schedule.take(25), &b);
  EXPECT_EQ(schedule.take(25), nullptr);
  EXPECT_FALSE(schedule.empty());
  EXPECT_EQ(schedule.take(30), &c);
  EXPECT_TRUE(schedule.empty());
}

TEST(MockSchedule, who_is_removed_is_not_taken) {
  MockSchedule schedule;
  int a = 0, b = 0;
  const MockSchedule::Entry first = schedule.add(10, &a);
  schedule.add(10, &b);
  schedule.remove(first);
  EXPECT_EQ(schedule.take(10), &b);
  EXPECT_TRUE(schedule.empty());
}

}  // namespace
}  // namespace spillway
