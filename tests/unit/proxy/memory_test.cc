// R2: which step is in force at which share of the limit.
#include "proxy/memory.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/reserve.h"

namespace spillway {
namespace {

TEST(Memory, R2_steps_are_at_85_92_and_97_percent) {
  const Limits limits;
  EXPECT_EQ(pressure_of(849, 1000, limits), Pressure::none);
  EXPECT_EQ(pressure_of(850, 1000, limits), Pressure::no_store);
  EXPECT_EQ(pressure_of(919, 1000, limits), Pressure::no_store);
  EXPECT_EQ(pressure_of(920, 1000, limits), Pressure::refuse);
  EXPECT_EQ(pressure_of(969, 1000, limits), Pressure::refuse);
  EXPECT_EQ(pressure_of(970, 1000, limits), Pressure::drop);
  EXPECT_EQ(pressure_of(5000, 1000, limits), Pressure::drop);
}

TEST(Memory, R2_without_a_limit_there_is_no_step) {
  EXPECT_EQ(pressure_of(~std::uint64_t{0}, 0, Limits{}), Pressure::none);
}

TEST(Memory, R2_steps_are_the_configs) {
  Limits limits;
  limits.memory_no_store_percent = limits.memory_refuse_percent = 10;
  EXPECT_EQ(pressure_of(100, 1000, limits), Pressure::refuse) << "equal steps: the harder one";
}

TEST(Memory, R2_failed_allocations_bring_the_steps_as_the_reserve_is_used) {
  EXPECT_EQ(pressure_of_reserve(kReserveSlices), Pressure::none);
  EXPECT_EQ(pressure_of_reserve(kReserveSlices - 1), Pressure::no_store);
  EXPECT_EQ(pressure_of_reserve(kReserveSlices * 3 / 4), Pressure::no_store);
  EXPECT_EQ(pressure_of_reserve(kReserveSlices * 3 / 4 - 1), Pressure::refuse);
  EXPECT_EQ(pressure_of_reserve(kReserveSlices / 2), Pressure::refuse);
  EXPECT_EQ(pressure_of_reserve(kReserveSlices / 2 - 1), Pressure::drop);
  EXPECT_EQ(pressure_of_reserve(0), Pressure::drop);
}

TEST(Memory, limits_of_both_cgroup_versions_are_read) {
  EXPECT_EQ(read_memory_limit("134217728"), 134'217'728u);
  for (const char* none : {"max", "9223372036854771712", "", "12x", "-1"}) EXPECT_EQ(read_memory_limit(none), 0u);
}

TEST(Memory, resident_memory_follows_what_is_touched) {
  const std::uint64_t before = resident_memory();
  EXPECT_GT(before, 1u << 20);
  const std::vector<char> touched(64u << 20, 'x');
  EXPECT_GT(resident_memory(), before + (32u << 20)) << touched.size();
}

}  // namespace
}  // namespace spillway
