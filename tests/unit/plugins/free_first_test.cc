// free_first as a policy: over real plans, through the chain, on a fake clock. The ledger itself is tested in
// quota_ledger_test.cc.
#include "policy_bench.h"

namespace spillway {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;

// Two free models of one account with T-3's limits, then a paid one of the same account.
struct Free : Bench {
  explicit Free(const Options& options = {}) : Bench({&spillway_builtin_free_first}, options) {
    candidates = some_candidates(3);
    for (Candidate& candidate : candidates) {
      candidate.account = "openrouter";
      candidate.account_id = 1;
    }
    for (std::size_t i = 0; i < 2; ++i) {
      candidates[i].free = true;
      candidates[i].tier = "free";
      candidates[i].limit_rpd = 50;
    }
    candidates[2].tier = "paid";
    candidates[2].tier_index = 1;
  }
  void use(int n) {
    for (int i = 0; i < n; ++i) EXPECT_EQ(send(ok).sent, Sent{0});
  }
  // As after a restart of the process: new cells, the same clock, and what was saved.
  void resume(Free& before) {
    before.worker.reset();
    services.fake_clock = before.services.fake_clock;
    if (auto record = before.services.store().get("free_first", "00")) {
      worker.reset();
      services.store().put("free_first", "00", *record);
      worker = start_worker(policies, services);
    }
  }
};

TEST(FreeFirst, T3_worked_example) {  // limit 50, used 48, two free attempts -> 50; the next goes to the next tier
  Free free;
  free.use(48);
  const Ran both = free.send([](std::size_t i) { return i < 2 ? broken(i) : ok(i); });
  EXPECT_EQ(both.sent, (Sent{0, 1, 2}));
  const Ran next = free.send(ok);
  EXPECT_EQ(next.sent, Sent{2}) << "without any upstream call";
  EXPECT_EQ(next.reasons[0], "account free quota 50/50 until 00:00 UTC");
}

TEST(FreeFirst, rule_14_repeats_a_free_model_only_when_no_other_is_left) {
  const auto transient = [](std::size_t i) { return i < 2 ? outcome_of(i, SPW_E_TRANSIENT, 503) : ok(i); };
  Free free;
  EXPECT_EQ(free.send(transient).sent, (Sent{0, 1, 1, 2})) << "1 had nobody left";
  free.candidates[1].free = false;  // a paid one is no reason: trying again is cheaper
  EXPECT_EQ(free.send(transient).sent, (Sent{0, 0, 1, 2}));
}

TEST(FreeFirst, L2_free_models_are_picked_by_weight_unless_they_are_to_stay) {
  Free spread, staying({{"stay", true}});
  for (Free* free : {&spread, &staying}) {
    free->u = 0.75;
    EXPECT_EQ(free->send(ok).sent, Sent{1});
    free->u = 0.25;
  }
  EXPECT_EQ(spread.send(ok).sent, Sent{0});
  EXPECT_EQ(staying.send(ok).sent, Sent{1}) << "it answered last";
}

TEST(FreeFirst, O5_one_that_stays_is_left_when_it_fails_and_the_next_that_answers_stays) {
  Free free({{"stay", true}});
  free.u = 0.25;
  free.send(ok);
  const auto slow = [](std::size_t i) { return i == 0 ? outcome_of(i, SPW_E_TIMEOUT, 504) : ok(i); };
  EXPECT_EQ(free.send(slow).sent, (Sent{0, 1}));
  EXPECT_EQ(free.send(ok).sent, Sent{1});
  free.candidates[1].account = "another";
  free.candidates[1].account_id = 2;
  EXPECT_EQ(free.send(ok).sent, Sent{0}) << "each account has its own";
}

TEST(FreeFirst, midnight_opens_the_quota_again) {
  Free free;
  free.use(50);
  EXPECT_EQ(free.send(ok).sent, Sent{2});
  free.pass_s(86'399);
  EXPECT_EQ(free.send(ok).sent, Sent{2});
  free.pass_s(1);
  EXPECT_EQ(free.send(ok).sent, Sent{0});
}

TEST(FreeFirst, spent_quota_without_another_tier_is_a_429_with_the_true_wait) {
  Free free;
  free.candidates.pop_back();
  free.use(50);
  free.pass_s(3600);
  const Ran ran = free.send(ok);
  EXPECT_TRUE(ran.sent.empty());
  EXPECT_TRUE(ran.all_throttled);
  EXPECT_EQ(ran.wait_ms, kDayMs - 3'600'000);
}

TEST(FreeFirst, paid_candidates_are_never_limited) {
  Free free;
  for (Candidate& candidate : free.candidates) candidate.free = false;
  for (int i = 0; i < 200; ++i) EXPECT_EQ(free.send(ok).sent, Sent{0});
}

TEST(FreeFirst, C1_another_account_has_a_quota_of_its_own) {
  Free free;
  free.candidates[1].account = "groq";
  free.candidates[1].account_id = 2;
  free.use(50);
  EXPECT_EQ(free.send(ok).sent, Sent{1});
}

TEST(FreeFirst, O6_an_account_level_429_closes_every_free_model_until_the_reset) {
  Free free;
  free.candidates[0].limit_rpd = free.candidates[1].limit_rpd = 1000;
  const Ran ran = free.send([&](std::size_t i) {
    spw_outcome outcome = outcome_of(i, i < 2 ? SPW_E_FREE_DAY_QUOTA : SPW_E_NONE, i < 2 ? 429 : 200);
    outcome.reset_unix_ms = FakeClock::kWallMs + 7'200'000;
    outcome.quota_limit = 50;
    outcome.quota_remaining = 0;
    return outcome;
  });
  EXPECT_EQ(ran.sent, (Sent{0, 2})) << "no sibling is tried";
  EXPECT_EQ(free.send(ok).reasons[1], "account free quota 50/50 until 02:00 UTC");
  free.pass_s(7'200);
  EXPECT_EQ(free.send(ok).sent, Sent{0});
}

TEST(FreeFirst, O6_without_a_reset_the_day_is_closed_until_midnight) {
  Free free;
  free.pass_s(3600);
  free.send([](std::size_t i) { return i < 2 ? outcome_of(i, SPW_E_FREE_DAY_QUOTA, 429, 30'000) : ok(i); });
  free.pass_s(60);
  EXPECT_EQ(free.send(ok).sent, Sent{2}) << "a courteous Retry-After is not the day's end";
  free.pass_s(86'400 - 3660);
  EXPECT_EQ(free.send(ok).sent, Sent{0});
}

TEST(FreeFirst, section_11_row_3_a_minute_429_closes_the_account_for_a_minute_or_as_told) {
  for (const auto& [told_ms, wait_s] : {std::pair{-1, 60}, std::pair{12'000, 12}}) {
    Free free;
    free.send(
        [told = told_ms](std::size_t i) { return i < 2 ? outcome_of(i, SPW_E_FREE_MINUTE_QUOTA, 429, told) : ok(i); });
    free.pass_s(wait_s - 1);
    EXPECT_EQ(free.send(ok).sent, Sent{2});
    free.pass_s(1);
    EXPECT_EQ(free.send(ok).sent, Sent{0});
  }
}

TEST(FreeFirst, O6_an_upstream_429_leaves_the_account_open) {
  Free free;
  free.send([](std::size_t i) { return i == 0 ? outcome_of(i, SPW_E_RATE_LIMITED, 429, 60'000) : ok(i); });
  EXPECT_EQ(free.send(ok).sent, Sent{0}) << "cooling that model is the breaker's part";
}

TEST(FreeFirst, T3_twenty_a_minute_slide) {
  Free free;
  free.candidates[0].limit_rpm = free.candidates[1].limit_rpm = 20;
  free.use(20);
  EXPECT_EQ(free.send(ok).sent, Sent{2});
  free.pass_s(59);
  EXPECT_EQ(free.send(ok).sent, Sent{2});
  free.pass_s(1);
  free.use(20);
}

TEST(FreeFirst, what_another_policy_stopped_costs_nothing) {
  Bench both({&spillway_builtin_free_first, &spillway_builtin_breaker});
  Free shape;
  both.candidates = shape.candidates;
  both.candidates.resize(1);
  both.candidates[0].limit_rpd = 6;
  const std::unique_ptr<Trial> waiting = both.begin();
  for (int i = 0; i < 2; ++i) both.send(broken);  // opens the breaker behind it
  EXPECT_FALSE(waiting->chain.attempt(0));
  both.finish(*waiting);
  EXPECT_NE(both.worker->status().find(R"("used":2,"limit":6)"), std::string::npos) << both.worker->status();
}

TEST(FreeFirst, headers_of_a_good_answer_teach_the_limit) {
  Free free;
  free.send([](std::size_t i) {
    spw_outcome outcome = ok(i);
    outcome.quota_limit = 1000;
    outcome.quota_remaining = 940;
    return outcome;
  });
  EXPECT_NE(free.worker->status().find(R"("used":60,"limit":1000)"), std::string::npos) << free.worker->status();
}

TEST(FreeFirst, headers_about_the_minute_are_not_taken_for_the_day) {
  Free free;
  free.candidates[0].limit_rpm = 20;
  free.send([](std::size_t i) {
    spw_outcome outcome = ok(i);
    outcome.quota_limit = 20;
    outcome.quota_remaining = 0;
    return outcome;
  });
  EXPECT_NE(free.worker->status().find(R"("used":1,"limit":50)"), std::string::npos) << free.worker->status();
}

TEST(FreeFirst, the_ledger_survives_a_restart) {
  Free before, after, next_day;
  before.use(50);
  after.resume(before);
  EXPECT_EQ(after.send(ok).sent, Sent{2});
  after.pass_s(86'400);
  next_day.resume(after);
  EXPECT_EQ(next_day.send(ok).sent, Sent{0});
}

TEST(FreeFirst, a_told_closure_survives_a_restart) {
  Free before, after;
  before.send([](std::size_t i) {
    spw_outcome outcome = outcome_of(i, i < 2 ? SPW_E_FREE_DAY_QUOTA : SPW_E_NONE, 429);
    outcome.reset_unix_ms = FakeClock::kWallMs + 30 * 3'600'000;
    return outcome;
  });
  before.pass_s(25 * 3600);
  after.resume(before);
  EXPECT_EQ(after.send(ok).sent, Sent{2}) << "beyond midnight, so it is not the count that holds";
}

TEST(FreeFirst, the_timer_saves_what_a_kill_would_lose) {
  Free free;
  free.use(10);  // the first is saved at once, the rest is younger than 200 ms
  ASSERT_FALSE(free.services.timers.empty());
  free.pass_s(0.25);
  free.worker->on_timer(0, free.services.timers.back().cookie);
  ASSERT_TRUE(free.services.store().get("free_first", "00"));
  EXPECT_NE(free.services.store().get("free_first", "00")->find(" 10 0 0 0 0 0 0 0 0 openrouter"), std::string::npos)
      << *free.services.store().get("free_first", "00");
  EXPECT_GE(free.services.timers.size(), 2u) << "and is armed again";
}

TEST(FreeFirst, a_record_that_is_nonsense_is_ignored) {
  for (const char* record : {"", "x", "1 2 3", "2 20455 50 50 0 openrouter", "1 -5 50 50 0 openrouter", "1 20455 50",
                             "1 99999999999 50 50 0 openrouter", "1 1 50 50 0 openrouter"}) {
    Free free;
    free.worker.reset();
    free.services.store().put("free_first", "00", record);
    free.worker = start_worker(free.policies, free.services);
    EXPECT_EQ(free.send(ok).sent, Sent{0}) << record;
  }
}

TEST(FreeFirst, P24_what_cannot_hold_the_request_is_left_out) {
  Free free;
  free.candidates[0].context = 32'768;  // z-ai/glm-4.5-air:free, the fixture of P-24
  free.candidates[1].context = 131'072;
  free.numbers = {{SPW_PROMPT_TOKENS, 30'000}, {SPW_MAX_TOKENS, 2'768}};
  EXPECT_EQ(free.send(ok).sent, Sent{0});
  free.numbers[SPW_MAX_TOKENS] = 2'769;
  EXPECT_EQ(free.send(ok).sent, Sent{1});
  free.numbers = {{SPW_TOOLS, 1}};
  free.candidates[0].tools = 0;
  EXPECT_EQ(free.send(ok).sent, Sent{1}) << "unknown is not no";
  free.numbers = {{SPW_IMAGES, 1}};
  free.candidates[1].vision = 0;
  EXPECT_EQ(free.send(ok).sent, Sent{0});
}

TEST(FreeFirst, P24_if_nobody_fits_the_provider_decides) {
  Free free;
  for (Candidate& candidate : free.candidates) candidate.context = 1000;
  free.numbers = {{SPW_PROMPT_TOKENS, 30'000}, {SPW_MAX_TOKENS, -1}};
  EXPECT_EQ(free.send(ok).sent, Sent{0});
  Free off({{"fit", false}});
  off.candidates[0].context = 1000;
  off.numbers = free.numbers;
  EXPECT_EQ(off.send(ok).sent, Sent{0});
}

}  // namespace
}  // namespace spillway
