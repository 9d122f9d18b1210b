// The gates beside the breaker (reliability.md 4.2, rows 14 and 15) and the foreign rules, against the values the
// oracle computed (catalog/expected.json, seed002.breaker and litellm.cooldown_*). A fake clock is just a number here.
#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <vector>

#include "breaker_compat.h"
#include "breaker_gates.h"

namespace {

TEST(BreakerGates, row_14_a_throttle_only_grows) {
  std::uint64_t cell = 0;
  gate_throttle(&cell, 5000);
  gate_throttle(&cell, 3000);
  EXPECT_EQ(cell, 5000u);
  gate_throttle(&cell, 9000);
  EXPECT_EQ(cell, 9000u);
}

TEST(BreakerGates, row_15_a_refused_key_is_out_until_one_attempt_may_ask_again) {
  std::uint64_t cell = 0, held = 0, other = 0;
  gate_isolate(&cell, 0, 900'000, GATE_AUTH, 1);
  EXPECT_FALSE(gate_enter(&cell, 899'999, 1, 30'000, 0, &held));
  EXPECT_EQ(gate_wait_ms(cell, 0, 1), 900'000u);
  EXPECT_TRUE(gate_enter(&cell, 900'000, 1, 30'000, 0, &held));
  EXPECT_FALSE(gate_enter(&cell, 900'001, 1, 30'000, 0, &other)) << "one at a time";
  gate_answered(&cell, held, 900'500, 0);  // cancelled: the next one asks
  EXPECT_TRUE(gate_enter(&cell, 900'500, 1, 30'000, 0, &held));
  gate_answered(&cell, held, 901'000, 1);
  EXPECT_EQ(cell, 0u);
}

TEST(BreakerGates, row_15_a_reload_lets_a_refused_key_be_tried_but_no_spent_budget) {
  std::uint64_t cell = 0, held = 0;
  gate_isolate(&cell, 0, 900'000, GATE_AUTH, 1);
  EXPECT_TRUE(gate_enter(&cell, 1000, 2, 30'000, 0, &held));
  cell = 0;
  gate_isolate(&cell, 0, 900'000, GATE_BUDGET, 1);
  EXPECT_FALSE(gate_enter(&cell, 1000, 2, 30'000, 0, &held));
  EXPECT_TRUE(gate_enter(&cell, 900'000, 2, 30'000, 0, &held));
  EXPECT_EQ(cell, 0u) << "a budget needs no probe";
}

TEST(BreakerGates, row_15_a_small_complaint_does_not_shorten_an_isolation) {
  std::uint64_t cell = 0;
  gate_isolate(&cell, 0, 900'000, GATE_AUTH, 1);
  gate_isolate(&cell, 0, 5'000, GATE_BUDGET, 1);
  EXPECT_EQ(gate_unpack(cell).until, 900'000u);
  EXPECT_EQ(gate_unpack(cell).reason, static_cast<std::uint64_t>(GATE_AUTH));
}

// LiteLLM: expected.json litellm.cooldown_default (L-5) and litellm.cooldown_counted (L-6).

TEST(BreakerCompat, litellm_window_rule_cools_as_the_oracle_says) {
  struct Row {
    int status;
    const char* text;
    unsigned group, ok, bad;
    bool cools;
  };
  constexpr Row kRows[] = {
      {429, "", 10, 5, 1, true},
      {429, "", 1, 0, 1, false},
      {429, "", 1, 0, 999, false},
      {429, "", 1, 0, 1000, true},
      {401, "", 1, 0, 1, true},
      {404, "", 1, 0, 1, true},
      {408, "", 10, 0, 1, false},
      {400, "", 10, 0, 50, false},
      {403, "", 10, 0, 50, false},
      {422, "", 10, 0, 50, false},
      {500, "", 10, 0, 4, false},
      {500, "", 10, 0, 5, true},
      {500, "", 10, 3, 3, false},
      {500, "", 10, 2, 3, true},
      {500, "", 1, 0, 5, false},
      {500, "", 1, 0, 1000, true},
      {503, "litellm.APIConnectionError: x", 10, 0, 50, false},
  };
  for (const Row& row : kRows) {
    const bool theirs = std::strstr(row.text, "APIConnectionError") != nullptr;
    EXPECT_EQ(compat_window_cools(row.status, theirs, row.group, row.ok, row.bad) != 0, row.cools)
        << row.status << " " << row.group << " " << row.ok << "/" << row.bad;
  }
}

TEST(BreakerCompat, litellm_counted_rule_cools_as_the_oracle_says) {
  struct Row {
    int status;
    unsigned allowed, earlier;
    bool cools;
  };
  constexpr Row kRows[] = {{500, 2, 0, false}, {500, 2, 1, false}, {500, 2, 2, true}, {429, 2, 0, false},
                           {429, 2, 2, true},  {400, 2, 9, false}, {401, 0, 0, true}};
  for (const Row& row : kRows) {
    EXPECT_EQ(compat_counted_cools(row.status, 0, row.earlier, row.allowed) != 0, row.cools)
        << row.status << " " << row.earlier;
  }
}

TEST(BreakerCompat, counts_live_from_their_first_event) {  // L-5, L-6
  std::array<std::uint64_t, BRK_CELLS> cells{};
  EXPECT_EQ(compat_observe(cells.data(), 1'000, 60'000, 1).bad, 1u);
  EXPECT_EQ(compat_observe(cells.data(), 60'000, 60'000, 1).bad, 2u);
  EXPECT_EQ(compat_observe(cells.data(), 60'999, 60'000, 0).ok, 1u);
  EXPECT_EQ(compat_observe(cells.data(), 61'000, 60'000, 1).bad, 1u) << "a new window, without the ok";
  EXPECT_EQ(compat_read(cells.data(), 61'000, 60'000).ok, 0u);
}

TEST(BreakerCompat, a_cooled_target_is_closed_by_time_alone) {
  std::array<std::uint64_t, BRK_CELLS> cells{};
  EXPECT_EQ(compat_cool(cells.data(), 120'000).from, BRK_CLOSED);
  EXPECT_EQ(compat_cool(cells.data(), 100'000).from, BRK_OPEN);
  EXPECT_EQ(brk_unpack(cells[BRK_STATE]).until, 120'000u) << "the later end wins";
  EXPECT_EQ(compat_reopen(cells.data(), 119'999, 0).from, BRK_CLOSED);
  EXPECT_EQ(brk_unpack(cells[BRK_STATE]).state, BRK_OPEN);
  EXPECT_EQ(compat_reopen(cells.data(), 120'000, 0).to, BRK_CLOSED);
  EXPECT_EQ(brk_unpack(cells[BRK_STATE]).state, BRK_CLOSED);
}

// Llmrouter: expected.json seed002.breaker.

struct Event {
  double t;
  char what;  // a: asked and allowed, d: asked and denied, f: fail, o: ok
  unsigned state, failures;
};

void replay(unsigned threshold, unsigned recovery_s, const std::vector<Event>& trace) {
  std::array<std::uint64_t, BRK_CELLS> cells{};
  for (const Event& event : trace) {
    const auto now = static_cast<std::uint64_t>(event.t * 1000 + 0.5);
    if (event.what == 'a' || event.what == 'd') {
      brk_change change;
      EXPECT_EQ(llmrouter_ask(cells.data(), now, &change).allowed != 0, event.what == 'a') << event.t;
    } else {
      llmrouter_report(cells.data(), event.what == 'f', threshold, recovery_s * 1000, now);
    }
    const brk_state s = brk_unpack(cells[BRK_STATE]);
    EXPECT_EQ(s.state, event.state) << event.t << event.what;
    EXPECT_EQ(s.run, event.failures) << event.t << event.what;
  }
}

TEST(BreakerCompat, llmrouter_opens_at_third_failure) {
  replay(3, 15,
         {{0, 'a', BRK_CLOSED, 0},
          {0, 'f', BRK_CLOSED, 1},
          {1, 'a', BRK_CLOSED, 1},
          {1, 'f', BRK_CLOSED, 2},
          {2, 'a', BRK_CLOSED, 2},
          {2, 'f', BRK_OPEN, 3},
          {3, 'd', BRK_OPEN, 3},
          {16.9, 'd', BRK_OPEN, 3},
          {17, 'a', BRK_HALF_OPEN, 3},
          {17, 'a', BRK_HALF_OPEN, 3},
          {18, 'f', BRK_OPEN, 4},
          {32.9, 'd', BRK_OPEN, 4},
          {33, 'a', BRK_HALF_OPEN, 4},
          {34, 'o', BRK_CLOSED, 0},
          {34, 'a', BRK_CLOSED, 0}});
}

TEST(BreakerCompat, llmrouter_success_resets_the_count) {
  replay(3, 15,
         {{0, 'f', BRK_CLOSED, 1},
          {1, 'f', BRK_CLOSED, 2},
          {2, 'o', BRK_CLOSED, 0},
          {3, 'f', BRK_CLOSED, 1},
          {4, 'f', BRK_CLOSED, 2},
          {5, 'a', BRK_CLOSED, 2}});
}

TEST(BreakerCompat, llmrouter_failures_never_age) {
  replay(2, 10, {{0, 'f', BRK_CLOSED, 1}, {100'000, 'f', BRK_OPEN, 2}, {100'001, 'd', BRK_OPEN, 2}});
}

TEST(BreakerCompat, llmrouter_a_late_failure_extends_open) {
  replay(2, 10,
         {{0, 'f', BRK_CLOSED, 1},
          {1, 'f', BRK_OPEN, 2},
          {9, 'f', BRK_OPEN, 3},
          {11.5, 'd', BRK_OPEN, 3},
          {19, 'a', BRK_HALF_OPEN, 3}});
}

}  // namespace
