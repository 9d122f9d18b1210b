#include "base/pattern.h"

#include <gtest/gtest.h>

namespace spillway {
namespace {

TEST(Matches, star_stands_for_any_run) {
  EXPECT_TRUE(matches("*", ""));
  EXPECT_TRUE(matches("*", "anything/at:all"));
  EXPECT_TRUE(matches("gpt-*", "gpt-5"));
  EXPECT_FALSE(matches("gpt-*", "xgpt-5"));
  EXPECT_TRUE(matches("a*b*c", "aXbYbZc"));
  EXPECT_FALSE(matches("a*b*c", "aXcYb"));
  EXPECT_FALSE(matches("exact", "exactly"));
}

}  // namespace
}  // namespace spillway
