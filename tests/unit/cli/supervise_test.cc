#include "cli/supervise.h"

#include <gtest/gtest.h>

namespace spillway {

TEST(Supervise, who_crashes_again_and_again_is_started_less_often) {
  EXPECT_EQ(restart_wait_ms(0), 0) << "it had lived long";
  EXPECT_EQ(restart_wait_ms(1), 100);
  EXPECT_EQ(restart_wait_ms(2), 200);
  EXPECT_EQ(restart_wait_ms(6), 3'200);
  for (const int deaths : {7, 8, 30, 1'000'000}) EXPECT_EQ(restart_wait_ms(deaths), kRestartMostMs);
}

}  // namespace spillway
