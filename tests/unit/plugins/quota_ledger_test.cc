// The free quota ledger by itself: T-3, C-1, O-5 and fault K1, on a fake clock that is two numbers.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <deque>
#include <thread>
#include <vector>

#include "base/dice.h"
#include "quota_ledger.h"

namespace {

constexpr std::int64_t kDay = QUOTA_DAY_MS;
constexpr std::int64_t kNoon = 20'000 * kDay + kDay / 2;

struct Ledger {
  std::array<std::uint64_t, QUOTA_CELLS> cells{};
  quota_limits limits{0, 50, 0};
  std::int64_t wall = kNoon;
  std::uint64_t now = 1;

  quota_answer take() {
    quota_hold hold;
    return quota_reserve(cells.data(), limits, wall, now, 0, &hold);
  }
  quota_answer look() { return quota_look(cells.data(), limits, wall, now); }
  int take_all(int tries) {
    int taken = 0;
    for (int i = 0; i < tries; ++i) taken += take().why == QUOTA_OPEN;
    return taken;
  }
  void pass(std::int64_t ms) {
    wall += ms;
    now += static_cast<std::uint64_t>(ms);
  }
};

TEST(QuotaLedger, the_fifty_first_request_of_a_day_waits_for_midnight) {  // O-5
  Ledger ledger;
  EXPECT_EQ(ledger.take_all(60), 50);
  const quota_answer answer = ledger.take();
  EXPECT_EQ(answer.why, QUOTA_DAY_SPENT);
  EXPECT_EQ(answer.wait_ms, kDay / 2);
  EXPECT_EQ(answer.used, 50u);
  EXPECT_EQ(answer.limit, 50u);
  ledger.pass(kDay / 2);
  EXPECT_EQ(ledger.take_all(60), 50);
}

TEST(QuotaLedger, without_limits_nothing_is_refused) {
  Ledger ledger;
  ledger.limits = {0, 0, 0};
  EXPECT_EQ(ledger.take_all(1000), 1000);
}

TEST(QuotaLedger, what_was_not_sent_is_given_back) {
  Ledger ledger;
  ledger.limits = {1, 1, 0};
  quota_hold hold;
  ASSERT_EQ(quota_reserve(ledger.cells.data(), ledger.limits, ledger.wall, ledger.now, 0, &hold).why, QUOTA_OPEN);
  EXPECT_NE(ledger.look().why, QUOTA_OPEN);
  quota_release(ledger.cells.data(), &hold);
  EXPECT_EQ(ledger.look().why, QUOTA_OPEN);
  quota_release(ledger.cells.data(), &hold);  // a second time gives nothing
  EXPECT_EQ(ledger.take_all(5), 1);
}

TEST(QuotaLedger, giving_back_after_midnight_does_not_touch_the_new_day) {
  Ledger ledger;
  quota_hold hold;
  quota_reserve(ledger.cells.data(), ledger.limits, ledger.wall, ledger.now, 0, &hold);
  ledger.pass(kDay);
  ledger.take();
  quota_release(ledger.cells.data(), &hold);
  EXPECT_EQ(ledger.look().used, 1u);
}

TEST(QuotaLedger, no_sixty_seconds_hold_more_than_rpm) {  // T-3: sliding, not by the clock's minute
  for (const std::int64_t rpm : {1, 20, 240, 241, 1000}) {
    spillway::Dice dice(static_cast<std::uint64_t>(rpm));
    Ledger ledger;
    ledger.limits = {rpm, 0, 0};
    std::deque<std::uint64_t> sent;
    std::size_t most = 0;
    for (int i = 0; i < 40'000; ++i) {
      ledger.pass(static_cast<std::int64_t>(dice.below(static_cast<std::uint64_t>(60'000 / rpm) + 2)));
      if (ledger.take().why == QUOTA_OPEN) sent.push_back(ledger.now);
      while (!sent.empty() && sent.front() + 60'000 <= ledger.now) sent.pop_front();
      most = std::max(most, sent.size());
    }
    EXPECT_LE(most, static_cast<std::size_t>(rpm));
    EXPECT_GE(most, static_cast<std::size_t>(rpm) * 9 / 10) << "nor is quota wasted";
  }
}

TEST(QuotaLedger, turns_taken_in_advance_make_no_minute_too_full_and_are_in_order) {
  for (const std::int64_t rpm : {1, 3, 20, 300}) {
    spillway::Dice dice(static_cast<std::uint64_t>(rpm));
    Ledger ledger;
    ledger.limits = {rpm, 0, 0};
    std::deque<std::uint64_t> sent;  // in the order they were taken
    std::size_t waited = 0, most = 0;
    for (int i = 0; i < 20'000; ++i) {
      ledger.pass(static_cast<std::int64_t>(dice.below(static_cast<std::uint64_t>(60'000 / rpm) + 2)));
      const auto ahead = static_cast<std::int64_t>(dice.below(3) == 0 ? dice.below(25'000) : 0);
      quota_hold hold;
      const quota_answer answer =
          quota_reserve(ledger.cells.data(), ledger.limits, ledger.wall, ledger.now, ahead, &hold);
      if (answer.why != QUOTA_OPEN) continue;
      ASSERT_LE(answer.wait_ms, ahead);
      if (dice.below(10) == 0) {
        quota_release(ledger.cells.data(), &hold);
        continue;
      }
      const std::uint64_t at = ledger.now + static_cast<std::uint64_t>(answer.wait_ms);
      ASSERT_TRUE(sent.empty() || at >= sent.back()) << "nobody overtakes";
      waited += answer.wait_ms > 0;
      sent.push_back(at);
      while (sent.front() + 60'000 <= at) sent.pop_front();
      most = std::max(most, sent.size());
    }
    EXPECT_LE(most, static_cast<std::size_t>(rpm));
    EXPECT_GT(waited, 100u);
  }
}

TEST(QuotaLedger, the_minute_tells_when_there_is_room) {
  Ledger ledger;
  ledger.limits = {20, 0, 0};
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(ledger.take().why, QUOTA_OPEN);
    ledger.pass(1000);
  }
  const quota_answer answer = ledger.take();
  EXPECT_EQ(answer.why, QUOTA_MINUTE_SPENT);
  EXPECT_EQ(answer.wait_ms, 40'000);
  ledger.pass(40'000);
  EXPECT_EQ(ledger.take_all(3), 1);
}

TEST(QuotaLedger, a_refusal_by_the_minute_costs_nothing_of_the_day) {
  Ledger ledger;
  ledger.limits = {1, 50, 0};
  ledger.take();
  ledger.take_all(10);
  EXPECT_EQ(ledger.look().used, 1u);
}

TEST(QuotaLedger, a_closure_lasts_until_the_instant_told_and_then_starts_afresh) {  // O-6 form 1
  Ledger ledger;
  ledger.limits.rpd = 1000;
  ledger.take();
  quota_close(ledger.cells.data(), ledger.limits, ledger.wall + 3'600'000, 50, ledger.wall);
  EXPECT_EQ(ledger.look().why, QUOTA_DAY_CLOSED);
  EXPECT_EQ(ledger.look().wait_ms, 3'600'000);
  EXPECT_EQ(ledger.look().used, 50u);
  EXPECT_EQ(ledger.look().limit, 50u) << "learned from the provider";
  ledger.pass(3'600'000);
  EXPECT_EQ(ledger.take_all(60), 50);
}

TEST(QuotaLedger, a_told_limit_below_the_config_is_put_to_the_test_next_day_and_a_higher_one_kept) {
  Ledger ledger;
  quota_learn(ledger.cells.data(), ledger.limits, 20, 15, ledger.wall);
  EXPECT_EQ(ledger.look().limit, 20u);
  EXPECT_EQ(ledger.look().used, 5u);
  ledger.pass(kDay);
  EXPECT_EQ(ledger.look().limit, 50u);
  quota_learn(ledger.cells.data(), ledger.limits, 1000, 1000, ledger.wall);
  ledger.pass(kDay);
  EXPECT_EQ(ledger.look().limit, 1000u);
}

TEST(QuotaLedger, headers_raise_the_count_but_never_lower_it) {
  Ledger ledger;
  ledger.take_all(10);
  quota_learn(ledger.cells.data(), ledger.limits, 50, 45, ledger.wall);
  EXPECT_EQ(ledger.look().used, 10u);
  quota_learn(ledger.cells.data(), ledger.limits, 50, 5, ledger.wall);
  EXPECT_EQ(ledger.look().used, 45u);
  quota_learn(ledger.cells.data(), ledger.limits, 50, 60, ledger.wall);  // nonsense is ignored
  quota_learn(ledger.cells.data(), ledger.limits, -1, -1, ledger.wall);
  EXPECT_EQ(ledger.look().used, 45u);
}

TEST(QuotaLedger, a_pause_only_grows) {
  Ledger ledger;
  quota_pause(ledger.cells.data(), 60'000);
  quota_pause(ledger.cells.data(), 1'000);
  EXPECT_EQ(ledger.look().why, QUOTA_MINUTE_CLOSED);
  EXPECT_EQ(ledger.look().wait_ms, 59'999);
  ledger.pass(60'000);
  EXPECT_EQ(ledger.look().why, QUOTA_OPEN);
}

TEST(QuotaLedger, K1_a_step_back_of_the_wall_clock_never_reopens_a_spent_day) {
  for (const std::int64_t step : {std::int64_t{1000}, std::int64_t{3'600'000}, kDay, 3 * kDay, 400 * kDay}) {
    Ledger ledger;
    ledger.take_all(50);
    ledger.wall -= step;
    EXPECT_EQ(ledger.take_all(10), 0) << step;
    EXPECT_EQ(ledger.look().why, QUOTA_DAY_SPENT);
    ledger.wall = 0;  // 1970
    EXPECT_EQ(ledger.take_all(10), 0) << step;
  }
}

TEST(QuotaLedger, K1_a_step_back_never_reopens_a_told_closure) {
  Ledger ledger;
  quota_close(ledger.cells.data(), ledger.limits, ledger.wall + kDay / 2, 0, ledger.wall);
  ledger.wall -= 3'600'000;
  EXPECT_EQ(ledger.look().why, QUOTA_DAY_CLOSED);
}

TEST(QuotaLedger, K1_a_clock_that_was_a_year_ahead_does_not_close_the_quota_for_a_year) {
  Ledger ledger;
  ledger.wall += 365 * kDay;
  ledger.take_all(30);
  quota_close(ledger.cells.data(), ledger.limits, ledger.wall + kDay / 2, 0, ledger.wall);
  ledger.wall -= 365 * kDay;
  EXPECT_EQ(ledger.take_all(60), 0) << "today nothing is re-opened";
  ledger.pass(kDay);
  EXPECT_EQ(ledger.take_all(60), 50) << "tomorrow is a day like any other";
}

TEST(QuotaLedger, threads_together_never_overshoot) {
  for (const quota_limits limits : {quota_limits{0, 500, 0}, quota_limits{200, 0, 0}, quota_limits{700, 400, 0}}) {
    Ledger ledger;
    ledger.limits = limits;
    std::atomic<int> taken{0};
    std::vector<std::thread> threads;
    for (int id = 0; id < 4; ++id) {
      threads.emplace_back([&, id] {
        for (int i = 0; i < 1000; ++i) {
          quota_hold hold;
          if (quota_reserve(ledger.cells.data(), limits, kNoon, 5, 0, &hold).why != QUOTA_OPEN) continue;
          if (i % 3 == id % 3) {
            quota_release(ledger.cells.data(), &hold);
          } else {
            ++taken;
          }
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    std::int64_t most = limits.rpm == 0 ? limits.rpd : limits.rpm;
    if (limits.rpd != 0) most = std::min(most, limits.rpd);
    EXPECT_LE(taken.load(), most);
    EXPECT_TRUE(limits.rpm != 0 || taken.load() == most);
  }
}

}  // namespace
