// How a chain waits: tickets, resuming once, deadlines, and requests that end meanwhile.
#include "policy/chain.h"

#include <gtest/gtest.h>

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

std::int32_t wait_for_a_ticket(spw_call* call) { return call->host->ticket(call) != 0 ? SPW_WAIT : SPW_FAIL; }

TEST(Chain, wait_resumes_behind_the_waiting_policy) {
  Three with;
  int result = 42;
  std::uint64_t ticket = 0;
  Actor<1>::hooks.request = [&](spw_call* call) -> std::int32_t {
    ticket = call->host->ticket(call);
    EXPECT_EQ(call->host->ticket(call), ticket);  // one per wait
    return SPW_WAIT;
  };
  Actor<1>::hooks.resume = [&](spw_call*, void* given) -> std::int32_t {
    EXPECT_EQ(given, &result);
    return SPW_NEXT;
  };
  Trial trial(*with.worker);
  EXPECT_EQ(trial.chain.run(), R::wait);
  EXPECT_EQ(trial.chain.wait_ms(), 1000);
  with.services.fake_clock.advance_ms(300);
  EXPECT_EQ(trial.chain.wait_ms(), 700);
  EXPECT_EQ(host_table().resume(ticket, &result), 1);
  EXPECT_EQ(host_table().resume(ticket, &result), 0);  // a second one is stale at once
  EXPECT_EQ(with.services.deliver(), 1u);
  EXPECT_EQ(trial.subject.resumed, 1);
  EXPECT_EQ(trial.chain.result(), R::go);
  EXPECT_EQ(host_table().resume(ticket, &result), 0);
  trial.chain.end();
  EXPECT_EQ(with.stage.take(), (Events{"0 request", "1 request", "1 resume", "2 request", "2 end", "1 end", "0 end"}));
  EXPECT_EQ(with.services.tickets_held(), 0u);
}

TEST(Chain, on_resume_may_wait_again_within_the_same_limit) {
  Three with;
  std::uint64_t ticket = 0;
  const auto wait = [&](spw_call* call) -> std::int32_t {
    ticket = call->host->ticket(call);
    return SPW_WAIT;
  };
  Actor<0>::hooks.request = wait;
  Actor<0>::hooks.resume = [&](spw_call* call, void*) { return wait(call); };
  Trial trial(*with.worker);
  EXPECT_EQ(trial.chain.run(), R::wait);
  for (int i = 0; i < 3; ++i) {
    with.services.fake_clock.advance_ms(300);
    const std::uint64_t old = ticket;
    EXPECT_EQ(host_table().resume(ticket, nullptr), 1);
    with.services.deliver();
    EXPECT_EQ(trial.chain.result(), R::wait);
    EXPECT_NE(ticket, old);
  }
  EXPECT_EQ(trial.subject.resumed, 3);
  EXPECT_EQ(trial.chain.wait_ms(), 100);  // of 1000, not 1000 anew
  with.services.fake_clock.advance_ms(100);
  EXPECT_EQ(trial.chain.wait_expired(), R::go);
  trial.chain.end();
}

TEST(Chain, wait_past_deadline_fails_open) {
  Three with;
  Actor<1>::hooks.request = wait_for_a_ticket;
  Trial trial(*with.worker);
  EXPECT_EQ(trial.chain.run(), R::wait);
  with.services.fake_clock.advance_ms(5000);
  EXPECT_EQ(trial.chain.wait_ms(), 0);
  EXPECT_EQ(trial.chain.wait_expired(), R::go);
  EXPECT_EQ(with.errors(1), 1);
  EXPECT_EQ(with.stage.take(), (Events{"0 request", "1 request", "2 request"}));  // no on_resume
  EXPECT_EQ(trial.chain.wait_expired(), R::go);                                   // and a second expiry changes nothing
  trial.chain.end();
}

TEST(Chain, wait_past_deadline_fails_closed) {
  Three with("closed");
  Actor<1>::hooks.request = wait_for_a_ticket;
  Trial trial(*with.worker);
  EXPECT_EQ(trial.chain.run(), R::wait);
  EXPECT_EQ(trial.chain.wait_expired(), R::refuse);
  EXPECT_EQ(trial.chain.failed_policy(), "actor_1");
  trial.chain.end();
}

TEST(Chain, wait_without_a_ticket_is_a_failure) {
  Three with;
  Actor<0>::hooks.request = [](spw_call*) -> std::int32_t { return SPW_WAIT; };
  Trial trial(*with.worker);
  EXPECT_EQ(trial.chain.run(), R::go);
  EXPECT_EQ(with.errors(0), 1);
  trial.chain.end();
}

TEST(Chain, ticket_without_a_wait_is_stale_after_the_hook) {
  Three with;
  std::uint64_t ticket = 0;
  Actor<0>::hooks.request = [&](spw_call* call) -> std::int32_t {
    ticket = call->host->ticket(call);
    return SPW_NEXT;
  };
  Trial trial(*with.worker);
  EXPECT_EQ(trial.chain.run(), R::go);
  EXPECT_EQ(host_table().resume(ticket, nullptr), 0);
  EXPECT_EQ(with.services.tickets_held(), 0u);
  trial.chain.end();
}

TEST(Chain, resume_that_is_under_way_when_the_wait_expires_arrives_nowhere) {
  Three with;
  std::uint64_t ticket = 0;
  Actor<0>::hooks.request = [&](spw_call* call) -> std::int32_t {
    ticket = call->host->ticket(call);
    return SPW_WAIT;
  };
  Trial trial(*with.worker);
  trial.chain.run();
  EXPECT_EQ(host_table().resume(ticket, nullptr), 1);
  EXPECT_EQ(trial.chain.wait_expired(), R::go);
  EXPECT_EQ(with.services.deliver(), 0u);
  EXPECT_EQ(trial.subject.resumed, 0);
  trial.chain.end();
}

TEST(Chain, end_while_waiting_ends_those_who_were_asked_and_stales_the_ticket) {
  Three with;
  std::uint64_t ticket = 0;
  Actor<1>::hooks.request = [&](spw_call* call) -> std::int32_t {
    ticket = call->host->ticket(call);
    return SPW_WAIT;
  };
  {
    Trial trial(*with.worker);
    EXPECT_EQ(trial.chain.run(), R::wait);
    trial.chain.end();
    trial.chain.end();  // idempotent
  }
  EXPECT_EQ(with.stage.take(), (Events{"0 request", "1 request", "1 end", "0 end"}));
  EXPECT_EQ(host_table().resume(ticket, nullptr), 0);
  EXPECT_EQ(with.services.tickets_held(), 0u);
}

}  // namespace
}  // namespace spillway
