// breaker with rules from elsewhere: LiteLLM's counted and windowed cooldowns, llmrouter's counter. Their arithmetic is
// tested in breaker_gates_test.cc.
#include "policy_bench.h"

namespace spillway {
namespace {

TEST(BreakerModes, D17_two_allowed_failures_cool_at_the_third_for_120_s) {  // C-13, L-6
  BreakerBench b({{"allowed_fails", std::int64_t{2}}, {"cooldown_s", std::int64_t{120}}});
  const auto zero_fails = [](std::size_t i) { return i == 0 ? broken(i) : ok(i); };
  for (int i = 0; i < 3; ++i) EXPECT_EQ(b.send(zero_fails).sent, (Sent{0, 1})) << i;
  EXPECT_EQ(b.send(zero_fails).sent, Sent{1});
  b.pass_s(119.9);
  EXPECT_EQ(b.send(zero_fails).sent, Sent{1});
  b.pass_s(0.1);
  EXPECT_EQ(b.send(ok).sent, Sent{0});
}

TEST(BreakerModes, a_good_early_probe_ends_a_cooldown) {
  BreakerBench b({{"allowed_fails", std::int64_t{0}}, {"cooldown_s", std::int64_t{120}}});
  b.candidates.resize(1);
  b.send(broken);
  EXPECT_TRUE(b.send(ok).answered);
  EXPECT_TRUE(b.send(ok).answered);
  EXPECT_EQ(b.counted("early_probes_total"), 1);
  EXPECT_EQ(b.counted("open"), 0);
}

TEST(BreakerModes, L9_a_told_wait_is_the_cooldown_and_none_is_none) {
  BreakerBench b({{"allowed_fails", std::int64_t{0}}, {"cooldown_s", std::int64_t{120}}});
  b.candidates.resize(1);
  b.send([](std::size_t i) { return outcome_of(i, SPW_E_TRANSIENT, 503, 0); });
  EXPECT_TRUE(b.send(ok).answered) << "L-4: Retry-After 0 never cools";
  b.pass_s(120);
  b.send([](std::size_t i) { return outcome_of(i, SPW_E_RATE_LIMITED, 429, 30'000); });
  EXPECT_TRUE(b.send(ok).sent.empty());
  b.pass_s(30);
  EXPECT_TRUE(b.send(ok).answered);
}

TEST(BreakerModes, L5_the_window_rule_needs_five_and_a_group) {
  const auto zero_fails = [](std::size_t i) { return i == 0 ? broken(i) : ok(i); };
  BreakerBench b({{"mode", std::string("window")}});
  for (int i = 0; i < 5; ++i) EXPECT_EQ(b.send(zero_fails).sent, (Sent{0, 1})) << i;
  EXPECT_EQ(b.send(zero_fails).sent, Sent{1});
  b.pass_s(60);
  EXPECT_EQ(b.send(ok).sent, Sent{0});
  BreakerBench alone({{"mode", std::string("window")}});
  alone.candidates.resize(1);
  for (int i = 0; i < 50; ++i) EXPECT_EQ(alone.send(broken).sent.size(), 1u);
}

TEST(BreakerModes, R5_llmrouter_lets_everybody_in_when_half_open) {
  BreakerBench b({{"mode", std::string("llmrouter")}, {"consecutive", std::int64_t{3}}, {"open_s", std::int64_t{15}}});
  b.open(0, 3);
  EXPECT_EQ(b.send(ok).sent, Sent{1});
  b.pass_s(15);
  const std::unique_ptr<Trial> one = b.begin(), other = b.begin();
  EXPECT_EQ(b.next(*one), 0u);
  EXPECT_EQ(b.next(*other), 0u);
  b.finish(*one);
  b.finish(*other);
}

TEST(BreakerModes, a_setting_that_would_be_ignored_is_refused) {
  FakeServices services;
  for (const Options& options : {Options{{"mode", std::string("magic")}},
                                 Options{{"mode", std::string("machine")}, {"allowed_fails", std::int64_t{2}}}}) {
    const Policies policies = policies_of({&spillway_builtin_breaker}, settings_of(options));
    EXPECT_FALSE(PolicyWorker::start(policies, services));
  }
}

}  // namespace
}  // namespace spillway
