// What policies hear of attempts, answers and the end, and what they may do about it.
#include <gtest/gtest.h>

#include "support/actor.h"
#include "support/fake_host.h"

namespace spillway {
namespace {

using Events = std::vector<std::string>;

struct Three {
  Stage stage;
  FakeServices services;
  Policies policies = policies_of({&Actor<0>::plugin, &Actor<1>::plugin, &Actor<2>::plugin});
  std::unique_ptr<PolicyWorker> worker = start_worker(policies, services);
};

spw_outcome ended(std::size_t i, std::int32_t error) {
  spw_outcome outcome{};
  outcome.size = sizeof outcome;
  outcome.candidate = i;
  outcome.error = error;
  return outcome;
}

TEST(ChainEvents, attempt_content_outcome_answer_reach_all_in_order) {
  Three with;
  Trial trial(*with.worker);
  trial.chain.run();
  with.stage.take();
  EXPECT_TRUE(trial.chain.attempt(1));
  trial.chain.content(1);
  trial.chain.outcome(ended(1, SPW_E_NONE));
  trial.chain.answer(spw_answer{});
  trial.chain.end();
  EXPECT_EQ(with.stage.take(), (Events{"0 attempt 1", "1 attempt 1", "2 attempt 1", "0 content 1", "1 content 1",
                                       "2 content 1", "0 outcome 1 0", "1 outcome 1 0", "2 outcome 1 0", "0 answer",
                                       "1 answer", "2 answer", "2 end", "1 end", "0 end"}));
}

TEST(ChainEvents, denial_takes_it_back_from_those_who_admitted) {
  Three with;
  Actor<1>::hooks.attempt = [](spw_call* call, std::size_t i) -> std::int32_t {
    EXPECT_EQ(call->host->exclude(call, i, SPW_X_BROKEN, 1500, str("open for 1 s")), 0);
    return -1;
  };
  Trial trial(*with.worker);
  trial.chain.run();
  with.stage.take();
  EXPECT_FALSE(trial.chain.attempt(0));
  EXPECT_EQ(with.stage.take(), (Events{"0 attempt 0", "1 attempt 0", "0 outcome 0 16"}));  // SPW_E_NOT_SENT
  EXPECT_EQ(trial.plan.candidates[0].reason, "open for 1 s");
  EXPECT_EQ(trial.plan.candidates[0].wait_ms, 1500);
  trial.chain.end();
  EXPECT_EQ(with.stage.take(), (Events{"2 end", "1 end", "0 end"}));  // told once
}

TEST(ChainEvents, denial_without_exclude_is_made_one) {
  Three with;
  Actor<0>::hooks.attempt = [](spw_call*, std::size_t) -> std::int32_t { return -1; };
  Trial trial(*with.worker);
  trial.chain.run();
  EXPECT_FALSE(trial.chain.attempt(1));
  EXPECT_TRUE(trial.plan.candidates[1].excluded);
  EXPECT_EQ(trial.plan.candidates[1].reason, "refused by actor_0");
  EXPECT_EQ(trial.plan.pick(0.99), 0u);  // so that the loop over candidates ends
  trial.chain.end();
}

TEST(ChainEvents, excluding_and_yet_admitting_counts_as_denial_and_is_taken_back) {
  Three with;
  Actor<1>::hooks.attempt = [](spw_call* call, std::size_t i) -> std::int32_t {
    call->host->exclude(call, i, SPW_X_POLICY, -1, str("no"));
    return 0;
  };
  Trial trial(*with.worker);
  trial.chain.run();
  with.stage.take();
  EXPECT_FALSE(trial.chain.attempt(0));
  EXPECT_EQ(with.stage.take(), (Events{"0 attempt 0", "1 attempt 0", "0 outcome 0 16", "1 outcome 0 16"}));
  trial.chain.end();
}

TEST(ChainEvents, request_that_ends_between_admission_and_sending_takes_it_back) {
  Three with;
  Trial trial(*with.worker);
  trial.chain.run();
  EXPECT_TRUE(trial.chain.attempt(0));
  with.stage.take();
  trial.chain.end();
  EXPECT_EQ(with.stage.take(),
            (Events{"0 outcome 0 16", "1 outcome 0 16", "2 outcome 0 16", "2 end", "1 end", "0 end"}));
}

TEST(ChainEvents, outcome_is_told_once_per_admission) {
  Three with;
  Trial trial(*with.worker);
  trial.chain.run();
  trial.chain.attempt(0);
  trial.chain.outcome(ended(0, SPW_E_TRANSIENT));
  with.stage.take();
  trial.chain.outcome(ended(0, SPW_E_TRANSIENT));
  EXPECT_TRUE(with.stage.take().empty());
  EXPECT_TRUE(trial.chain.attempt(0));  // row 14's repetition is an admission of its own
  trial.chain.outcome(ended(0, SPW_E_TRANSIENT));
  EXPECT_EQ(with.stage.take().size(), 6u);
  trial.chain.end();
}

TEST(ChainEvents, exhausted_stops_at_the_first_who_readmits) {
  Three with;
  Actor<1>::hooks.request = [](spw_call* call) -> std::int32_t {
    call->host->exclude(call, 0, SPW_X_BROKEN, 9000, str("open"));
    call->host->exclude(call, 1, SPW_X_BROKEN, 9000, str("open"));
    return SPW_NEXT;
  };
  Actor<0>::hooks.exhausted = [](spw_call* call) -> std::int32_t {
    EXPECT_EQ(call->host->readmit(call, 0), -1);  // somebody else's
    return 0;
  };
  Actor<1>::hooks.exhausted = [](spw_call* call) -> std::int32_t {
    EXPECT_EQ(call->host->readmit(call, 1), 0);
    return 1;
  };
  Trial trial(*with.worker);
  trial.chain.run();
  EXPECT_FALSE(trial.plan.pick(0));
  with.stage.take();
  EXPECT_TRUE(trial.chain.exhausted());
  EXPECT_EQ(with.stage.take(), (Events{"0 exhausted", "1 exhausted"}));
  EXPECT_EQ(trial.plan.pick(0), 1u);
  trial.chain.end();
}

TEST(ChainEvents, claiming_a_readmission_is_not_enough) {
  Three with;
  Actor<0>::hooks.exhausted = [](spw_call*) -> std::int32_t { return 1; };
  Trial trial(*with.worker);
  trial.chain.run();
  EXPECT_FALSE(trial.chain.exhausted());
  EXPECT_EQ(with.services.metric("spillway_plugin_errors_total{policy=\"actor_0\"}"), 1);
  trial.chain.end();
}

TEST(ChainEvents, answering_belongs_to_the_request_hooks) {
  Three with;
  const auto too_late = [](spw_call* call) {
    EXPECT_EQ(call->host->reply(call, 200, str("text/plain"), str("late")), -1);
    EXPECT_EQ(call->host->replay(call, str("late"), 0), -1);
    EXPECT_EQ(call->host->capture(call, 100), -1);
    EXPECT_EQ(call->host->ticket(call), 0u);
  };
  Actor<0>::hooks.attempt = [&](spw_call* call, std::size_t) -> std::int32_t {
    too_late(call);
    return 0;
  };
  Actor<0>::hooks.content = [&](spw_call* call, std::size_t) { too_late(call); };
  Actor<0>::hooks.outcome = [&](spw_call* call, const spw_outcome*) { too_late(call); };
  Actor<0>::hooks.answer = [&](spw_call* call, const spw_answer*) { too_late(call); };
  Actor<0>::hooks.end = [&](spw_call* call) { too_late(call); };
  Trial trial(*with.worker);
  trial.chain.run();
  trial.chain.attempt(0);
  trial.chain.content(0);
  trial.chain.outcome(ended(0, 0));
  trial.chain.answer(spw_answer{});
  trial.chain.end();
  EXPECT_EQ(trial.subject.status, 0);
  EXPECT_EQ(trial.subject.capture_max, 0);
  EXPECT_EQ(with.services.metric("spillway_plugin_errors_total{policy=\"actor_0\"}"), 20);
}

TEST(ChainEvents, plan_is_not_edited_once_content_flows) {
  Three with;
  Actor<0>::hooks.content = [](spw_call* call, std::size_t i) {
    EXPECT_EQ(call->host->exclude(call, i, SPW_X_POLICY, -1, str("")), -1);
    EXPECT_EQ(call->host->set_rank(call, i, 1), -1);
    EXPECT_EQ(call->host->candidate_number(call, i, SPW_C_TIER_INDEX), 0);  // reading stays possible
  };
  Trial trial(*with.worker);
  trial.chain.run();
  trial.chain.attempt(0);
  trial.chain.content(0);
  EXPECT_FALSE(trial.plan.candidates[0].excluded);
  trial.chain.end();
}

}  // namespace
}  // namespace spillway
