// Environment variables.
#include "base/variable.h"

#include <gtest/gtest.h>
#include <stdlib.h>

namespace spillway {
namespace {

TEST(Variable, what_is_not_set_is_empty) {
  ::setenv("SPILLWAY_TEST_VARIABLE", "x=y", 1);
  EXPECT_EQ(variable("SPILLWAY_TEST_VARIABLE"), "x=y");
  ::unsetenv("SPILLWAY_TEST_VARIABLE");
  EXPECT_EQ(variable("SPILLWAY_TEST_VARIABLE"), "");
  EXPECT_EQ(variable(""), "");
}

}  // namespace
}  // namespace spillway
