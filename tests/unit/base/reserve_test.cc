#include "base/reserve.h"

#include <gtest/gtest.h>

#include <new>

namespace spillway {

// What operator new does when an allocation fails: it calls the handler and tries again.
void fail_once() { std::get_new_handler()(); }

struct Counting final : ReserveAlarm {
  void ring() noexcept override { ++rings; }
  int rings = 0;
};

TEST(Reserve, each_failed_allocation_takes_one_slice_and_refilling_makes_it_good) {
  Counting alarm;
  set_reserve_alarm(&alarm);
  install_reserve();
  EXPECT_EQ(reserve_left(), kReserveSlices);
  fail_once();
  fail_once();
  EXPECT_EQ(reserve_left(), kReserveSlices - 2);
  EXPECT_EQ(alarm.rings, 2);
  refill_reserve();
  EXPECT_EQ(reserve_left(), kReserveSlices);
  set_reserve_alarm(nullptr);
  std::set_new_handler(nullptr);
}

TEST(ReserveDeathTest, when_all_is_spent_the_process_says_so_and_ends) {
  const auto spend = [] {
    install_reserve();
    for (std::size_t i = 0; i <= kReserveSlices; ++i) fail_once();
  };
  EXPECT_DEATH(spend(), "out of memory, and the reserve is spent");
}

}  // namespace spillway
