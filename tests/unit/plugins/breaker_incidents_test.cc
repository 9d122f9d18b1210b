// What breakers elsewhere got wrong, as tests of ours (reliability.md 4.1), and the probes that go out early when
// everybody is open.
#include <gtest/gtest.h>

#include <vector>

#include "breaker_bench.h"

namespace {

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
