// Times of the day with their zone, and spans of them.
#include "conf/day_time.h"

#include <gtest/gtest.h>

namespace spillway {
namespace {

constexpr std::int64_t kHour = 3'600'000;

TEST(DayTime, a_clock_is_a_time_of_the_utc_day) {
  EXPECT_EQ(parse_clock("00:00Z"), 0);
  EXPECT_EQ(parse_clock("13:30Z"), 13 * kHour + kHour / 2);
  EXPECT_EQ(parse_clock("00:00-08:00"), 8 * kHour) << "midnight of the Pacific";
  EXPECT_EQ(parse_clock("00:00+05:30"), 18 * kHour + kHour / 2);
  EXPECT_EQ(parse_clock("23:59-23:59"), 24 * kHour - 2 * 60'000 + 0) << "wraps";
}

TEST(DayTime, anything_else_is_no_clock) {
  for (const char* text :
       {"", "0:00Z", "24:00Z", "00:60Z", "00:00", "00:00z", "00:00+", "00:00*01:00", "00:00Zx", "aa:bbZ"})
    EXPECT_FALSE(parse_clock(text)) << text;
}

TEST(DayTime, hours_may_go_over_midnight) {
  const auto day = parse_hours("08:00-18:00Z"), night = parse_hours("22:00-06:00Z"),
             west = parse_hours("08:00-18:00-08:00");
  ASSERT_TRUE(day && night && west);
  EXPECT_FALSE(day->has(8 * kHour - 1));
  EXPECT_TRUE(day->has(8 * kHour));
  EXPECT_TRUE(day->has(20'000 * kDayMs + 18 * kHour - 1));
  EXPECT_FALSE(day->has(18 * kHour));
  EXPECT_TRUE(night->has(23 * kHour));
  EXPECT_TRUE(night->has(5 * kHour));
  EXPECT_FALSE(night->has(12 * kHour));
  EXPECT_TRUE(west->has(1 * kHour)) << "17:00 there";
  for (const char* text : {"", "08:00", "08:00Z", "08:00-08:00Z", "08:00-18:00", "08:00/18:00Z", "x-y"})
    EXPECT_FALSE(parse_hours(text)) << text;
}

}  // namespace
}  // namespace spillway
