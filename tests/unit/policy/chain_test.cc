// The deciding half of a chain: order, verdicts, memory. Waiting is in chain_wait_test.cc, attempts and the end in
// chain_events_test.cc.
#include "policy/chain.h"

#include <gtest/gtest.h>

#include <cstring>

#include "support/actor.h"
#include "support/fake_host.h"

namespace spillway {
namespace {

using Events = std::vector<std::string>;
using R = Chain::Result;

struct Three {
  explicit Three(std::string on_error = "open", std::int64_t timeout_ms = 1000) {
    settings.on_error = std::move(on_error);
    settings.timeout_ms = timeout_ms;
    policies = policies_of({&Actor<0>::plugin, &Actor<1>::plugin, &Actor<2>::plugin}, settings);
    worker = start_worker(policies, services);
  }
  double errors(int actor) {
    return services.metric("spillway_plugin_errors_total{policy=\"actor_" + std::to_string(actor) + "\"}");
  }
  Stage stage;
  PolicyConfig settings;
  FakeServices services;
  Policies policies;
  std::unique_ptr<PolicyWorker> worker;
};

TEST(Chain, asks_in_order_and_ends_in_reverse) {
  Three with;
  Trial trial(*with.worker);
  EXPECT_EQ(trial.chain.run(), R::go);
  trial.chain.end();
  EXPECT_EQ(with.stage.take(), (Events{"0 request", "1 request", "2 request", "2 end", "1 end", "0 end"}));
}

TEST(Chain, reply_stops_it_and_only_who_was_asked_hears_of_the_end) {
  Three with;
  Actor<1>::hooks.request = [](spw_call* call) -> std::int32_t {
    EXPECT_EQ(call->host->reply(call, 418, str("text/plain"), str("no")), 0);
    return SPW_REPLY;
  };
  Trial trial(*with.worker);
  EXPECT_EQ(trial.chain.run(), R::reply);
  trial.chain.end();
  EXPECT_EQ(trial.subject.status, 418);
  EXPECT_EQ(trial.subject.body, "no");
  EXPECT_EQ(with.stage.take(), (Events{"0 request", "1 request", "1 end", "0 end"}));
}

TEST(Chain, reply_verdict_without_reply_is_a_failure) {
  Three with;
  Actor<0>::hooks.request = [](spw_call*) -> std::int32_t { return SPW_REPLY; };
  Trial trial(*with.worker);
  EXPECT_EQ(trial.chain.run(), R::go);
  EXPECT_EQ(with.errors(0), 1);
  trial.chain.end();
}

TEST(Chain, reply_of_one_policy_does_not_serve_another) {
  Three with;
  Actor<0>::hooks.request = [](spw_call* call) -> std::int32_t {
    call->host->reply(call, 200, str("text/plain"), str("never asked for"));
    return SPW_NEXT;
  };
  Actor<1>::hooks.request = [](spw_call*) -> std::int32_t { return SPW_REPLY; };
  Trial trial(*with.worker);
  EXPECT_EQ(trial.chain.run(), R::go);
  EXPECT_EQ(with.errors(1), 1);
  trial.chain.end();
}

TEST(Chain, a_reply_that_is_refused_is_none) {
  Three with;
  Actor<0>::hooks.request = [](spw_call* call) -> std::int32_t {
    EXPECT_EQ(call->host->reply(call, 200, str("text/plain\r\nx: y"), str("")), -1);
    EXPECT_EQ(call->host->reply(call, 200, str("text/plain"), {"x", SIZE_MAX}), -1);
    return SPW_REPLY;
  };
  Trial trial(*with.worker);
  EXPECT_EQ(trial.chain.run(), R::go);
  trial.chain.end();
}

TEST(Chain, failing_open_skips_the_policy_until_its_end) {
  Three with;
  Actor<1>::hooks.request = [](spw_call*) -> std::int32_t { return SPW_FAIL; };
  Trial trial(*with.worker);
  EXPECT_EQ(trial.chain.run(), R::go);
  with.stage.take();
  EXPECT_TRUE(trial.chain.attempt(0));
  EXPECT_EQ(with.stage.take(), (Events{"0 attempt 0", "2 attempt 0"}));
  trial.chain.end();
  EXPECT_EQ(with.errors(1), 1);
  EXPECT_EQ(with.stage.take(), (Events{"0 outcome 0 16", "2 outcome 0 16", "2 end", "1 end", "0 end"}));
}

TEST(Chain, failing_closed_refuses_and_says_who) {
  Three with("closed");
  Actor<1>::hooks.request = [](spw_call*) -> std::int32_t { return SPW_FAIL; };
  Trial trial(*with.worker);
  EXPECT_EQ(trial.chain.run(), R::refuse);
  EXPECT_EQ(trial.chain.failed_policy(), "actor_1");
  trial.chain.end();
}

TEST(Chain, verdicts_that_do_not_exist_are_failures) {
  for (const std::int32_t garbage : {3, 7, -2, 0x7fffffff}) {
    Three with;
    Actor<0>::hooks.request = [garbage](spw_call*) { return garbage; };
    Trial trial(*with.worker);
    EXPECT_EQ(trial.chain.run(), R::go) << garbage;
    EXPECT_EQ(with.errors(0), 1) << garbage;
    trial.chain.end();
  }
}

TEST(Chain, request_memory_is_zeroed_aligned_and_ones_own) {
  Three with;
  std::vector<void*> blocks;
  const auto use = [&](spw_call* call) -> std::int32_t {
    const auto* words = static_cast<ActorRequest*>(call->request)->word;
    for (int i = 0; i < 5; ++i) EXPECT_EQ(words[i], 0u);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(call->request) % 16, 0u);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(call->worker) % 16, 0u);
    std::memset(call->request, 0xff, sizeof(ActorRequest));
    blocks.push_back(call->request);
    return SPW_NEXT;
  };
  Actor<0>::hooks.request = Actor<1>::hooks.request = Actor<2>::hooks.request = use;
  Actor<0>::hooks.end = [&](spw_call* call) { EXPECT_EQ(call->request, blocks[0]); };
  Trial trial(*with.worker);
  trial.chain.run();
  trial.chain.end();
  ASSERT_EQ(blocks.size(), 3u);
  EXPECT_GE(static_cast<char*>(blocks[1]) - static_cast<char*>(blocks[0]), 40);
}

TEST(Chain, worker_memory_lasts_from_start_to_stop) {
  Stage stage;
  Actor<0>::hooks.start = [](spw_call* call) -> std::int32_t {
    EXPECT_EQ(call->request, nullptr);
    *static_cast<int*>(call->worker) += 1;
    return 0;
  };
  int last = 0;
  Actor<0>::hooks.request = [](spw_call* call) -> std::int32_t {
    *static_cast<int*>(call->worker) += 10;
    return SPW_NEXT;
  };
  Actor<0>::hooks.stop = [&](spw_call* call) { last = *static_cast<int*>(call->worker); };
  FakeServices services;
  const Policies policies = policies_of({&Actor<0>::plugin});
  {
    const auto worker = start_worker(policies, services);
    for (int i = 0; i < 2; ++i) {
      Trial trial(*worker);
      trial.chain.run();
      trial.chain.end();
    }
  }
  EXPECT_EQ(last, 21);
}

TEST(Chain, hook_over_its_budget_is_counted) {
  Three with;
  Actor<1>::hooks.request = [&](spw_call*) -> std::int32_t {
    with.services.fake_clock.advance_ms(51);
    return SPW_NEXT;
  };
  Actor<2>::hooks.request = [&](spw_call*) -> std::int32_t {
    with.services.fake_clock.advance_ms(50);  // just within
    return SPW_NEXT;
  };
  Trial trial(*with.worker);
  trial.chain.run();
  trial.chain.end();
  EXPECT_EQ(with.services.metric("spillway_plugin_slow_total{policy=\"actor_0\"}"), 0);
  EXPECT_EQ(with.services.metric("spillway_plugin_slow_total{policy=\"actor_1\"}"), 1);
  EXPECT_EQ(with.services.metric("spillway_plugin_slow_total{policy=\"actor_2\"}"), 0);
}

TEST(Chain, of_a_route_runs_only_its_own_policies_in_its_own_order) {
  Three with;
  FakeSubject subject;
  Plan plan;
  const std::uint16_t order[] = {2, 0};
  Chain chain(*with.worker, order, subject, plan);
  EXPECT_EQ(chain.run(), R::go);
  chain.end();
  EXPECT_EQ(with.stage.take(), (Events{"2 request", "0 request", "0 end", "2 end"}));
}

TEST(Chain, without_policies_just_goes) {
  FakeServices services;
  const Policies none;
  const auto worker = start_worker(none, services);
  Trial trial(*worker);
  EXPECT_EQ(trial.chain.run(), R::go);
  EXPECT_TRUE(trial.chain.attempt(0));
  EXPECT_FALSE(trial.chain.exhausted());
  trial.chain.end();
}

}  // namespace
}  // namespace spillway
