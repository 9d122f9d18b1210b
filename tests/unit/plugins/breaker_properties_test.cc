// The other properties of the breaker (reliability.md 4.3): P3 to P6, P8, P9, P11 and P12, on seeded random schedules
// and a virtual clock. P13 concerns the whole router; P14 is row 17 of breaker_test.cc.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <thread>
#include <vector>

#include "base/dice.h"
#include "breaker_machine.h"

namespace {

using spillway::Dice;
using u64 = std::uint64_t;
using Cells = std::array<u64, BRK_CELLS>;

constexpr brk_params kDefaults = {5, 30'000, 20, 500, 10'000, 300'000, 30'000, 2, 10'000, 600'000};

TEST(BreakerProperty, P3_if_every_outcome_is_ok_it_closes_in_time) {
  for (u64 seed = 1; seed <= 200; ++seed) {
    Dice dice(seed);
    Cells cells{};
    u64 now = 1000;
    brk_permit permit;
    brk_change change;
    for (int i = 0; i < 3000; ++i, now += dice.below(2000)) {  // an outage of any kind and length
      if (!brk_acquire(cells.data(), &kDefaults, now, dice.roll(), 0, 0, &permit, &change).allowed) continue;
      if (dice.below(10) != 0) brk_report(cells.data(), &permit, BRK_FAIL, &kDefaults, now, dice.roll());
    }
    const u64 end = now + 360'000 + 2 * 30'000;
    for (; now < end && brk_unpack(cells[BRK_STATE]).state != BRK_CLOSED; now += 50) {
      if (!brk_acquire(cells.data(), &kDefaults, now, dice.roll(), 0, 0, &permit, &change).allowed) continue;
      brk_report(cells.data(), &permit, BRK_OK, &kDefaults, now, dice.roll());
    }
    ASSERT_EQ(brk_unpack(cells[BRK_STATE]).state, static_cast<u64>(BRK_CLOSED)) << seed;
  }
}

TEST(BreakerProperty, P4_if_every_outcome_is_fail_permits_get_rare) {
  for (u64 seed = 1; seed <= 50; ++seed) {
    Dice dice(seed);
    Cells cells{};
    struct Grant {
      u64 at, k;
    };
    std::vector<Grant> grants;
    for (u64 now = 1000; now < 4'000'000; now += 20 + dice.below(100)) {
      brk_permit permit;
      brk_change change;
      const u64 k = brk_unpack(cells[BRK_STATE]).k;
      if (!brk_acquire(cells.data(), &kDefaults, now, dice.roll(), 0, 0, &permit, &change).allowed) continue;
      if (k > 0) grants.push_back({now, k});
      brk_report(cells.data(), &permit, BRK_FAIL, &kDefaults, now, dice.roll());
    }
    for (std::size_t i = 0; i < grants.size(); ++i) {
      const u64 least = std::min<u64>(10'000u << (grants[i].k - 1 < 5 ? grants[i].k - 1 : 5), 300'000) * 8 / 10;
      for (std::size_t j = i; j < grants.size(); ++j) {
        const u64 window = grants[j].at - grants[i].at;
        ASSERT_LE(j - i + 1, 1 + window / least) << seed;
      }
    }
  }
}

TEST(BreakerProperty, P5_neutral_sequences_never_open_it) {
  Dice dice(5);
  Cells cells{};
  for (u64 now = 0; now < 3'000'000; now += dice.below(60)) {
    brk_permit permit;
    brk_change change;
    ASSERT_TRUE(brk_acquire(cells.data(), &kDefaults, now, dice.roll(), 1, 0, &permit, &change).allowed);
    brk_report(cells.data(), &permit, dice.below(2) ? BRK_NEUTRAL : BRK_CANCEL, &kDefaults, now, dice.roll());
  }
  EXPECT_EQ(cells[BRK_STATE], 0u);
}

TEST(BreakerProperty, P6_probes_that_never_return_do_not_stick) {
  for (u64 seed = 1; seed <= 100; ++seed) {
    Dice dice(seed);
    Cells cells{};
    brk_permit permit;
    brk_change change;
    u64 now = 1000;
    for (int i = 0; i < 5; ++i) {
      brk_acquire(cells.data(), &kDefaults, now, dice.roll(), 0, 0, &permit, &change);
      brk_report(cells.data(), &permit, BRK_FAIL, &kDefaults, now, dice.roll());
    }
    for (int lost = 0; lost < 12; ++lost) {
      const u64 k = brk_unpack(cells[BRK_STATE]).k + (lost > 0 ? 1 : 0);
      const u64 longest = brk_open_for(&kDefaults, k, 400) + 30'000;
      const u64 since = now;
      while (!brk_acquire(cells.data(), &kDefaults, now, dice.roll(), 0, 0, &permit, &change).allowed) {
        now += 10;
        ASSERT_LE(now - since, longest + 10) << seed;
      }
    }
  }
}

TEST(BreakerProperty, P8_the_order_of_reports_in_closed_changes_only_the_run) {
  for (u64 seed = 1; seed <= 500; ++seed) {
    Dice dice(seed);
    std::vector<brk_verdict> verdicts;
    for (u64 i = dice.below(19); i > 0; --i) verdicts.push_back(dice.below(2) ? BRK_OK : BRK_FAIL);
    brk_params p = kDefaults;
    p.consecutive = 60;
    std::array<Cells, 2> both{};
    std::array<std::pair<u64, u64>, 2> counts;
    for (std::size_t order = 0; order < 2; ++order) {
      for (const brk_verdict verdict : verdicts) {
        brk_permit permit{};
        brk_report(both[order].data(), &permit, verdict, &p, 2000, 0);
      }
      brk_counts(both[order].data(), &p, 2000, &counts[order].first, &counts[order].second);
      for (std::size_t i = verdicts.size(); i > 1; --i) std::swap(verdicts[i - 1], verdicts[dice.below(i)]);
    }
    brk_state one = brk_unpack(both[0][BRK_STATE]), other = brk_unpack(both[1][BRK_STATE]);
    one.run = other.run = 0;
    ASSERT_EQ(brk_pack(one), brk_pack(other));
    ASSERT_EQ(counts[0], counts[1]);
  }
}

// The machine never sees a wall clock; that its own clock may start anywhere is the same statement.
TEST(BreakerProperty, P9_a_shifted_clock_changes_nothing) {
  for (const u64 shift : {u64{3'600'000}, u64{86'400'000} * 365}) {
    Dice one(9), other(9);
    Cells a{}, b{};
    for (u64 now = 0, step = 0; step < 20'000; ++step) {
      const u64 gap = one.below(2000), random = one.roll();
      ASSERT_EQ(gap, other.below(2000));
      ASSERT_EQ(random, other.roll());
      now += gap;
      brk_permit p, q;
      brk_change change;
      const brk_answer x = brk_acquire(a.data(), &kDefaults, now, random, 0, 0, &p, &change);
      const brk_answer y = brk_acquire(b.data(), &kDefaults, now + shift, random, 0, 0, &q, &change);
      ASSERT_EQ(x.allowed, y.allowed) << step;
      ASSERT_EQ(x.wait_ms, y.wait_ms) << step;
      if (!x.allowed) continue;
      const brk_verdict verdict = random % 3 ? BRK_FAIL : BRK_OK;
      brk_report(a.data(), &p, verdict, &kDefaults, now, random);
      brk_report(b.data(), &q, verdict, &kDefaults, now + shift, random);
    }
  }
}

TEST(BreakerProperty, P11_threads_never_see_two_probes_and_lose_no_count) {
  Cells cells{};
  std::atomic<u64> clock{1000}, granted{0}, reported{0};
  std::atomic<int> probes{0}, worst{0};
  brk_params p = kDefaults;
  p.probe_ms = BRK_UNTIL_MAX / 2;  // no deadline: a thread that sleeps is not a lost probe
  std::vector<std::thread> threads;
  for (u64 id = 0; id < 4; ++id) {
    threads.emplace_back([&, id] {
      Dice dice(id + 1);
      for (int i = 0; i < 40'000; ++i) {
        brk_permit permit;
        brk_change change;
        const u64 now = clock.fetch_add(dice.below(20));
        if (!brk_acquire(cells.data(), &p, now, dice.roll(), 0, 0, &permit, &change).allowed) continue;
        ++granted;
        if (permit.probe) {
          const int flying = ++probes;
          int seen = worst.load();
          while (flying > seen && !worst.compare_exchange_weak(seen, flying)) {
          }
          --probes;
        }
        brk_report(cells.data(), &permit, static_cast<brk_verdict>(dice.below(4)), &p, clock.load(), dice.roll());
        ++reported;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(worst.load(), 1) << "P2 under threads";
  EXPECT_EQ(granted.load(), reported.load());
  EXPECT_EQ(brk_unpack(cells[BRK_STATE]).flying, 0u);
}

TEST(BreakerProperty, P11_parallel_reports_in_closed_equal_a_sequential_order) {
  Cells cells{};
  brk_params p = kDefaults;
  p.min_requests = 1'000'000;
  std::vector<std::thread> threads;
  for (int id = 0; id < 4; ++id) {
    threads.emplace_back([&] {
      for (int i = 0; i < 20'000; ++i) {  // never five failures in a row in any order: it stays closed
        brk_permit permit{};
        brk_report(cells.data(), &permit, BRK_OK, &p, 2000, 0);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  u64 ok = 0, fail = 0;
  brk_counts(cells.data(), &p, 2000, &ok, &fail);
  EXPECT_EQ(ok, 80'000u);
  EXPECT_EQ(fail, 0u);
}

TEST(BreakerProperty, P12_every_wait_is_within_a_fifth_of_the_formula) {
  Dice dice(12);
  for (int i = 0; i < 100'000; ++i) {
    const u64 k = 1 + dice.below(15);
    const double formula = std::min(10'000.0 * std::pow(2.0, static_cast<double>(k - 1)), 300'000.0);
    const auto wait = static_cast<double>(brk_open_for(&kDefaults, k, dice.roll()));
    ASSERT_GE(wait, formula * 0.8 - 1);
    ASSERT_LE(wait, formula * 1.2);
    ASSERT_LE(wait, 360'000);
  }
}

}  // namespace
