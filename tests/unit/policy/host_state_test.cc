// Keyed state through the ABI: single flight between requests, and who is told when a leader goes away.
#include <gtest/gtest.h>

#include "support/actor.h"
#include "support/fake_host.h"

namespace spillway {
namespace {

using R = Chain::Result;

struct Led {
  int found = -9;
  std::string value;
  std::int64_t age_ms = -1;
};

// Actor 0 asks for "k" and waits if somebody makes it, as a cache does.
struct One {
  One() {
    Actor<0>::hooks.request = [this](spw_call* call) { return ask(call); };
    Actor<0>::hooks.resume = [this](spw_call* call, void*) { return ask(call); };
    Actor<0>::hooks.answer = [](spw_call* call, const spw_answer* answer) {
      EXPECT_EQ(call->host->state_put(call, str("k"), answer->blob, 60'000), 0);
    };
  }
  std::int32_t ask(spw_call* call) {
    spw_str value{};
    last.found = call->host->state_lead(call, str("k"), &value, &last.age_ms);
    last.value = view(value);
    return last.found == 2 ? SPW_WAIT : SPW_NEXT;
  }
  Stage stage;
  FakeServices services;
  Policies policies = policies_of({&Actor<0>::plugin});
  std::unique_ptr<PolicyWorker> worker = start_worker(policies, services);
  Led last;
};

TEST(HostState, first_leads_others_wait_and_get_what_it_made) {
  One with;
  Trial leader(*with.worker), follower(*with.worker), another(*with.worker);
  EXPECT_EQ(leader.chain.run(), R::go);
  EXPECT_EQ(with.last.found, 0);
  EXPECT_EQ(follower.chain.run(), R::wait);
  EXPECT_EQ(another.chain.run(), R::wait);
  spw_answer answer{};
  answer.blob = str("made");
  with.services.fake_clock.advance_ms(20);
  leader.chain.answer(answer);
  leader.chain.end();
  with.services.fake_clock.advance_ms(7);
  EXPECT_EQ(with.services.deliver(), 2u);
  EXPECT_EQ(follower.chain.result(), R::go);
  EXPECT_EQ(another.chain.result(), R::go);
  EXPECT_EQ(with.last.found, 1);
  EXPECT_EQ(with.last.value, "made");
  EXPECT_EQ(with.last.age_ms, 7);
  follower.chain.end();
  another.chain.end();
  EXPECT_EQ(with.services.tickets_held(), 0u);
}

TEST(HostState, leader_that_ends_without_a_value_hands_the_lead_on) {
  One with;
  Trial leader(*with.worker), follower(*with.worker);
  leader.chain.run();
  EXPECT_EQ(follower.chain.run(), R::wait);
  leader.chain.end();
  EXPECT_EQ(with.services.deliver(), 1u);
  EXPECT_EQ(with.last.found, 0);  // now it makes it itself
  EXPECT_EQ(follower.chain.result(), R::go);
  follower.chain.end();
}

TEST(HostState, leader_that_fails_does_not_keep_others_waiting_until_its_end) {
  One with;
  Trial leader(*with.worker), follower(*with.worker);
  Actor<0>::hooks.request = [&](spw_call* call) -> std::int32_t {
    with.ask(call);
    return SPW_FAIL;
  };
  leader.chain.run();
  Actor<0>::hooks.request = [&](spw_call* call) { return with.ask(call); };
  EXPECT_EQ(follower.chain.run(), R::go);
  EXPECT_EQ(with.last.found, 0);
  leader.chain.end();
  follower.chain.end();
}

TEST(HostState, follower_that_ends_is_not_woken) {
  One with;
  Trial leader(*with.worker);
  leader.chain.run();
  {
    Trial follower(*with.worker);
    EXPECT_EQ(follower.chain.run(), R::wait);
    follower.chain.end();
  }
  EXPECT_EQ(with.services.tickets_held(), 0u);
  leader.chain.end();
  EXPECT_EQ(with.services.deliver(), 0u);
}

TEST(HostState, follower_goes_on_alone_when_the_wait_expires) {
  One with;
  Trial leader(*with.worker), follower(*with.worker);
  leader.chain.run();
  EXPECT_EQ(follower.chain.run(), R::wait);
  EXPECT_EQ(follower.chain.wait_expired(), R::go);
  leader.chain.end();
  EXPECT_EQ(with.services.deliver(), 0u);
  follower.chain.end();
}

TEST(HostState, a_second_question_of_the_leader_does_not_wait_for_itself) {
  One with;
  Trial leader(*with.worker);
  Actor<0>::hooks.request = [&](spw_call* call) -> std::int32_t {
    EXPECT_NE(with.ask(call), SPW_WAIT);
    EXPECT_NE(with.ask(call), SPW_WAIT);
    return SPW_NEXT;
  };
  EXPECT_EQ(leader.chain.run(), R::go);
  leader.chain.end();
}

TEST(HostState, one_request_waits_for_one_key) {
  One with;
  Trial leader(*with.worker), follower(*with.worker);
  Actor<0>::hooks.request = [](spw_call* call) -> std::int32_t {
    EXPECT_EQ(call->host->state_lead(call, str("k"), nullptr, nullptr), 0);
    EXPECT_EQ(call->host->state_lead(call, str("l"), nullptr, nullptr), 0);
    return SPW_NEXT;
  };
  leader.chain.run();
  Actor<0>::hooks.request = [](spw_call* call) -> std::int32_t {
    EXPECT_EQ(call->host->state_lead(call, str("k"), nullptr, nullptr), 2);
    EXPECT_EQ(call->host->state_lead(call, str("k"), nullptr, nullptr), 2);
    EXPECT_EQ(call->host->state_lead(call, str("l"), nullptr, nullptr), -1);
    return SPW_WAIT;
  };
  EXPECT_EQ(follower.chain.run(), R::wait);
  Actor<0>::hooks.resume = nullptr;
  leader.chain.end();
  EXPECT_EQ(with.services.deliver(), 1u);
  follower.chain.end();
}

TEST(HostState, not_waiting_after_all_leaves_nothing_behind) {
  One with;
  Trial leader(*with.worker), follower(*with.worker);
  leader.chain.run();
  Actor<0>::hooks.request = [&](spw_call* call) -> std::int32_t {
    EXPECT_EQ(with.ask(call), SPW_WAIT);
    return SPW_NEXT;
  };
  EXPECT_EQ(follower.chain.run(), R::go);
  EXPECT_EQ(with.services.tickets_held(), 0u);
  leader.chain.end();
  EXPECT_EQ(with.services.deliver(), 0u);
  follower.chain.end();
}

TEST(HostState, values_stay_valid_until_the_hook_returns) {
  One with;
  Actor<0>::hooks.request = [](spw_call* call) -> std::int32_t {
    const spw_host* host = call->host;
    EXPECT_EQ(host->state_put(call, str("v"), str("the first value, long enough to live on the heap"), 1000), 0);
    spw_str value{};
    EXPECT_EQ(host->state_get(call, str("v"), &value, nullptr), 1);
    EXPECT_EQ(host->state_drop(call, str("v")), 0);
    EXPECT_EQ(view(value), "the first value, long enough to live on the heap");  // ASan would object
    EXPECT_EQ(host->state_get(call, str("v"), &value, nullptr), 0);
    return SPW_NEXT;
  };
  Trial trial(*with.worker);
  trial.chain.run();
  trial.chain.end();
}

TEST(HostState, one_hook_cannot_hold_values_without_end) {
  One with;
  Actor<0>::hooks.request = [](spw_call* call) -> std::int32_t {
    call->host->state_put(call, str("v"), str("x"), 1000);
    int held = 0;
    while (held < 10'000 && call->host->state_get(call, str("v"), nullptr, nullptr) == 1) ++held;
    EXPECT_EQ(held, 4096);
    return SPW_NEXT;
  };
  Trial trial(*with.worker);
  trial.chain.run();
  trial.chain.end();
}

TEST(HostState, unusable_keys_values_and_times_are_refused) {
  One with;
  Actor<0>::hooks.request = [](spw_call* call) -> std::int32_t {
    const spw_host* host = call->host;
    const std::string long_key(257, 'k');
    for (const spw_str bad : {str(""), str(long_key), spw_str{nullptr, 3}, spw_str{"x", SIZE_MAX}}) {
      EXPECT_EQ(host->state_get(call, bad, nullptr, nullptr), -1);
      EXPECT_EQ(host->state_lead(call, bad, nullptr, nullptr), -1);
      EXPECT_EQ(host->state_put(call, bad, str("v"), 1000), -1);
      EXPECT_EQ(host->state_drop(call, bad), -1);
    }
    EXPECT_EQ(host->state_put(call, str("k"), spw_str{"x", SIZE_MAX}, 1000), -1);
    EXPECT_EQ(host->state_put(call, str("k"), spw_str{nullptr, 3}, 1000), -1);
    EXPECT_EQ(host->state_put(call, str("k"), str("v"), 0), -1);
    return SPW_NEXT;
  };
  Trial trial(*with.worker);
  trial.chain.run();
  trial.chain.end();
}

}  // namespace
}  // namespace spillway
