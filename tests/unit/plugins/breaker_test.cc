// breaker as a policy: its hooks over real plans, through the chain, on a fake clock. The machine itself is tested in
// breaker_machine_test.cc, the foreign rules in breaker_modes_test.cc.
#include "policy_bench.h"

namespace spillway {
namespace {

TEST(Breaker, an_open_target_is_left_out_with_a_reason_and_a_wait) {
  BreakerBench b;
  b.open();
  const Ran ran = b.send(ok);
  EXPECT_EQ(ran.sent, Sent{1});
  EXPECT_TRUE(ran.answered);
  EXPECT_NE(ran.reasons[0].find("open"), std::string::npos) << ran.reasons[0];
  EXPECT_EQ(b.counted("open"), 1);
}

TEST(Breaker, state_is_per_target_and_not_per_route) {
  BreakerBench b;
  b.open();
  b.texts[SPW_ROUTE] = "other";
  EXPECT_EQ(b.send(ok).sent, Sent{1});
}

TEST(Breaker, row_17_a_reload_keeps_what_is_open) {
  BreakerBench b;
  b.open();
  const std::unique_ptr<PolicyWorker> old = std::exchange(b.worker, start_worker(b.policies, b.services));
  EXPECT_EQ(b.send(ok).sent, Sent{1});
}

TEST(Breaker, half_open_sends_one_probe_and_closes_after_two_good_ones) {
  BreakerBench b;
  b.open();
  b.pass_s(12.1);
  const std::unique_ptr<Trial> probe = b.begin();
  ASSERT_EQ(b.next(*probe), 0u);
  EXPECT_EQ(b.send(ok).sent, Sent{1}) << "while the probe is in the air";
  probe->chain.outcome(ok(0));
  b.finish(*probe);
  EXPECT_EQ(b.send(ok).sent, Sent{0});
  EXPECT_EQ(b.counted("open"), 0);
  EXPECT_EQ(b.counted("transitions_total"), 3);
  EXPECT_EQ(b.counted("probes_total"), 2);
}

TEST(Breaker, a_streamed_probe_is_good_at_its_first_content) {
  BreakerBench b;
  b.numbers[SPW_STREAM] = 1;
  b.open();
  b.pass_s(12.1);
  std::vector<std::unique_ptr<Trial>> streams;
  for (int i = 0; i < 2; ++i) {
    streams.push_back(b.begin());
    ASSERT_EQ(b.next(*streams.back()), 0u);
    streams.back()->chain.content(0);
  }
  EXPECT_EQ(b.counted("open"), 0) << "closed although both streams still run";
  for (const auto& stream : streams) {
    stream->chain.outcome(ok(0));
    b.finish(*stream);
  }
}

TEST(Breaker, a_plain_probe_is_good_at_its_end_only) {
  BreakerBench b;
  b.open();
  b.pass_s(12.1);
  const std::unique_ptr<Trial> probe = b.begin();
  ASSERT_EQ(b.next(*probe), 0u);
  probe->chain.content(0);
  EXPECT_EQ(b.send(ok).sent, Sent{1});
  probe->chain.outcome(broken(0));
  b.finish(*probe);
  EXPECT_EQ(b.send(ok).sent, Sent{1});
}

TEST(Breaker, classes_that_say_nothing_about_health_do_not_count) {  // section 11, column breaker
  for (const int error : {SPW_E_CLIENT_GONE, SPW_E_FREE_DAY_QUOTA, SPW_E_CONTEXT_LENGTH, SPW_E_CONTENT_POLICY,
                          SPW_E_UNSUPPORTED, SPW_E_BAD_REQUEST, SPW_E_NOT_SENT}) {
    BreakerBench b;
    for (int i = 0; i < 30; ++i) b.send([&](std::size_t n) { return outcome_of(n, error, 400); });
    EXPECT_EQ(b.counted("transitions_total"), 0) << error;
    EXPECT_EQ(b.send(ok).sent, Sent{0}) << error;
  }
  for (const int error : {SPW_E_TIMEOUT, SPW_E_TRANSIENT, SPW_E_MID_STREAM}) {
    BreakerBench b;
    for (int i = 0; i < 5; ++i) b.send([&](std::size_t n) { return outcome_of(n, error, 0); });
    EXPECT_GT(b.counted("transitions_total"), 0) << error;
  }
}

TEST(Breaker, section_11_row_6_a_rate_limit_cools_its_target_only) {
  BreakerBench b;
  b.candidates.resize(1);
  b.send([](std::size_t i) { return outcome_of(i, SPW_E_RATE_LIMITED, 429, 7'000); });
  Ran ran = b.send(ok);
  EXPECT_TRUE(ran.sent.empty()) << "no early probe against a rate limit";
  EXPECT_TRUE(ran.all_throttled);
  EXPECT_EQ(ran.wait_ms, 7'000);
  b.pass_s(7);
  EXPECT_TRUE(b.send(ok).answered);
  b.send([](std::size_t i) { return outcome_of(i, SPW_E_RATE_LIMITED, 429); });
  EXPECT_EQ(b.send(ok).wait_ms, 120'000);
  b.pass_s(120);
  b.send([](std::size_t i) { return outcome_of(i, SPW_E_RATE_LIMITED, 429, 86'400'000); });
  EXPECT_EQ(b.send(ok).wait_ms, 3'600'000) << "row 14: at most an hour";
}

TEST(Breaker, section_11_row_11_an_unknown_model_cools_its_target_unless_the_client_named_it) {
  BreakerBench b;
  b.send([](std::size_t i) { return i == 0 ? outcome_of(i, SPW_E_NOT_FOUND, 404) : ok(i); });
  EXPECT_EQ(b.send(ok).sent, Sent{1});
  BreakerBench open;
  open.texts[SPW_MODEL] = "a";  // what candidate 0 passes on
  open.send([](std::size_t i) { return outcome_of(i, SPW_E_NOT_FOUND, 404); });
  EXPECT_EQ(open.send(ok).sent, Sent{0});
}

TEST(Breaker, row_15_a_refused_key_takes_all_its_models_out) {
  BreakerBench b;
  b.candidates = some_candidates(3);
  b.candidates[1].key_id = b.candidates[0].key_id;
  b.send([](std::size_t i) { return i == 0 ? outcome_of(i, SPW_E_AUTH, 401) : ok(i); });
  EXPECT_EQ(b.send(ok).sent, Sent{2});
  b.pass_s(900);
  const std::unique_ptr<Trial> probe = b.begin();
  ASSERT_EQ(b.next(*probe), 0u);
  EXPECT_EQ(b.send(ok).sent, Sent{2}) << "one attempt asks for all";
  probe->chain.outcome(ok(0));
  b.finish(*probe);
  EXPECT_EQ(b.send(ok).sent, Sent{0});
}

TEST(Breaker, section_11_row_5_no_credit_leaves_the_free_models_of_the_key) {
  BreakerBench b;
  b.candidates[0].key_id = b.candidates[1].key_id = 7;
  b.candidates[1].free = true;
  b.send([](std::size_t i) { return i == 0 ? outcome_of(i, SPW_E_NO_CREDIT, 402) : ok(i); });
  EXPECT_EQ(b.send(ok).sent, Sent{1});
  b.pass_s(3600);
  EXPECT_EQ(b.send(ok).sent, Sent{0}) << "an hour later it is asked again";
}

TEST(Breaker, section_11_row_5_a_free_model_that_asks_for_money_closes_the_key) {
  BreakerBench b;
  b.candidates = some_candidates(3);
  b.candidates[0].key_id = b.candidates[1].key_id = 7;
  b.candidates[0].free = true;
  b.send([](std::size_t i) { return i == 0 ? outcome_of(i, SPW_E_NO_CREDIT, 402) : ok(i); });
  EXPECT_EQ(b.send(ok).sent, Sent{2});
}

TEST(Breaker, section_11_row_4_an_in_flight_budget_rests_the_key_as_told) {
  BreakerBench b;
  b.candidates[1].key_id = b.candidates[0].key_id;
  b.send([](std::size_t i) { return outcome_of(i, SPW_E_IN_FLIGHT_BUDGET, 402, 3'000); });
  const Ran ran = b.send(ok);
  EXPECT_TRUE(ran.sent.empty());
  EXPECT_EQ(ran.wait_ms, 3'000);
  EXPECT_TRUE(ran.all_throttled);
  b.pass_s(3);
  EXPECT_TRUE(b.send(ok).answered);
}

TEST(Breaker, when_all_are_open_one_request_at_a_time_goes_to_the_least_bad) {
  BreakerBench b;
  b.open(0);
  b.pass_s(5);
  b.open(1);
  const std::unique_ptr<Trial> probe = b.begin();
  ASSERT_EQ(b.next(*probe), 0u) << "its wait is over sooner";
  for (int i = 0; i < 10; ++i) {
    const Ran refused = b.send(ok);
    EXPECT_TRUE(refused.sent.empty());
    EXPECT_FALSE(refused.all_throttled) << "503";
    EXPECT_GT(refused.wait_ms, 0);
  }
  probe->chain.outcome(ok(0));
  b.finish(*probe);
  EXPECT_EQ(b.send(ok).sent, Sent{0});
  EXPECT_EQ(b.counted("open"), 1) << "two good ones have closed it";
  EXPECT_EQ(b.counted("early_probes_total"), 1);
}

TEST(Breaker, early_probes_that_fail_come_once_a_second_and_prolong_nothing) {
  BreakerBench b;
  b.candidates.resize(1);
  b.open();
  int probes = 0;
  for (int tenth = 0; tenth < 50; ++tenth) {
    probes += static_cast<int>(b.send(broken).sent.size());
    b.pass_s(0.1);
  }
  EXPECT_EQ(probes, 5);
  EXPECT_LE(b.send(ok).wait_ms, 7'000);
}

TEST(Breaker, an_early_probe_that_another_policy_stopped_is_given_back) {
  Bench b({&spillway_builtin_free_first, &spillway_builtin_breaker});
  b.candidates.resize(1);
  b.candidates[0].free = true;
  b.candidates[0].limit_rpd = 3;
  for (int i = 0; i < 2; ++i) b.send(broken);
  const std::unique_ptr<Trial> stopped = b.begin();
  b.texts[SPW_ROUTE] = "other";
  EXPECT_EQ(b.send(broken).sent.size(), 1u) << "an early probe of another route takes the last of the day";
  EXPECT_FALSE(b.next(*stopped));
  b.finish(*stopped);
  b.texts[SPW_ROUTE] = "primary";
  b.candidates[0].limit_rpd = 4;
  EXPECT_TRUE(b.send(ok).answered);
}

TEST(Breaker, a_refused_key_is_probed_early_only_if_nothing_else_is_left) {
  BreakerBench b;
  b.send([](std::size_t i) { return outcome_of(i, SPW_E_AUTH, 401); });
  EXPECT_EQ(b.send([](std::size_t i) { return outcome_of(i, SPW_E_AUTH, 401); }).sent.size(), 1u);
  BreakerBench mixed;
  mixed.send([](std::size_t i) {
    return i == 0 ? outcome_of(i, SPW_E_AUTH, 401) : outcome_of(i, SPW_E_RATE_LIMITED, 429, 5'000);
  });
  const Ran ran = mixed.send(ok);
  EXPECT_TRUE(ran.sent.empty());
  EXPECT_EQ(ran.wait_ms, 5'000);
}

TEST(Breaker, row_18_after_closing_most_requests_go_to_the_spare_one_of_the_tier) {
  BreakerBench b;
  b.open();
  b.pass_s(12.1);
  b.send(ok);
  b.send(ok);
  int back = 0;
  for (int i = 0; i < 1000; ++i) back += b.send(ok).sent == Sent{0};
  EXPECT_NEAR(back, 100, 40);
  b.candidates[1].tier_index = 1;
  EXPECT_EQ(b.send(ok).sent, Sent{0}) << "a ramp never spills";
}

TEST(Breaker, row_18_a_target_left_out_for_its_ramp_is_taken_if_the_spare_one_fails) {
  BreakerBench b;
  b.open();
  b.pass_s(12.1);
  b.send(ok);
  b.send(ok);
  for (int i = 0; i < 30; ++i) {
    const Ran ran = b.send([](std::size_t n) { return n == 1 ? outcome_of(n, SPW_E_UNSUPPORTED, 404) : ok(n); });
    EXPECT_TRUE(ran.answered);
  }
}

TEST(Breaker, P9_wall_clock_jumps_change_nothing) {
  BreakerBench b;
  b.open();
  for (const std::int64_t jump : {3'600'000, -3'600'000, -1'700'000'000}) {
    b.services.fake_clock.wall += jump * 1000;
    EXPECT_EQ(b.send(ok).sent, Sent{1});
  }
  b.pass_s(12.1);
  EXPECT_EQ(b.send(ok).sent, Sent{0});
}

TEST(Breaker, status_shows_what_it_knows) {
  BreakerBench b;
  b.open();
  const std::string status = b.worker->status();
  EXPECT_NE(status.find(R"("mode":"machine")"), std::string::npos) << status;
  EXPECT_NE(status.find(R"("target":"a/a","state":"open")"), std::string::npos) << status;
}

// C-1 and O-5: what is free is counted, and a call that fails is one less.
struct CountedBench : BreakerBench {
  explicit CountedBench(std::int64_t rpd = 50) {
    candidates = some_candidates(1);
    candidates[0].free = true;
    candidates[0].limit_rpd = rpd;
  }
  // How long it is out after it was refused like this.
  std::int64_t out_ms(const spw_outcome& refusal) {
    const std::unique_ptr<Trial> trial = begin();
    EXPECT_TRUE(trial->chain.attempt(0));
    trial->chain.outcome(refusal);
    finish(*trial);
    return finish(*begin()).wait_ms;
  }
};

TEST(Breaker, C1_a_free_model_that_is_busy_again_and_again_is_asked_less_often) {
  CountedBench bench;
  const spw_outcome told = outcome_of(0, SPW_E_RATE_LIMITED, 429, 20'000),
                    untold = outcome_of(0, SPW_E_RATE_LIMITED, 429);
  EXPECT_EQ(bench.out_ms(told), 20'000);
  for (const std::int64_t seconds : {120, 240, 480, 900, 900}) {
    bench.pass_s(1000);
    EXPECT_EQ(bench.out_ms(told), seconds * 1000);
  }
  bench.pass_s(1000);
  EXPECT_EQ(bench.send(ok).sent, Sent{0});
  EXPECT_EQ(bench.out_ms(untold), 120'000) << "an answer in between: as if for the first time";
}

TEST(Breaker, C1_refusals_of_one_wave_are_one) {
  CountedBench bench;
  const std::unique_ptr<Trial> one = bench.begin(), other = bench.begin();
  for (Trial* trial : {one.get(), other.get()}) ASSERT_TRUE(trial->chain.attempt(0));
  for (Trial* trial : {one.get(), other.get()}) trial->chain.outcome(outcome_of(0, SPW_E_RATE_LIMITED, 429, 20'000));
  for (Trial* trial : {one.get(), other.get()}) bench.finish(*trial);
  bench.pass_s(20);
  EXPECT_EQ(bench.out_ms(outcome_of(0, SPW_E_RATE_LIMITED, 429, 20'000)), 120'000) << "the second in a row";
}

TEST(Breaker, a_paid_model_is_out_as_long_as_it_says_each_time) {
  CountedBench bench;
  bench.candidates[0].free = false;
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(bench.out_ms(outcome_of(0, SPW_E_RATE_LIMITED, 429, 20'000)), 20'000);
    bench.pass_s(20);
  }
}

TEST(Breaker, O5_a_counted_model_opens_at_the_second_failure_in_a_row) {
  CountedBench counted, unlimited(0);
  EXPECT_EQ(counted.out_ms(broken(0)), -1);
  const std::int64_t out = counted.out_ms(broken(0));
  EXPECT_GE(out, 48'000);  // 60 s within 20 %
  EXPECT_LE(out, 72'000);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(unlimited.out_ms(broken(0)), -1) << "nothing is lost by asking";
  EXPECT_LE(unlimited.out_ms(broken(0)), 12'000);
}

}  // namespace
}  // namespace spillway
