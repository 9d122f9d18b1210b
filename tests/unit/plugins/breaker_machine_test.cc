// The breaker's machine: each row of the table in reliability.md 4.2 (14 and 15 are in breaker_gates_test.cc, 16 and 17
// in breaker_test.cc). A fake clock is just a number here.
#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

#include "breaker_bench.h"

namespace {

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

}  // namespace
