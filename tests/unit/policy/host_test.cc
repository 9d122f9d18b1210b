// The functions behind spw_host: what they give, and what they refuse. Limits and rights, not networks.
#include "policy/host.h"

#include <gtest/gtest.h>

#include <cmath>

#include "policy/chain.h"
#include "support/actor.h"
#include "support/fake_host.h"

namespace spillway {
namespace {

const spw_str kNullText = {nullptr, 10};
const spw_str kHuge = {"x", SIZE_MAX};

struct Two {
  Stage stage;
  FakeServices services;
  Policies policies = policies_of({&Actor<0>::plugin, &Actor<1>::plugin});
  std::unique_ptr<PolicyWorker> worker = start_worker(policies, services);
  // Runs `does` as actor 0's on_request.
  void request(std::function<void(spw_call*, const spw_host*)> does, std::size_t candidates = 2) {
    Trial trial(*worker, candidates);
    run(trial, std::move(does));
    trial.chain.end();
  }
  void run(Trial& trial, std::function<void(spw_call*, const spw_host*)> does) {
    Actor<0>::hooks.request = [&](spw_call* call) -> std::int32_t {
      does(call, call->host);
      return SPW_NEXT;
    };
    trial.chain.run();
    Actor<0>::hooks.request = nullptr;
  }
  double errors() { return services.metric("spillway_plugin_errors_total{policy=\"actor_0\"}"); }
};

TEST(Host, reads_the_request_through_the_subject) {
  Two with;
  Trial trial(*with.worker);
  trial.subject.texts[SPW_MODEL] = "primary";
  trial.subject.numbers[SPW_MAX_TOKENS] = -1;
  trial.subject.headers["cache-control"] = "no-store";
  with.run(trial, [](spw_call* call, const spw_host* host) {
    EXPECT_EQ(view(host->text(call, SPW_MODEL)), "primary");
    EXPECT_EQ(host->number(call, SPW_MAX_TOKENS), -1);
    EXPECT_EQ(view(host->header(call, "cache-control")), "no-store");
    EXPECT_EQ(view(host->header(call, "absent")), "");
    EXPECT_EQ(view(host->header(call, nullptr)), "");
    EXPECT_EQ(view(host->text(call, 9999)), "");  // unknown facts are empty or zero
    EXPECT_EQ(host->number(call, -5), 0);
  });
  EXPECT_EQ(with.errors(), 0);
  trial.chain.end();
}

TEST(Host, header_names_are_tokens_and_values_stay_one_field) {
  Two with;
  Trial trial(*with.worker);
  with.run(trial, [](spw_call* call, const spw_host* host) {
    EXPECT_EQ(host->set_upstream_header(call, "x-tenant", str("a\tb")), 0);
    EXPECT_EQ(host->set_answer_header(call, "x-why", str("because")), 0);
    EXPECT_EQ(host->note(call, "cache", str("hit")), 0);
    const std::string long_name(65, 'n'), long_value(4097, 'v');
    for (const char* bad :
         {"", "a b", "a:b", "a\r\n", "\xc3\xa4", long_name.c_str(), static_cast<const char*>(nullptr)}) {
      EXPECT_EQ(host->set_upstream_header(call, bad, str("v")), -1);
      EXPECT_EQ(host->set_answer_header(call, bad, str("v")), -1);
      EXPECT_EQ(host->note(call, bad, str("v")), -1);
    }
    for (const spw_str bad : {str("a\r\nb: c"), str(std::string_view("a\0b", 3)), str(long_value), kNullText, kHuge}) {
      EXPECT_EQ(host->set_upstream_header(call, "x", bad), -1);
      EXPECT_EQ(host->note(call, "x", bad), -1);
    }
  });
  EXPECT_EQ(trial.subject.upstream_headers.size(), 1u);
  EXPECT_EQ(trial.subject.answer_headers.size(), 1u);
  EXPECT_EQ(trial.subject.notes.size(), 1u);
  trial.chain.end();
}

TEST(Host, fingerprint_hands_the_list_on) {
  Two with;
  Trial trial(*with.worker);
  trial.subject.digest->fill(7);
  with.run(trial, [](spw_call* call, const spw_host* host) {
    std::uint8_t digest[32] = {};
    const spw_str names[] = {str("user"), str("metadata")};
    EXPECT_EQ(host->fingerprint(call, {names, 2}, digest), 0);
    EXPECT_EQ(digest[31], 7);
    EXPECT_EQ(host->fingerprint(call, {nullptr, 2}, digest), -1);
    EXPECT_EQ(host->fingerprint(call, {names, SIZE_MAX}, digest), -1);
    EXPECT_EQ(host->fingerprint(call, {nullptr, 0}, nullptr), -1);
    const spw_str bad[] = {kNullText};
    EXPECT_EQ(host->fingerprint(call, {bad, 1}, digest), -1);
  });
  EXPECT_EQ(trial.subject.fingerprint_without, (std::vector<std::string>{"user", "metadata"}));
  trial.subject.digest.reset();
  Trial other(*with.worker);
  other.subject.digest.reset();
  with.run(other, [](spw_call* call, const spw_host* host) {
    std::uint8_t digest[32];
    EXPECT_EQ(host->fingerprint(call, {nullptr, 0}, digest), -1);  // no JSON, no fingerprint
  });
  other.chain.end();
  trial.chain.end();
}

TEST(Host, saved_values_are_loaded_when_a_worker_starts) {
  Stage stage;
  FakeServices services;
  const Policies policies = policies_of({&Actor<0>::plugin});
  std::string loaded;
  Actor<0>::hooks.start = [&](spw_call* call) -> std::int32_t {
    spw_str value;
    if (call->host->load(call, str("day"), &value) == 1) loaded = view(value);
    return 0;
  };
  Actor<0>::hooks.stop = [&](spw_call* call) {
    EXPECT_EQ(call->host->save(call, str("day"), str("48 of 50")), 0);
    const std::string large(Store::kValueBytesMax + 1, 'x');
    EXPECT_EQ(call->host->save(call, str("day"), str(large)), -1);
    EXPECT_EQ(call->host->save(call, str(""), str("x")), -1);
    EXPECT_EQ(call->host->save(call, str("k"), kNullText), -1);
  };
  start_worker(policies, services).reset();
  EXPECT_EQ(loaded, "");
  start_worker(policies, services).reset();
  EXPECT_EQ(loaded, "48 of 50");
}

TEST(Host, counters_add_gauges_are_set_and_nothing_else_exists) {
  Two with;
  with.request([](spw_call* call, const spw_host* host) {
    host->count(call, 0, 2);
    host->count(call, 0, 3);
    host->count(call, 0, -1);  // refused
    host->count(call, 1, 9);
    host->count(call, 1, -4);
    host->count(call, 2, 1);         // refused
    host->count(call, SIZE_MAX, 1);  // refused
  });
  EXPECT_EQ(with.services.metric("spillway_actor_seen{policy=\"actor_0\"}"), 5);
  EXPECT_EQ(with.services.metric("spillway_actor_level{policy=\"actor_0\"}"), -4);
  EXPECT_EQ(with.services.metric("spillway_actor_seen{policy=\"actor_1\"}"), 0);
  EXPECT_EQ(with.errors(), 3);
}

TEST(Host, clock_and_dice_are_the_services) {
  Two with;
  with.services.fake_clock.advance_ms(5);
  with.request([&](spw_call* call, const spw_host* host) {
    EXPECT_EQ(host->now_us(call), with.services.fake_clock.now);
    EXPECT_EQ(host->wall_ms(call), FakeClock::kWallMs + 5);
    Dice same(1);
    EXPECT_EQ(host->random(call), same.roll());
  });
}

TEST(Host, clocks_stand_still_within_a_hook_and_go_on_between_hooks) {
  Two with;
  for (int i = 0; i < 2; ++i) {
    with.request([&](spw_call* call, const spw_host* host) {
      const std::uint64_t now = with.services.fake_clock.now;
      const std::int64_t wall = with.services.fake_clock.wall;
      EXPECT_EQ(host->now_us(call), now);
      EXPECT_EQ(host->wall_ms(call), wall);
      with.services.fake_clock.advance_ms(5);
      EXPECT_EQ(host->now_us(call), now);
      EXPECT_EQ(host->wall_ms(call), wall);
    });
  }
}

TEST(Host, fetch_without_a_ticket_comes_to_on_fetched) {
  Two with;
  with.request([](spw_call* call, const spw_host* host) {
    EXPECT_EQ(host->fetch(call, str("GET"), str("http://127.0.0.1/key"), str(""), str(""), 1000, 0), 0);
  });
  ASSERT_EQ(with.services.fetches.size(), 1u);
  EXPECT_EQ(with.services.fetches[0].wish.url, "http://127.0.0.1/key");
  with.stage.take();
  spw_fetched fetched{};
  fetched.size = sizeof fetched;
  fetched.status = 200;
  with.worker->on_fetched(0, fetched);
  EXPECT_EQ(with.stage.take(), (std::vector<std::string>{"0 fetched 200"}));
}

TEST(Host, of_a_request_that_is_only_supposed_nothing_is_fetched_or_counted) {
  Two with;
  Trial trial(*with.worker);
  trial.subject.only_supposed = true;
  Actor<0>::hooks.request = [](spw_call* call) -> std::int32_t {
    EXPECT_EQ(call->host->fetch(call, str("GET"), str("http://127.0.0.1/key"), str(""), str(""), 1000, 0), -1);
    call->host->count(call, 0, 1);
    return SPW_NEXT;
  };
  EXPECT_EQ(trial.chain.run(), Chain::Result::go);
  trial.chain.end();
  EXPECT_TRUE(with.services.fetches.empty());
  EXPECT_EQ(with.services.metrics().render().find(" 1\n"), std::string::npos);
}

TEST(Host, fetch_with_a_ticket_resumes_that_request_only) {
  Two with;
  Actor<0>::hooks.request = [](spw_call* call) -> std::int32_t {
    const std::uint64_t mine = call->host->ticket(call);
    EXPECT_EQ(call->host->fetch(call, str("GET"), str("http://127.0.0.1/"), str(""), str(""), 1000, mine + 1), -1);
    EXPECT_EQ(call->host->fetch(call, str("GET"), str("http://127.0.0.1/"), str(""), str(""), 1000, mine), 0);
    return SPW_WAIT;
  };
  Trial trial(*with.worker);
  EXPECT_EQ(trial.chain.run(), Chain::Result::wait);
  ASSERT_EQ(with.services.fetches.size(), 1u);
  EXPECT_NE(with.services.fetches[0].ticket, 0u);
  spw_fetched fetched{};
  trial.chain.resume(&fetched);
  EXPECT_EQ(trial.chain.result(), Chain::Result::go);
  trial.chain.end();
}

TEST(Host, unusable_fetches_and_timers_are_refused) {
  Two with;
  with.request([](spw_call* call, const spw_host* host) {
    const auto fetch = [&](spw_str method, spw_str url, spw_str lines, spw_str body, std::int64_t ms) {
      return host->fetch(call, method, url, lines, body, ms, 0);
    };
    const spw_str get = str("GET"), url = str("http://127.0.0.1/"), none = str("");
    EXPECT_EQ(fetch(none, url, none, none, 1000), -1);
    EXPECT_EQ(fetch(get, none, none, none, 1000), -1);
    EXPECT_EQ(fetch(get, kHuge, none, none, 1000), -1);
    EXPECT_EQ(fetch(get, url, kHuge, none, 1000), -1);
    EXPECT_EQ(fetch(get, url, none, kNullText, 1000), -1);
    EXPECT_EQ(fetch(get, url, none, none, 0), -1);
    EXPECT_EQ(fetch(get, url, none, none, INT64_MAX), -1);
    EXPECT_EQ(host->timer(call, -1, 0), -1);
    EXPECT_EQ(host->timer(call, INT64_MAX, 0), -1);
    EXPECT_EQ(host->timer(call, 100, 5), 0);
  });
  EXPECT_TRUE(with.services.fetches.empty());
  ASSERT_EQ(with.services.timers.size(), 1u);
  with.stage.take();
  with.worker->on_timer(0, 5);
  EXPECT_EQ(with.stage.take(), (std::vector<std::string>{"0 timer 5"}));
}

TEST(Host, status_is_one_json_object_whatever_a_plugin_prints) {
  Two with;
  Actor<0>::hooks.status = [](spw_call* call) {
    call->host->print(call, str("{\"open\":"));
    call->host->print(call, str("2}"));
    call->host->print(call, kHuge);  // refused, the rest stays
  };
  Actor<1>::hooks.status = [](spw_call* call) { call->host->print(call, str("{broken")); };
  EXPECT_EQ(with.worker->status(), R"({"actor_0":{"open":2},"actor_1":"{broken"})");
  Actor<0>::hooks.status = nullptr;
  Actor<1>::hooks.status = nullptr;
  EXPECT_EQ(with.worker->status(), R"({"actor_0":null,"actor_1":null})");
}

TEST(Host, a_request_is_out_of_reach_of_worker_hooks) {
  Two with;
  bool asked = false;
  Actor<0>::hooks.timer = [&](spw_call* call, std::uint64_t) {
    asked = true;
    EXPECT_EQ(call->request, nullptr);
    EXPECT_EQ(view(call->host->text(call, SPW_BODY)), "");
    EXPECT_EQ(call->host->candidates(call), 0u);
    EXPECT_EQ(call->host->reply(call, 200, str("a"), str("b")), -1);
    EXPECT_EQ(call->host->ticket(call), 0u);
    spw_str value;
    EXPECT_EQ(call->host->load(call, str("day"), &value), -1);
    EXPECT_EQ(call->host->state_bytes(call, 100), -1);
  };
  with.worker->on_timer(0, 0);
  EXPECT_TRUE(asked);
  EXPECT_EQ(with.errors(), 6);
}

TEST(Host, a_call_kept_beyond_its_hook_is_refused) {
  Two with;
  spw_call* kept = nullptr;
  spw_call copy{};
  with.request([&](spw_call* call, const spw_host*) {
    kept = call;
    copy = *call;
  });
  for (spw_call* stale : {kept, &copy}) {
    const spw_host* host = stale->host;
    EXPECT_EQ(host->reply(stale, 200, str("text/plain"), str("late")), -1);
    EXPECT_EQ(host->candidates(stale), 0u);
    EXPECT_EQ(host->state_put(stale, str("k"), str("v"), 1000), -1);
    EXPECT_EQ(host->now_us(stale), 0u);
    host->count(stale, 0, 1);
    host->log(stale, 0, str("late"));
  }
  EXPECT_EQ(with.errors(), 12);
  EXPECT_EQ(host_table().reply(nullptr, 200, str(""), str("")), -1);
  spw_call empty{};
  EXPECT_EQ(host_table().candidates(&empty), 0u);
}

}  // namespace
}  // namespace spillway
