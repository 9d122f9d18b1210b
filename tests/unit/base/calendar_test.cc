// Moments as text.
#include "base/calendar.h"

#include <gtest/gtest.h>

#include <limits>

namespace spillway {
namespace {

TEST(Calendar, a_moment_is_spelled_in_utc) {
  EXPECT_EQ(utc_text(0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(utc_text(1'709'164'799), "2024-02-28T23:59:59Z");
  EXPECT_EQ(utc_text(1'709'164'800), "2024-02-29T00:00:00Z");
  EXPECT_EQ(utc_text(1'709'164'800, "%m-%d %H:%MZ"), "02-29 00:00Z");
}

TEST(Calendar, a_year_beyond_all_counting_is_no_text) {
  EXPECT_EQ(utc_text(std::numeric_limits<std::int64_t>::max()), "");
}

}  // namespace
}  // namespace spillway
