// Named arrays of atomics.
#include "state/cells.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

namespace spillway {
namespace {

TEST(Cells, same_name_is_the_same_zeroed_array) {
  Cells cells;
  std::uint64_t* a = cells.find("a", 4);
  ASSERT_NE(a, nullptr);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(a[i], 0u);
  a[3] = 7;
  EXPECT_EQ(cells.find("a", 4), a);
  EXPECT_EQ(cells.find("a", 4)[3], 7u);
  EXPECT_NE(cells.find("b", 4), a);
}

TEST(Cells, another_size_under_the_same_name_is_refused) {
  Cells cells;
  ASSERT_NE(cells.find("a", 4), nullptr);
  EXPECT_EQ(cells.find("a", 5), nullptr);
}

TEST(Cells, sizes_names_and_numbers_are_bounded) {
  Cells cells;
  EXPECT_EQ(cells.find("a", 0), nullptr);
  EXPECT_NE(cells.find("b", Cells::kCellsMax), nullptr);
  EXPECT_EQ(cells.find("c", Cells::kCellsMax + 1), nullptr);
  EXPECT_EQ(cells.find("", 1), nullptr);
  EXPECT_EQ(cells.find(std::string(Cells::kNameBytesMax + 1, 'x'), 1), nullptr);
  for (std::size_t i = 1; i < Cells::kArraysMax; ++i) ASSERT_NE(cells.find("n" + std::to_string(i), 1), nullptr);
  EXPECT_EQ(cells.find("one more", 1), nullptr);
  EXPECT_NE(cells.find("n1", 1), nullptr);
}

TEST(Cells, threads_find_one_array_and_lose_no_addition) {
  Cells cells;
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&cells] {
      for (int i = 0; i < 1000; ++i) {
        std::uint64_t* found = cells.find("k" + std::to_string(i % 10), 2);
        __atomic_fetch_add(&found[1], 1, __ATOMIC_RELAXED);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (int i = 0; i < 10; ++i) EXPECT_EQ(cells.find("k" + std::to_string(i), 2)[1], 800u);
}

}  // namespace
}  // namespace spillway
