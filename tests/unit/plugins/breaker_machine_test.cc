// The breaker's machine: each row of the table in reliability.md 4.2 (14 and 15 are in breaker_gates_test.cc, 16 and 17
// in breaker_test.cc) and the incidents of 4.1. A fake clock is just a number here.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <vector>

#include "breaker_machine.h"

namespace {

constexpr brk_params kDefaults = {5, 30'000, 20, 500, 10'000, 300'000, 30'000, 2, 10'000, 600'000};
constexpr std::uint64_t kMiddle = 200;  // jitter draw that gives exactly d(k)

struct Breaker {
  std::array<std::uint64_t, BRK_CELLS> cells{};
  brk_params params = kDefaults;
  std::uint64_t now = 1000;
  brk_change change{};

  brk_state state() const { return brk_unpack(cells[BRK_STATE]); }
  brk_answer ask(brk_permit& permit, bool early = false, bool spare = false, std::uint64_t random = kMiddle) {
    return brk_acquire(cells.data(), &params, now, random, spare, early, &permit, &change);
  }
  brk_permit go() {
    brk_permit permit;
    EXPECT_TRUE(ask(permit).allowed);
    return permit;
  }
  brk_change report(brk_permit permit, brk_verdict verdict) {
    return brk_report(cells.data(), &permit, verdict, &params, now, kMiddle);
  }
  void fail(int times) {
    for (int i = 0; i < times; ++i) report(go(), BRK_FAIL);
  }
  bool denied() {
    brk_permit permit;
    return !ask(permit).allowed;
  }
  void open() { fail(5); }
};

// Reliability.md 4.2, rows 1 to 18.

TEST(BreakerTable, row_1_ok_resets_the_run) {
  Breaker b;
  b.fail(4);
  EXPECT_EQ(b.state().run, 4u);
  b.report(b.go(), BRK_OK);
  EXPECT_EQ(b.state().run, 0u);
  b.fail(4);
  EXPECT_EQ(b.state().state, BRK_CLOSED);
}

TEST(BreakerTable, rows_2_and_3_the_fifth_failure_in_a_row_opens) {
  Breaker b;
  b.fail(4);
  EXPECT_EQ(b.state().state, BRK_CLOSED);
  const brk_change change = b.report(b.go(), BRK_FAIL);
  EXPECT_EQ(change.from, BRK_CLOSED);
  EXPECT_EQ(change.to, BRK_OPEN);
  EXPECT_EQ(b.state().k, 1u);
  EXPECT_EQ(b.state().until, b.now + 10'000);
  std::uint64_t ok = 0, fail = 0;
  brk_counts(b.cells.data(), &b.params, b.now, &ok, &fail);
  EXPECT_EQ(ok + fail, 0u) << "the window is cleared";
}

TEST(BreakerTable, row_3_half_of_twenty_in_the_window_opens) {
  Breaker b;
  for (int i = 0; i < 9; ++i) {
    b.report(b.go(), BRK_FAIL);
    b.report(b.go(), BRK_OK);
  }
  b.report(b.go(), BRK_OK);
  EXPECT_EQ(b.state().state, BRK_CLOSED) << "19 outcomes are too few";
  b.report(b.go(), BRK_FAIL);  // 10 of 20
  EXPECT_EQ(b.state().state, BRK_OPEN);
}

TEST(BreakerTable, row_3_the_window_forgets_after_thirty_seconds) {
  Breaker b;
  for (int i = 0; i < 9; ++i) {
    b.report(b.go(), BRK_FAIL);
    b.report(b.go(), BRK_OK);
  }
  b.now += 30'000;
  b.report(b.go(), BRK_OK);
  b.report(b.go(), BRK_FAIL);
  EXPECT_EQ(b.state().state, BRK_CLOSED);
}

TEST(BreakerTable, row_4_neutral_answers_do_not_count) {
  Breaker b;
  b.fail(4);
  for (int i = 0; i < 100; ++i) b.report(b.go(), BRK_NEUTRAL);
  EXPECT_EQ(b.state().run, 4u);
  EXPECT_EQ(b.state().state, BRK_CLOSED);
}

TEST(BreakerTable, row_5_open_denies_and_tells_the_wait) {
  Breaker b;
  b.open();
  b.now += 9'999;
  brk_permit permit;
  const brk_answer answer = b.ask(permit);
  EXPECT_FALSE(answer.allowed);
  EXPECT_EQ(answer.wait_ms, 1);
  EXPECT_FALSE(permit.held);
}

TEST(BreakerTable, rows_6_and_8_one_probe_when_the_time_is_up) {
  Breaker b;
  b.open();
  const std::uint64_t gen = b.state().gen;
  b.now += 10'000;
  EXPECT_TRUE(b.go().probe);
  EXPECT_EQ(b.state().state, BRK_HALF_OPEN);
  EXPECT_EQ(b.state().gen, gen + 1);
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(b.denied()) << "fault B1: no stampede";
}

TEST(BreakerTable, rows_7_9_and_10_two_good_probes_close) {
  Breaker b;
  b.open();
  b.now += 10'000;
  b.report(b.go(), BRK_OK);
  EXPECT_EQ(b.state().state, BRK_HALF_OPEN);
  EXPECT_EQ(b.state().good, 1u);
  const brk_change change = b.report(b.go(), BRK_OK);
  EXPECT_EQ(change.to, BRK_CLOSED);
  EXPECT_EQ(b.state().run, 0u);
}

TEST(BreakerTable, row_11_a_failed_probe_opens_for_twice_as_long) {
  Breaker b;
  b.open();
  std::uint64_t expected = 10'000;
  for (std::uint64_t k = 2; k <= 8; ++k) {
    b.now = b.state().until;
    b.report(b.go(), BRK_FAIL);
    expected = std::min<std::uint64_t>(expected * 2, 300'000);
    EXPECT_EQ(b.state().k, k);
    EXPECT_EQ(b.state().until - b.now, expected);
  }
}

TEST(BreakerTable, row_11_a_probe_without_a_verdict_fails_at_its_deadline) {
  Breaker b;
  b.open();
  b.now += 10'000;
  const brk_permit lost = b.go();
  b.now += 29'999;
  EXPECT_TRUE(b.denied());
  EXPECT_EQ(b.state().state, BRK_HALF_OPEN);
  b.now += 1;
  EXPECT_TRUE(b.denied());
  EXPECT_EQ(b.state().state, BRK_OPEN);
  EXPECT_EQ(b.state().k, 2u);
  EXPECT_TRUE(b.report(lost, BRK_OK).stale);
  EXPECT_EQ(b.state().state, BRK_OPEN);
}

TEST(BreakerTable, row_12_ten_neutral_probes_are_one_ok_and_cancels_none) {
  Breaker b;
  b.open();
  b.now += 10'000;
  for (int i = 0; i < 50; ++i) b.report(b.go(), BRK_CANCEL);
  EXPECT_EQ(b.state().good, 0u);
  for (int i = 0; i < 9; ++i) b.report(b.go(), BRK_NEUTRAL);
  EXPECT_EQ(b.state().good, 0u);
  b.report(b.go(), BRK_NEUTRAL);
  EXPECT_EQ(b.state().good, 1u);
  EXPECT_EQ(b.state().flying, 0u);
}

TEST(BreakerTable, row_13_a_stale_report_changes_nothing) {
  Breaker b;
  const brk_permit old = b.go();
  b.open();
  const std::uint64_t before = b.cells[BRK_STATE];
  for (const brk_verdict verdict : {BRK_FAIL, BRK_OK, BRK_NEUTRAL, BRK_CANCEL}) {
    EXPECT_TRUE(b.report(old, verdict).stale);
    EXPECT_EQ(b.cells[BRK_STATE], before);
  }
}

TEST(BreakerTable, row_18_traffic_ramps_up_if_another_can_take_it) {
  Breaker b;
  b.open();
  b.now += 10'000;
  b.report(b.go(), BRK_OK);
  b.report(b.go(), BRK_OK);
  const auto share = [&b](bool spare) {
    int admitted = 0;
    for (std::uint64_t draw = 0; draw < 1000; ++draw) {
      brk_permit permit;
      admitted += b.ask(permit, false, spare, draw << 16 | kMiddle).allowed;
    }
    return admitted;
  };
  EXPECT_EQ(share(true), 100);
  EXPECT_EQ(share(false), 1000) << "nobody else is there";
  b.now += 5'000;
  EXPECT_EQ(share(true), 550);
  b.now += 5'000;
  EXPECT_EQ(share(true), 1000);
}

TEST(BreakerTable, row_18_a_breaker_that_never_opened_has_no_ramp) {
  Breaker b;
  b.now = 0;
  brk_permit permit;
  EXPECT_TRUE(b.ask(permit, false, true, 999 << 16).allowed);
}

TEST(BreakerTable, k_falls_by_one_for_each_ten_minutes_closed) {
  for (const auto& [minutes, k] : {std::pair{9, 4}, std::pair{10, 3}, std::pair{25, 2}, std::pair{600, 1}}) {
    Breaker b;
    b.open();
    for (int i = 0; i < 2; ++i) {
      b.now = b.state().until;
      b.report(b.go(), BRK_FAIL);
    }
    b.now = b.state().until;
    b.report(b.go(), BRK_OK);
    b.report(b.go(), BRK_OK);
    ASSERT_EQ(b.state().k, 3u);
    b.now += static_cast<std::uint64_t>(minutes) * 60'000;
    b.open();
    EXPECT_EQ(b.state().k, static_cast<std::uint64_t>(k)) << minutes;
  }
}

// Early probes: when everybody is open.

TEST(BreakerEarly, a_failed_early_probe_leaves_the_wait_as_it_was) {
  Breaker b;
  b.open();
  const brk_state before = b.state();
  b.now += 1000;
  for (const brk_verdict verdict : {BRK_FAIL, BRK_NEUTRAL, BRK_CANCEL}) {
    brk_permit permit;
    ASSERT_TRUE(b.ask(permit, true).allowed);
    EXPECT_TRUE(permit.early);
    EXPECT_TRUE(b.denied());
    brk_permit second;
    EXPECT_FALSE(b.ask(second, true).allowed) << "one at a time";
    b.report(permit, verdict);
    EXPECT_EQ(b.state().state, BRK_OPEN);
    EXPECT_EQ(b.state().until, before.until);
    EXPECT_EQ(b.state().k, before.k);
  }
}

TEST(BreakerEarly, a_good_early_probe_counts_towards_closing) {
  Breaker b;
  b.open();
  brk_permit permit;
  ASSERT_TRUE(b.ask(permit, true).allowed);
  b.report(permit, BRK_OK);
  b.report(b.go(), BRK_OK);
  EXPECT_EQ(b.state().state, BRK_CLOSED);
}

// The incidents of reliability.md 4.1.

// resilience4j issue 903: stuck half-open when a call never returns.
TEST(BreakerIncident, resilience4j_903_a_lost_probe_does_not_lock_it_half_open) {
  Breaker b;
  b.open();
  for (int lost = 0; lost < 10; ++lost) {
    std::uint64_t waited = 0;
    while (b.denied()) {
      b.now += 1000;
      waited += 1000;
      ASSERT_LE(waited, 390'000u);
    }
  }
}

// af-llm: a probe at a fixed 30 s fired while the provider was still overloaded, and looped.
TEST(BreakerIncident, af_llm_probes_get_rarer_while_the_provider_stays_overloaded) {
  Breaker b;
  b.open();
  int probes = 0;
  for (const std::uint64_t end = b.now + 600'000; b.now < end; b.now += 100) {
    brk_permit permit;
    if (!b.ask(permit).allowed) continue;
    ++probes;
    b.report(permit, BRK_FAIL);
  }
  EXPECT_LE(probes, 6) << "10 20 40 80 160 300 s";
  EXPECT_GE(probes, 5);
}

// better-ccflare PR 349: could not close, because success was never reported while open.
TEST(BreakerIncident, better_ccflare_349_a_recovered_provider_is_closed_again) {
  Breaker b;
  b.open();
  for (int i = 0; i < 200 && b.state().state != BRK_CLOSED; ++i, b.now += 100) {
    brk_permit permit;
    if (b.ask(permit).allowed) b.report(permit, BRK_OK);
  }
  EXPECT_EQ(b.state().state, BRK_CLOSED);
}

// Envoy and llmrouter let full traffic at a host that has just come back.
TEST(BreakerIncident, envoy_full_traffic_never_meets_a_half_open_host) {
  Breaker b;
  b.open();
  b.now += 10'000;
  int sent = 0;
  for (int i = 0; i < 1000; ++i) {  // one second at 1000 rps, answers take longer
    brk_permit permit;
    sent += b.ask(permit).allowed;
    ++b.now;
  }
  EXPECT_EQ(sent, 1);
}

// gobreaker: results of an older state must not count, here failures that arrive after recovery.
TEST(BreakerIncident, gobreaker_late_failures_of_the_outage_do_not_reopen) {
  Breaker b;
  std::vector<brk_permit> slow;
  for (int i = 0; i < 20; ++i) slow.push_back(b.go());
  b.open();
  b.now += 10'000;
  b.report(b.go(), BRK_OK);
  b.report(b.go(), BRK_OK);
  for (const brk_permit& permit : slow) EXPECT_TRUE(b.report(permit, BRK_FAIL).stale);
  EXPECT_EQ(b.state().state, BRK_CLOSED);
}

// LiteLLM: clock-minute windows forget a burst at the turn of the minute.
TEST(BreakerIncident, litellm_a_burst_over_the_turn_of_the_minute_is_seen_whole) {
  Breaker b;
  b.params.consecutive = 60;
  for (int i = 0; i < 20; ++i) {
    b.now = 55'000 + static_cast<std::uint64_t>(i) * 500;  // 10 before and 10 after 60 s
    b.report(b.go(), BRK_FAIL);
  }
  EXPECT_EQ(b.state().state, BRK_OPEN);
}

}  // namespace
