// Plugins that load and then misbehave. Whatever they do, the request goes on, the policy behind them is still asked,
// and the misuse is counted under their name.
#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "abi/fixture.h"
#include "support/actor.h"

namespace spillway {
namespace {

using R = Chain::Result;

// One sinner, and behind it a well-behaved witness.
struct Sin {
  explicit Sin(const char* file, std::int64_t timeout_ms = 1000) : name(file) {
    std::vector<Problem> problems;
    Config config = fixture_config({file}, {file});
    config.policies[file].timeout_ms = timeout_ms;
    policies = build_policies(config, problems);
    for (const Problem& problem : problems) ADD_FAILURE() << problem.message;
    policies.push_back(policy_of(Actor<0>::plugin));
    worker = start_worker(policies, services);
  }
  std::uint64_t* control(std::size_t n) { return services.cells().find(name + "/control", n); }
  double errors() { return services.metric("spillway_plugin_errors_total{policy=\"" + name + "\"}"); }

  // A request from beginning to end; true: it was sent.
  bool request(R expected = R::go) {
    Trial trial(*worker);
    EXPECT_EQ(trial.chain.run(), expected);
    bool sent = false;
    while (const auto i = trial.plan.pick(0)) {
      if (!trial.chain.attempt(*i)) continue;
      sent = true;
      trial.plan.started(*i);
      trial.chain.content(*i);
      spw_outcome outcome{};
      outcome.size = sizeof outcome;
      outcome.candidate = *i;
      trial.chain.outcome(outcome);
      trial.chain.answer(spw_answer{});
      break;
    }
    EXPECT_TRUE(sent || !trial.chain.exhausted());
    trial.chain.end();
    EXPECT_EQ(trial.subject.status, 0);
    return sent;
  }
  int witnessed(const std::string& what) {
    return static_cast<int>(std::count(stage.events.begin(), stage.events.end(), "0 " + what));
  }

  std::string name;
  Stage stage;
  FakeServices services;
  Policies policies;
  std::unique_ptr<PolicyWorker> worker;
};

TEST(AbiSins, late_resume_from_a_thread_is_stale) {
  Sin sin("late_resume");
  {
    Trial trial(*sin.worker);
    EXPECT_EQ(trial.chain.run(), R::wait);
    trial.chain.end();
  }
  std::uint64_t* cells = sin.control(4);
  __atomic_store_n(&cells[0], 1, __ATOMIC_RELEASE);
  while (__atomic_load_n(&cells[3], __ATOMIC_ACQUIRE) == 0) std::this_thread::yield();
  EXPECT_EQ(cells[1], 0u);  // accepted
  EXPECT_EQ(cells[2], 1u);  // stale
  EXPECT_EQ(sin.services.deliver(), 0u);
}

TEST(AbiSins, resume_from_a_thread_races_with_the_end_and_never_reaches_a_dead_request) {
  Sin sin("late_resume");
  std::uint64_t* cells = sin.control(4);
  __atomic_store_n(&cells[0], 1, __ATOMIC_RELEASE);
  std::size_t delivered = 0;
  for (int i = 0; i < 200; ++i) {
    Trial trial(*sin.worker);
    ASSERT_EQ(trial.chain.run(), R::wait);
    if (i % 2 == 0) std::this_thread::yield();
    delivered += sin.services.deliver();
    trial.chain.end();
  }
  while (__atomic_load_n(&cells[3], __ATOMIC_ACQUIRE) < 200) std::this_thread::yield();
  EXPECT_EQ(cells[1] + cells[2], 200u);
  EXPECT_LE(delivered, cells[1]);
  EXPECT_EQ(sin.services.deliver(), 0u);
  EXPECT_EQ(sin.services.tickets_held(), 0u);
}

TEST(AbiSins, double_resume_is_taken_once) {
  Sin sin("double_resume");
  Trial trial(*sin.worker);
  EXPECT_EQ(trial.chain.run(), R::wait);
  EXPECT_EQ(sin.services.deliver(), 1u);
  EXPECT_EQ(trial.chain.result(), R::go);
  trial.chain.end();
  const std::uint64_t* cells = sin.control(3);
  EXPECT_EQ(cells[0], 1u);
  EXPECT_EQ(cells[1], 1u);
  EXPECT_EQ(cells[2], 1u);
  EXPECT_EQ(sin.witnessed("request"), 1);
}

TEST(AbiSins, tickets_of_others_are_refused) {
  Sin sin("foreign_ticket");
  Actor<0>::hooks.request = [](spw_call* call) { return call->host->ticket(call) != 0 ? SPW_WAIT : SPW_FAIL; };
  Trial waiting(*sin.worker);
  EXPECT_EQ(waiting.chain.run(), R::wait);
  Actor<0>::hooks.request = nullptr;
  EXPECT_TRUE(sin.request());
  EXPECT_EQ(sin.control(1)[0], 0u);
  EXPECT_EQ(sin.services.deliver(), 0u);  // also not to the request that waits meanwhile
  EXPECT_TRUE(sin.services.fetches.empty());
  waiting.chain.end();
}

TEST(AbiSins, replies_after_the_end_are_refused) {
  Sin sin("reply_after_end");
  EXPECT_TRUE(sin.request());
  sin.worker->on_timer(0, 0);
  EXPECT_TRUE(sin.request());
  EXPECT_EQ(sin.control(1)[0], 0u);
  EXPECT_EQ(sin.errors(), 12);
}

TEST(AbiSins, a_hook_over_its_budget_is_counted) {
  Sin sin("slow");
  sin.services.fake_clock.step_us = 40'000;
  EXPECT_TRUE(sin.request());
  sin.services.fake_clock.step_us = 0;
  EXPECT_EQ(sin.services.metric("spillway_plugin_slow_total{policy=\"slow\"}"), 1);
  EXPECT_EQ(sin.services.metric("spillway_plugin_slow_total{policy=\"actor_0\"}"), 0);
}

TEST(AbiSins, garbage_verdicts_are_failures) {
  Sin sin("garbage_verdict");
  EXPECT_TRUE(sin.request());
  EXPECT_EQ(sin.errors(), 1);
  EXPECT_EQ(sin.witnessed("request"), 1);
}

TEST(AbiSins, a_reply_that_was_none_is_a_failure) {
  Sin sin("reply_missing");
  EXPECT_TRUE(sin.request());
  EXPECT_EQ(sin.errors(), 1);
}

TEST(AbiSins, a_wait_past_its_deadline_is_over) {
  Sin sin("wait_forever", 250);
  Trial trial(*sin.worker);
  EXPECT_EQ(trial.chain.run(), R::wait);
  EXPECT_EQ(trial.chain.wait_ms(), 250);
  sin.services.fake_clock.advance_ms(250);
  EXPECT_EQ(trial.chain.wait_expired(), R::go);
  trial.chain.end();
  EXPECT_EQ(sin.errors(), 1);
  EXPECT_EQ(sin.witnessed("request"), 1);
}

TEST(AbiSins, a_wait_for_nothing_is_a_failure) {
  Sin sin("wait_without_ticket");
  EXPECT_TRUE(sin.request());
  EXPECT_EQ(sin.errors(), 1);
}

TEST(AbiSins, indices_that_are_not_there_are_refused) {
  Sin sin("bad_index");
  EXPECT_TRUE(sin.request());
  EXPECT_GT(sin.errors(), 50);
}

TEST(AbiSins, impossible_strings_are_refused) {
  Sin sin("huge_strings");
  EXPECT_TRUE(sin.request());
  EXPECT_EQ(sin.control(1)[0], 0u);
  EXPECT_TRUE(sin.services.fetches.empty());
}

TEST(AbiSins, functions_work_in_their_hooks_only) {
  Sin sin("wrong_hook");
  EXPECT_TRUE(sin.request());
  sin.worker->on_timer(0, 0);
  std::uint64_t* accepted = sin.control(1);
  EXPECT_EQ(sin.witnessed("end"), 1);
  sin.worker.reset();  // and once more in worker_stop
  EXPECT_EQ(*accepted, 0u);
}

TEST(AbiSins, a_call_that_is_not_passed_is_survived) {
  Sin sin("null_call");
  EXPECT_TRUE(sin.request());
  EXPECT_EQ(sin.witnessed("request"), 1);
}

TEST(AbiSins, silent_denials_end_with_nobody_left) {
  Sin sin("denies_silently");
  EXPECT_FALSE(sin.request());
  EXPECT_EQ(sin.witnessed("end"), 1);
}

TEST(AbiSins, spill_never_has_no_back_door) {
  Sin sin("spills_anyway");
  Trial trial(*sin.worker, 0);
  trial.plan.candidates = some_candidates(3);
  trial.plan.candidates[1].tier_index = trial.plan.candidates[2].tier_index = 1;
  trial.plan.spill = Spill::never;
  trial.plan.begin();
  EXPECT_EQ(trial.chain.run(), R::go);
  EXPECT_EQ(trial.plan.pick(0.99), 0u);
  trial.plan.started(0);
  trial.plan.after(0, Fault::rate_limited);
  EXPECT_FALSE(trial.chain.exhausted());
  EXPECT_FALSE(trial.plan.pick(0));
  trial.chain.end();
  EXPECT_EQ(sin.control(1)[0], 0u);
}

TEST(AbiSins, a_forgotten_lead_keeps_nobody_waiting_beyond_the_end) {
  Sin sin("leads_and_forgets");
  Trial leader(*sin.worker), follower(*sin.worker);
  EXPECT_EQ(leader.chain.run(), R::go);
  EXPECT_EQ(follower.chain.run(), R::wait);
  leader.chain.end();
  EXPECT_EQ(sin.services.deliver(), 1u);
  EXPECT_EQ(follower.chain.result(), R::go);
  follower.chain.end();
}

TEST(AbiSins, a_garbage_status_is_shown_as_text) {
  Sin sin("prints_garbage");
  const std::string status = sin.worker->status();
  EXPECT_TRUE(status.starts_with(R"({"prints_garbage":"}{\")")) << status;
  EXPECT_TRUE(status.ends_with(R"(","actor_0":null})")) << status;
}

}  // namespace
}  // namespace spillway
