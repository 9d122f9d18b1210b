// Tokens by the minute and by the day, windows told by heads: by themselves, and over a million random steps against
// a list of what was taken (rules T-3, N-1, section 10; fault K1).
#include "quota_tokens.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <deque>
#include <string_view>
#include <thread>
#include <vector>

#include "base/dice.h"
#include "breaker_model.h"

namespace {

using u64 = std::uint64_t;
using i64 = std::int64_t;
constexpr i64 kMidday = 20'000 * QUOTA_DAY_MS + QUOTA_DAY_MS / 2;

struct Tokens {
  std::array<u64, TOKENS_CELLS> cells{};
  token_limits limits{6'000, 0, 0};
  i64 wall = kMidday;
  u64 now = 1;
  token_hold hold{};

  quota_answer take(i64 n) { return tokens_reserve(cells.data(), limits, n, wall, now, &hold); }
  quota_answer look(i64 n) { return tokens_look(cells.data(), limits, n, wall, now); }
  void settle(i64 used) { tokens_settle(cells.data(), limits, &hold, used, wall, now); }
  void pass(i64 ms) {
    wall += ms;
    now += static_cast<u64>(ms);
  }
};

TEST(QuotaTokens, a_minute_has_no_more_than_its_limit_and_says_when_there_is_room) {
  Tokens tokens;
  EXPECT_EQ(tokens.take(4'000).why, QUOTA_OPEN);
  tokens.pass(10'000);
  EXPECT_EQ(tokens.take(2'000).why, QUOTA_OPEN);
  const quota_answer full = tokens.take(1);
  EXPECT_EQ(full.why, QUOTA_MINUTE_TOKENS);
  EXPECT_EQ(full.wait_ms, 51'000 - 1) << "until the second of the first has left every minute";
  tokens.pass(full.wait_ms - 1);
  EXPECT_NE(tokens.look(4'000).why, QUOTA_OPEN);
  tokens.pass(1);
  EXPECT_EQ(tokens.take(4'000).why, QUOTA_OPEN);
}

TEST(QuotaTokens, the_estimate_is_corrected_when_the_answer_has_ended) {
  Tokens tokens;
  tokens.limits.tpd = 10'000;
  EXPECT_EQ(tokens.take(6'000).why, QUOTA_OPEN);
  tokens.settle(500);
  EXPECT_EQ(tokens.look(5'500).why, QUOTA_OPEN);
  EXPECT_NE(tokens.look(5'501).why, QUOTA_OPEN);
  EXPECT_EQ(tokens_used(tokens.cells.data(), tokens.limits, tokens.wall), 500u);
  EXPECT_EQ(tokens.take(100).why, QUOTA_OPEN);
  tokens.settle(5'000);
  EXPECT_EQ(tokens_used(tokens.cells.data(), tokens.limits, tokens.wall), 5'500u);
  EXPECT_NE(tokens.look(501).why, QUOTA_OPEN) << "more than was reckoned with counts as well";
  tokens.settle(0);
  EXPECT_EQ(tokens_used(tokens.cells.data(), tokens.limits, tokens.wall), 5'500u) << "a second time gives nothing";
}

TEST(QuotaTokens, what_is_larger_than_the_limit_waits_for_all_of_it) {
  Tokens tokens;
  EXPECT_EQ(tokens.take(1).why, QUOTA_OPEN);
  EXPECT_EQ(tokens.take(9'000).why, QUOTA_MINUTE_TOKENS);
  tokens.pass(61'000);
  EXPECT_EQ(tokens.take(9'000).why, QUOTA_OPEN);
}

TEST(QuotaTokens, a_day_of_tokens_ends_when_it_is_reset) {
  Tokens tokens;
  tokens.limits = {0, 1'000, 8 * 3'600'000};  // midnight of the Pacific
  EXPECT_EQ(tokens.take(1'000).why, QUOTA_OPEN);
  const quota_answer spent = tokens.take(1);
  EXPECT_EQ(spent.why, QUOTA_DAY_TOKENS);
  EXPECT_EQ(spent.wait_ms, 20 * 3'600'000) << "noon to 08:00";
  tokens.pass(spent.wait_ms - 1);
  EXPECT_NE(tokens.look(1).why, QUOTA_OPEN);
  tokens.pass(1);
  EXPECT_EQ(tokens.take(1'000).why, QUOTA_OPEN);
}

TEST(QuotaTokens, K1_a_step_back_of_the_clock_reopens_no_spent_day_and_a_year_ahead_closes_none) {
  Tokens tokens;
  tokens.limits = {0, 1'000, 0};
  tokens.take(1'000);
  tokens.wall -= QUOTA_DAY_MS;
  EXPECT_NE(tokens.take(1).why, QUOTA_OPEN);
  tokens.wall -= 400 * QUOTA_DAY_MS;
  EXPECT_NE(tokens.take(1).why, QUOTA_OPEN);
  tokens.pass(QUOTA_DAY_MS);
  EXPECT_EQ(tokens.take(1).why, QUOTA_OPEN) << "tomorrow is a day like any other";
}

TEST(QuotaTokens, threads_together_never_overshoot) {
  Tokens tokens;
  tokens.limits = {100'000, 80'000, 0};
  std::atomic<i64> taken{0};
  std::vector<std::thread> threads;
  for (int id = 0; id < 4; ++id) {
    threads.emplace_back([&, id] {
      for (int i = 0; i < 2'000; ++i) {
        token_hold hold;
        if (tokens_reserve(tokens.cells.data(), tokens.limits, 100, kMidday, static_cast<u64>(i), &hold).why !=
            QUOTA_OPEN)
          continue;
        const i64 used = i % 4 == id ? 0 : 50;
        tokens_settle(tokens.cells.data(), tokens.limits, &hold, used, kMidday, static_cast<u64>(i));
        taken += used;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(taken.load(), 80'000);
  EXPECT_EQ(tokens_used(tokens.cells.data(), tokens.limits, kMidday), static_cast<u64>(taken.load()));
}

// Groq's own example: 14,370 of 14,400 left, all of it back in 2m59.56s, so 6 s for each.
TEST(QuotaTokens, section_10_a_told_window_refills_evenly) {
  std::array<u64, TOLD_CELLS> cells{};
  EXPECT_EQ(told_wait(cells.data(), 1, 1'000, 1), 0) << "nothing is known, nothing is refused";
  told_learn(cells.data(), 30, 0, 180'000, 1'000);
  EXPECT_EQ(told_left(cells.data(), 1'000), 0);
  const i64 wait = told_wait(cells.data(), 1, 1'000, 0);
  EXPECT_NEAR(static_cast<double>(wait), 6'000, 2);
  EXPECT_EQ(told_wait(cells.data(), 1, 1'000 + static_cast<u64>(wait), 1), 0);
  EXPECT_GT(told_wait(cells.data(), 1, 1'000 + static_cast<u64>(wait), 1), 5'000) << "that one was taken";
  EXPECT_EQ(told_left(cells.data(), 181'000), 29);
  told_give(cells.data(), 1);
  EXPECT_EQ(told_left(cells.data(), 181'000), 30);
}

TEST(QuotaTokens, a_head_that_was_on_its_way_for_a_while_costs_no_turn) {
  std::array<u64, TOLD_CELLS> told{};
  told_learn(told.data(), 3, 2, 200'000, 1'000);
  EXPECT_EQ(told_wait(told.data(), 1, 1'990, 1), 0);
  told_learn(told.data(), 3, 1, 399'000, 2'010);  // written 10 ms before
  EXPECT_EQ(told_wait(told.data(), 1, 2'020, 1), 0) << "the third of three";
  EXPECT_NEAR(static_cast<double>(told_wait(told.data(), 1, 2'020, 1)), 198'490, 1'100);
}

TEST(QuotaTokens, a_told_window_that_is_nonsense_is_ignored) {
  std::array<u64, TOLD_CELLS> cells{};
  told_learn(cells.data(), 0, 0, 1'000, 1);
  told_learn(cells.data(), 10, 11, 1'000, 1);
  told_learn(cells.data(), 10, -1, 1'000, 1);
  told_learn(cells.data(), -1, -1, -1, 1);
  told_learn(cells.data(), INT64_MAX, 0, INT64_MAX, 1);
  EXPECT_EQ(told_wait(cells.data(), 1, 1, 1), 0);
  told_learn(cells.data(), 1'000'000, 999'999, INT64_MAX, 1);  // a reset in a thousand years
  EXPECT_EQ(told_wait(cells.data(), 1, 1, 1), 0);
  EXPECT_LE(told_wait(cells.data(), 1'000'000, 1, 1), 2 * QUOTA_DAY_MS + 1);
}

// What a person with a notebook would know: what was taken when, as it turned out later.
struct TokenWalk {
  struct Taken {
    u64 at;
    i64 amount;
    token_hold hold;
    bool open;
  };
  spillway::Dice dice;
  Tokens ledger;
  std::deque<Taken> minute;  // of the last 61 s, and what is still open
  std::vector<Taken> open;
  i64 used = 0, day = 0;
  u64 granted = 0, refused = 0;
  explicit TokenWalk(u64 seed) : dice(seed) {
    ledger.limits.tpm = std::array<i64, 4>{0, 1'000, 6'000, 100'000}[dice.below(4)];
    ledger.limits.tpd = std::array<i64, 3>{0, 50'000, 1'000'000}[dice.below(3)];
    ledger.limits.reset_ms = std::array<i64, 2>{0, 8 * 3'600'000}[dice.below(2)];
  }
  i64 today() const { return (ledger.wall - ledger.limits.reset_ms) / QUOTA_DAY_MS + 1; }
  i64 within(u64 ms) const {
    i64 sum = 0;
    for (const Taken& one : minute) sum += one.at + ms > ledger.now ? one.amount : 0;
    return sum;
  }

  std::string_view step() {
    ledger.pass(static_cast<i64>(dice.below(1'500)));
    if (dice.below(2'000) == 0) ledger.pass(static_cast<i64>(dice.below(QUOTA_DAY_MS)));
    while (!minute.empty() && minute.front().at + 62'000 <= ledger.now) minute.pop_front();
    if (today() > day) used = 0;
    day = std::max(day, today());
    if (!open.empty() && dice.below(5) < 2) return settle(dice.below(open.size()));
    return take(1 + static_cast<i64>(dice.below(600)));
  }

  std::string_view take(i64 n) {
    const token_limits& limits = ledger.limits;
    const quota_answer said = ledger.take(n);
    if (limits.tpd > 0 && used + n > limits.tpd) return said.why == QUOTA_DAY_TOKENS ? "" : "the day is spent";
    if (said.why == QUOTA_DAY_TOKENS) return "the day has room";
    if (said.why != QUOTA_OPEN) {
      ++refused;
      if (said.wait_ms <= 0 || said.wait_ms > 61'000) return "a wait is within the minute";
      return within(62'000) + n > limits.tpm ? "" : "the minute has room";
    }
    ++granted;
    used += n;
    minute.push_back({ledger.now, n, ledger.hold, true});
    open.push_back(minute.back());
    return limits.tpm == 0 || within(60'000) <= limits.tpm ? "" : "no 60 s hold more than tpm";
  }

  // Estimates are upper bounds here, as max_tokens makes them.
  std::string_view settle(u64 which) {
    Taken one = open[which];
    open[which] = open.back();
    open.pop_back();
    const i64 real = static_cast<i64>(dice.below(static_cast<u64>(one.amount) + 1));
    const bool same_day = static_cast<i64>(one.hold.day) == day;
    ledger.hold = one.hold;
    ledger.settle(real);
    if (same_day) used -= one.amount - real;
    for (Taken& noted : minute) {
      if (noted.at == one.at && noted.open && noted.amount == one.amount) noted.amount = real, noted.open = false;
    }
    const u64 kept = tokens_used(ledger.cells.data(), ledger.limits, ledger.wall);
    return static_cast<i64>(kept) == used ? "" : "what the day has used";
  }
};

TEST(QuotaTokensModel, a_million_random_steps_never_overspend) {
  u64 granted = 0, refused = 0;
  for (u64 seed = 1; seed <= 50; ++seed) {
    TokenWalk walk(seed);
    for (u64 step = 0; step < 20'400 / kWalkShare; ++step) {
      const std::string_view broken = walk.step();
      ASSERT_EQ(broken, "") << "seed " << seed << " step " << step << " tpm " << walk.ledger.limits.tpm << " tpd "
                            << walk.ledger.limits.tpd;
    }
    granted += walk.granted;
    refused += walk.refused;
  }
  EXPECT_GT(granted, 100'000 / kWalkShare) << "the walks must do all there is to do";
  EXPECT_GT(refused, 20'000 / kWalkShare);
}

}  // namespace
