// The other properties of the breaker (reliability.md 4.3): P3 to P6, P8, P9, P11 and P12, on seeded random schedules
// and a virtual clock. P13 and P14 are in breaker_storm_test.cc.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <thread>
#include <vector>

#include "base/dice.h"
#include "breaker_bench.h"

namespace {

using spillway::Dice;
using u64 = std::uint64_t;
using Cells = std::array<u64, BRK_CELLS>;

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

// One thing a thread did to a breaker, and what it saw.
struct Op {
  bool asks;  // else: reports the permit its thread holds, or one of an older state
  brk_verdict verdict;
  u64 now, random;
  brk_answer answer{};
  brk_permit permit{};
  brk_change change{};

  friend bool saw_the_same(const Op& a, const Op& b) {
    return a.answer.allowed == b.answer.allowed && a.answer.wait_ms == b.answer.wait_ms &&
           a.permit.held == b.permit.held && a.permit.probe == b.permit.probe && a.permit.gen == b.permit.gen &&
           a.change.from == b.change.from && a.change.to == b.change.to && a.change.stale == b.change.stale;
  }
};
using Ops = std::vector<Op>;

struct Bare {
  Cells cells{};
  brk_params params{};
  void run(Op& op, brk_permit& mine) {
    if (op.asks) {
      op.answer = brk_acquire(cells.data(), &params, op.now, op.random, 0, 0, &mine, &op.change);
    } else {
      op.change = brk_report(cells.data(), &mine, op.verdict, &params, op.now, op.random);
    }
    op.permit = mine;
  }
};

// Is there an order of both threads' ops that, one after the other, gives what was seen and ends in this state?
bool some_order_fits(const Bare& from, const std::array<Ops, 2>& seen, std::array<std::size_t, 2> at,
                     const std::array<brk_permit, 2>& held, u64 end) {
  if (at[0] == seen[0].size() && at[1] == seen[1].size()) return from.cells[BRK_STATE] == end;
  for (std::size_t who = 0; who < 2; ++who) {
    if (at[who] == seen[who].size()) continue;
    Bare next = from;
    std::array<brk_permit, 2> permits = held;
    Op op = seen[who][at[who]];
    next.run(op, permits[who]);
    std::array<std::size_t, 2> then = at;
    ++then[who];
    if (saw_the_same(op, seen[who][at[who]]) && some_order_fits(next, seen, then, permits, end)) return true;
  }
  return false;
}

// A breaker that one step changes: closed with a failure to go, due for a probe, or with a probe past its deadline.
// No wait ends within the round, and no rate of failures opens it: a failure's bucket is counted before its state.
Bare on_the_edge(u64 which) {
  Bare bare;
  bare.params = {2, 30'000, 1'000'000, 1000, 50'000, 300'000, 20, 1, 1, 600'000};
  brk_permit permit{};
  brk_change change;
  if (which == 0) brk_report(bare.cells.data(), &permit, BRK_FAIL, &bare.params, 10, 0);
  if (which > 0) bare.cells[BRK_STATE] = brk_pack({BRK_OPEN, 0, 0, 1, 0, 1, 1000});
  if (which == 2) brk_acquire(bare.cells.data(), &bare.params, 1000, 0, 0, 0, &permit, &change);
  return bare;
}

TEST(BreakerProperty, P11_what_two_threads_see_some_sequential_order_explains) {
#if defined(__SANITIZE_THREAD__)
  const u64 rounds = 2000;
#else
  const u64 rounds = 10'000;
#endif
  Dice dice(11);
  std::array<Ops, 2> todo;
  Bare shared;
  std::atomic<u64> round{0}, done{0};
  const auto play = [&](std::size_t who) {
    brk_permit mine{};
    for (Op& op : todo[who]) shared.run(op, mine);
  };
  std::thread other([&] {
    for (u64 mine = 1; mine <= rounds; ++mine) {
      while (round.load(std::memory_order_acquire) < mine) std::this_thread::yield();
      play(1);
      done.store(mine, std::memory_order_release);
    }
  });
  u64 strange = 0;
  for (u64 now = 1; now <= rounds; ++now) {
    const Bare before = shared = on_the_edge(now % 3);
    for (Ops& ops : todo) {
      ops.clear();
      for (int i = 0; i < 5; ++i) {
        ops.push_back(
            {dice.below(2) == 0, static_cast<brk_verdict>(dice.below(4)), 1000 + dice.below(40), dice.roll()});
      }
    }
    round.store(now, std::memory_order_release);
    play(0);
    while (done.load(std::memory_order_acquire) < now) std::this_thread::yield();
    strange += !some_order_fits(before, todo, {}, {}, shared.cells[BRK_STATE]);
  }
  other.join();
  EXPECT_EQ(strange, 0u);
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
