// A route's spending of the day: reserved, settled, kept.
#include "proxy/spend.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "state/store.h"

namespace spillway {
namespace {

constexpr std::int64_t kDayMs = 86'400'000, kNoon = 20'000 * kDayMs + kDayMs / 2;

struct SpendTest : testing::Test {
  std::unique_ptr<Store> store = std::move(*Store::open("memory:"));
  Spend spend;
  std::int64_t now = kNoon;
  bool reserve(double worst, double most) { return spend.reserve("m", worst, most, now, *store); }
  void settle(double worst, double usd) { spend.settle("m", worst, usd, now, *store); }
  double today() { return spend.today("m", now, *store); }
};

TEST_F(SpendTest, the_worst_is_reserved_and_what_it_cost_is_counted) {
  EXPECT_TRUE(reserve(1, 2));
  EXPECT_TRUE(reserve(1, 2));
  EXPECT_FALSE(reserve(0.01, 2)) << "both may cost all of it";
  settle(1, 0.25);
  EXPECT_DOUBLE_EQ(today(), 1.25);
  EXPECT_TRUE(reserve(0.75, 2));
  settle(1, 0);
  settle(0.75, 0.75);
  EXPECT_DOUBLE_EQ(today(), 1.0);
  EXPECT_TRUE(reserve(100, -1)) << "without a limit it is only counted";
}

TEST_F(SpendTest, a_day_begins_at_midnight_and_a_step_back_reopens_none) {  // K1
  reserve(2, 2);
  settle(2, 2);
  now -= kDayMs;
  EXPECT_FALSE(reserve(0.1, 2));
  now += kDayMs + kDayMs / 2 - 1;
  EXPECT_FALSE(reserve(0.1, 2));
  now += 1;
  EXPECT_TRUE(reserve(0.1, 2));
}

TEST_F(SpendTest, it_survives_a_restart_and_nonsense_in_the_store_is_ignored) {
  reserve(2, 2);
  settle(2, 1.5);
  Spend next;
  EXPECT_DOUBLE_EQ(next.today("m", now, *store), 1.5);
  EXPECT_DOUBLE_EQ(next.today("other", now, *store), 0);
  for (const char* text : {"", "1", "2 20001 5", "1 -4 5", "1 20001 -5", "1 20001 nan", "x"}) {
    store->put("spend", "m", text);
    Spend fresh;
    EXPECT_DOUBLE_EQ(fresh.today("m", now, *store), 0) << text;
  }
  Spend tomorrow;
  store->put("spend", "m", "1 20001 1.5");
  EXPECT_DOUBLE_EQ(tomorrow.today("m", now + kDayMs, *store), 0);
}

TEST_F(SpendTest, threads_together_never_overshoot) {
  std::atomic<int> taken{0};
  std::vector<std::thread> threads;
  for (int id = 0; id < 4; ++id) {
    threads.emplace_back([&] {
      for (int i = 0; i < 500; ++i) {
        if (!reserve(1, 100)) continue;
        settle(1, 0.5);
        ++taken;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(taken * 0.5, 100);
  EXPECT_GE(taken * 0.5, 99);
}

}  // namespace
}  // namespace spillway
