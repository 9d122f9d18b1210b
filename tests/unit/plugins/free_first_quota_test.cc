// free_first over configured quotas: scopes, tokens, heads, closures, GET /key, turns taken in advance, and the
// operator's words. T-1 to T-4, C-1, O-4 to O-7, section 10 and 11.
#include "policy_bench.h"
#include "quota_key.h"

namespace spillway {
namespace {

// One paid-or-free model "a" with a quota of its own, then "b" of the next tier without.
struct Limited : Bench {
  explicit Limited(QuotaRule rule, const Options& options = {})
      : Bench({&spillway_builtin_free_first}, options), rules{std::move(rule)} {
    rules[0].name = rules[0].name.empty() ? "groq/model a" : rules[0].name;
    candidates[0].quotas = rules;
    candidates[1].tier_index = 1;
    numbers = {{SPW_PROMPT_TOKENS, 100}, {SPW_MAX_TOKENS, 900}};
  }
  std::vector<QuotaRule> rules;
  std::string quota() { return worker->command("free_first", "quota"); }
  bool shows(std::string_view part) { return quota().find(part) != std::string::npos; }
};
QuotaRule rule_of(int scope, std::int64_t rpm, std::int64_t rpd, std::int64_t tpm = 0, std::int64_t tpd = 0) {
  return {{}, scope, rpm, rpd, tpm, tpd, 0};
}
spw_outcome used(std::size_t i, std::int64_t in, std::int64_t out) {
  spw_outcome outcome = ok(i);
  outcome.in_tokens = in;
  outcome.out_tokens = out;
  return outcome;
}

spw_outcome untold(std::size_t i, int error, int status) {  // without usage
  spw_outcome outcome = outcome_of(i, error, status);
  outcome.in_tokens = outcome.out_tokens = -1;
  return outcome;
}

TEST(FreeFirstQuota, requests_of_a_configured_quota_are_counted_like_free_ones) {
  Limited limited(rule_of(4, 0, 3));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(limited.send(ok).sent, Sent{0});
  const Ran ran = limited.send(ok);
  EXPECT_EQ(ran.sent, Sent{1});
  EXPECT_EQ(ran.reasons[0], "quota groq/model a 3/3 until 00:00 UTC");
}

TEST(FreeFirstQuota, its_day_begins_when_it_is_reset) {
  QuotaRule rule = rule_of(4, 0, 1);
  rule.reset_ms = 8 * 3'600'000;  // the fake clock starts at midnight UTC
  Limited limited(rule);
  limited.send(ok);
  EXPECT_EQ(limited.send(ok).reasons[0], "quota groq/model a 1/1 until 08:00 UTC");
  limited.pass_s(8 * 3600);
  EXPECT_EQ(limited.send(ok).sent, Sent{0});
}

TEST(FreeFirstQuota, tokens_are_reserved_by_estimate_and_settled_by_usage) {
  Limited limited(rule_of(4, 0, 0, 2'500));
  const auto first = limited.begin(), second = limited.begin(), third = limited.begin();
  EXPECT_TRUE(first->chain.attempt(0));
  EXPECT_TRUE(second->chain.attempt(0));
  EXPECT_FALSE(third->chain.attempt(0)) << "3 x 1000 are above 2500, though nothing has ended yet";
  first->chain.outcome(used(0, 100, 20));
  EXPECT_EQ(limited.next(*third), 1u) << "it was refused before";
  second->chain.outcome(used(0, 100, 20));
  limited.finish(*first), limited.finish(*second);
  third->chain.outcome(ok(1));
  limited.finish(*third);
  EXPECT_EQ(limited.send([](std::size_t i) { return used(i, 1, 1); }).sent, Sent{0}) << "240 of 2500 were used";
  EXPECT_TRUE(limited.shows(R"("tokens_minute":242)")) << limited.quota();
}

TEST(FreeFirstQuota, without_max_tokens_an_answer_is_reckoned_with_what_the_config_says) {
  Limited limited(rule_of(4, 0, 0, 0, 10'000), {{"assumed_tokens", std::int64_t{4'000}}});
  limited.numbers = {{SPW_PROMPT_TOKENS, 1'000}, {SPW_MAX_TOKENS, -1}};
  const auto first = limited.begin(), second = limited.begin(), third = limited.begin();
  EXPECT_TRUE(first->chain.attempt(0));
  EXPECT_TRUE(second->chain.attempt(0));
  EXPECT_FALSE(third->chain.attempt(0));
  EXPECT_NE(limited.finish(*third).reasons[0].find("10000/10000 tokens until 00:00 UTC"), std::string::npos);
  limited.finish(*first), limited.finish(*second);  // not sent after all
  EXPECT_TRUE(limited.shows(R"("tokens_today":0,)")) << limited.quota();
}

TEST(FreeFirstQuota, a_refused_request_costs_its_prompt_at_most_and_a_lost_one_its_estimate) {
  Limited limited(rule_of(4, 0, 0, 0, 10'000));
  limited.send([](std::size_t i) { return untold(i, SPW_E_BAD_REQUEST, 400); });
  EXPECT_TRUE(limited.shows(R"("tokens_today":100,)")) << limited.quota();
  limited.send([](std::size_t i) { return untold(i, SPW_E_CLIENT_GONE, 200); });
  EXPECT_TRUE(limited.shows(R"("tokens_today":1100,)")) << limited.quota();
  EXPECT_TRUE(limited.shows(R"("in_flight":0)"));
}

TEST(FreeFirstQuota, several_quotas_hold_together_and_a_refusal_takes_from_none) {
  Limited limited(rule_of(1, 0, 10));
  limited.rules.push_back({"groq/model tight", 4, 0, 1, 0, 0, 0});
  limited.candidates[0].quotas = limited.rules;
  EXPECT_EQ(limited.send(ok).sent, Sent{0});
  EXPECT_EQ(limited.send(ok).sent, Sent{1});
  EXPECT_TRUE(limited.shows(R"("quota":"groq/model a","scope":"account","used":1,"limit":10,"left":9)"))
      << limited.quota();
}

TEST(FreeFirstQuota, section_10_a_window_that_heads_tell_is_not_overdrawn) {
  Limited limited(rule_of(4, 0, 0));
  const auto told = [](std::size_t i) {
    spw_outcome outcome = used(i, 10, 10);
    outcome.requests_limit = 30;
    outcome.requests_left = 0;
    outcome.requests_reset_ms = 180'000;
    outcome.tokens_limit = outcome.tokens_left = outcome.tokens_reset_ms = -1;
    return outcome;
  };
  EXPECT_EQ(limited.send(told).sent, Sent{0});
  const Ran ran = limited.send(ok);
  EXPECT_EQ(ran.sent, Sent{1});
  EXPECT_EQ(ran.reasons[0], "quota groq/model a used as its headers tell, room in 7 s");
  limited.pass_s(7);
  EXPECT_EQ(limited.send([](std::size_t i) { return used(i, 1, 1); }).sent, Sent{0});
}

TEST(FreeFirstQuota, section_10_a_model_without_a_configured_quota_gets_one_from_its_head) {
  Limited limited(rule_of(4, 0, 0));
  limited.candidates[0].quotas = {};
  EXPECT_EQ(limited.send(ok).sent, Sent{0});
  EXPECT_EQ(limited.quota(), "[]") << "nothing was told";
  const auto told = [](std::size_t i) {
    spw_outcome outcome = used(i, 10, 10);
    outcome.requests_limit = outcome.tokens_limit = 30;
    outcome.requests_left = 1;
    outcome.requests_reset_ms = 180'000;
    outcome.tokens_left = outcome.tokens_reset_ms = -1;
    return outcome;
  };
  EXPECT_EQ(limited.send(told).sent, Sent{0});
  EXPECT_TRUE(limited.shows(R"("scope":"model, by its headers")")) << limited.quota();
  EXPECT_EQ(limited.send(ok).sent, Sent{0}) << "the one that is left";
  const Ran ran = limited.send(ok);
  EXPECT_EQ(ran.sent, Sent{1});
  EXPECT_NE(ran.reasons[0].find("used as its headers tell"), std::string::npos) << ran.reasons[0];
}

TEST(FreeFirstQuota, a_window_of_a_head_closes_nothing_else) {
  Limited limited(rule_of(4, 0, 0));
  limited.candidates[0].quotas = {};
  const auto refused = [](std::size_t i) {
    spw_outcome outcome = untold(i, SPW_E_RATE_LIMITED, 429);
    outcome.requests_limit = outcome.requests_left = 30;
    outcome.retry_after_ms = 600'000;
    return outcome;
  };
  limited.send(refused);
  EXPECT_EQ(limited.send(refused).sent[0], 0u) << "a 429 of a model is the breaker's";
}

TEST(FreeFirstQuota, section_10_tokens_that_heads_tell_are_weighed_against_the_request) {
  Limited limited(rule_of(4, 0, 0));
  limited.send([](std::size_t i) {
    spw_outcome outcome = used(i, 10, 10);
    outcome.requests_limit = outcome.requests_left = outcome.requests_reset_ms = -1;
    outcome.tokens_limit = 6'000;
    outcome.tokens_left = 500;
    outcome.tokens_reset_ms = 55'000;
    return outcome;
  });
  EXPECT_EQ(limited.send(ok).sent, Sent{1}) << "1000 do not fit into 500";
  limited.numbers[SPW_MAX_TOKENS] = 100;
  EXPECT_EQ(limited.send([](std::size_t i) { return used(i, 1, 1); }).sent, Sent{0}) << "200 do";
}

TEST(FreeFirstQuota, a_429_without_a_time_climbs_a_ladder_that_a_success_ends) {
  Limited limited(rule_of(4, 0, 0));
  const auto refused = [](std::size_t i) { return i == 0 ? outcome_of(i, SPW_E_RATE_LIMITED, 429) : ok(i); };
  for (const double rung_s : {120., 600., 3600., 86'400., 86'400.}) {
    EXPECT_EQ(limited.send(refused).sent, (Sent{0, 1}));
    limited.pass_s(rung_s - 1);
    EXPECT_EQ(limited.send(ok).sent, Sent{1}) << rung_s;
    limited.pass_s(1);
  }
  EXPECT_EQ(limited.send(ok).sent, Sent{0});
  limited.send(refused);
  limited.pass_s(120);
  EXPECT_EQ(limited.send(ok).sent, Sent{0}) << "from the first rung again";
}

TEST(FreeFirstQuota, section_11_kinds_of_refusals_are_told_apart) {
  struct Row {
    int error, scope;
    bool closes;
    const char* cause;
  };
  for (const Row row :
       {Row{SPW_E_FREE_DAY_QUOTA, 4, true, "day quota"}, Row{SPW_E_FREE_MINUTE_QUOTA, 1, true, "minute quota"},
        Row{SPW_E_RATE_LIMITED, 4, true, "upstream 429"}, Row{SPW_E_RATE_LIMITED, 1, false, ""},
        Row{SPW_E_NO_CREDIT, 1, false, ""}, Row{SPW_E_IN_FLIGHT_BUDGET, 1, false, ""}}) {
    Limited limited(rule_of(row.scope, 0, 0));
    limited.send([&](std::size_t i) { return i == 0 ? outcome_of(i, row.error, 429, 20'000) : ok(i); });
    EXPECT_EQ(limited.send(ok).sent, Sent{row.closes ? 1u : 0u}) << row.error << " scope " << row.scope;
    EXPECT_TRUE(limited.shows("\"cause\":\"" + std::string(row.cause) + "\"")) << limited.quota();
  }
}

TEST(FreeFirstQuota, gemini_limit_0_means_no_quota_at_all) {
  Limited limited(rule_of(3, 0, 0));
  limited.send([](std::size_t i) {
    spw_outcome outcome = i == 0 ? outcome_of(i, SPW_E_RATE_LIMITED, 429, 55'000) : ok(i);
    if (i == 0) outcome.quota_limit = 0;
    return outcome;
  });
  limited.pass_s(3'600);
  EXPECT_EQ(limited.send(ok).sent, Sent{1}) << "no 55 s bring it back";
}

TEST(FreeFirstQuota, queue_ms_waits_for_the_next_turn_in_order_instead_of_spilling) {
  Limited limited(rule_of(4, 2, 0), {{"queue_ms", std::int64_t{5'000}}});
  for (int i = 0; i < 2; ++i) limited.send(ok);
  limited.pass_s(56);
  std::vector<std::unique_ptr<Trial>> queue;
  for (int i = 0; i < 3; ++i) {
    queue.push_back(std::make_unique<Trial>(*limited.worker, limited.candidates));
    const Chain::Result expected = i < 2 ? Chain::Result::wait : Chain::Result::go;
    EXPECT_EQ(queue.back()->chain.run(), expected) << "two turns open in 4 s; the next is a minute away";
  }
  EXPECT_EQ(limited.next(*queue[2]), 1u) << "so the third spills";
  queue[2]->chain.outcome(ok(1));
  limited.finish(*queue[2]);
  limited.pass_s(4.1);
  for (int i = 0; i < 2; ++i) {
    const auto timer = limited.services.timers[limited.services.timers.size() - 2 + static_cast<std::size_t>(i)];
    EXPECT_EQ(timer.after_ms, 4'001);
    limited.worker->on_timer(0, timer.cookie);
  }
  EXPECT_EQ(limited.services.deliver(), 2u);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(limited.next(*queue[static_cast<std::size_t>(i)]), 0u);
    queue[static_cast<std::size_t>(i)]->chain.outcome(ok(0));
    limited.finish(*queue[static_cast<std::size_t>(i)]);
  }
  EXPECT_EQ(limited.send(ok).sent, Sent{1}) << "their turns were those of the minute";
}

TEST(FreeFirstQuota, a_client_that_left_while_waiting_gives_its_turn_back) {
  Limited limited(rule_of(4, 1, 5), {{"queue_ms", std::int64_t{5'000}}});
  limited.send(ok);
  limited.pass_s(57);
  Trial gone(*limited.worker, limited.candidates);
  ASSERT_EQ(gone.chain.run(), Chain::Result::wait);
  EXPECT_TRUE(limited.shows(R"("used":2,"limit":5)")) << limited.quota();
  limited.finish(gone);
  EXPECT_TRUE(limited.shows(R"("used":1,"limit":5)")) << limited.quota();
  limited.pass_s(3);
  EXPECT_EQ(limited.send(ok).sent, Sent{0});
}

TEST(FreeFirstQuota, nobody_waits_beyond_the_request_s_own_time_nor_when_a_better_tier_is_open) {
  Limited limited(rule_of(4, 1, 0), {{"queue_ms", std::int64_t{5'000}}});
  limited.send(ok);
  limited.pass_s(57);
  limited.numbers[SPW_TIME_LEFT_MS] = 2'000;
  EXPECT_EQ(limited.send(ok).sent, Sent{1});
  limited.numbers[SPW_TIME_LEFT_MS] = 0;
  limited.candidates[1].tier_index = 0;
  EXPECT_EQ(limited.send(ok).sent, Sent{1}) << "an equal that is open serves at once";
}

TEST(FreeFirstQuota, closures_tokens_and_ladder_survive_a_restart) {
  Limited before(rule_of(4, 0, 0, 0, 10'000));
  before.send([](std::size_t i) { return used(i, 3'000, 1'000); });
  before.send([](std::size_t i) { return i == 0 ? outcome_of(i, SPW_E_RATE_LIMITED, 429) : ok(i); });
  before.worker.reset();
  const auto record = before.services.store().get("free_first", "00");
  ASSERT_TRUE(record);
  Limited after(rule_of(4, 0, 0, 0, 10'000));
  after.worker.reset();
  after.services.fake_clock = before.services.fake_clock;
  after.services.store().put("free_first", "00", *record);
  after.worker = start_worker(after.policies, after.services);
  EXPECT_EQ(after.send(ok).sent, Sent{1}) << "the pause goes on";
  after.pass_s(120);
  EXPECT_TRUE(after.shows(R"("tokens_today":4000)")) << after.quota();
  after.send([](std::size_t i) { return i == 0 ? outcome_of(i, SPW_E_RATE_LIMITED, 429) : ok(i); });
  after.pass_s(599);
  EXPECT_EQ(after.send(ok).sent, Sent{1}) << "on the second rung";
}

TEST(FreeFirstQuota, an_operator_can_look_and_clear) {
  Limited limited(rule_of(4, 0, 1));
  limited.send(ok);
  EXPECT_EQ(limited.send(ok).sent, Sent{1});
  EXPECT_EQ(limited.worker->command("free_first", "clear nobody"), R"({"cleared":0})");
  EXPECT_EQ(limited.worker->command("free_first", "clear gro"), R"({"cleared":0})");
  EXPECT_EQ(limited.worker->command("free_first", "clear groq"), R"({"cleared":1})");
  EXPECT_EQ(limited.send(ok).sent, Sent{0});
  EXPECT_EQ(limited.worker->command("free_first", "dance"), "");
  EXPECT_EQ(limited.worker->command("nobody", "quota"), "");
}

// ---- GET /key (O-4)

struct Asking : Bench {
  Asking() : Bench({&spillway_builtin_free_first}) {
    auto policy = policy_of(spillway_builtin_free_first);
    const_cast<Policy&>(*policy).providers = {{"or", "openrouter", "provider://or/key"}, {"x", "x", ""}};
    worker.reset();
    policies.clear();
    policies.push_back(std::move(policy));
    worker = start_worker(policies, services);
    candidates[0].account = "openrouter";
    candidates[0].free = true;
    candidates[0].limit_rpd = 50;
    candidates[1].tier_index = 1;
    tick();
  }
  void tick() {
    const auto timers = services.timers;
    services.timers.clear();
    for (const auto& timer : timers) worker->on_timer(0, timer.cookie);
  }
  void answer(int status, std::string_view body) {
    spw_fetched fetched{};
    fetched.size = sizeof fetched;
    fetched.status = status;
    fetched.body = {body.data(), body.size()};
    worker->on_fetched(0, fetched);
  }
};

TEST(FreeFirstKey, T3_is_asked_at_the_start_and_then_every_5_minutes_while_free_traffic_flows) {
  Asking asking;
  ASSERT_EQ(asking.services.fetches.size(), 1u);
  EXPECT_EQ(asking.services.fetches[0].wish.url, "provider://or/key");
  asking.answer(200, R"({"data":{"limit":null,"free_model_daily_requests":{"used":49,"limit":50,"remaining":1}}})");
  EXPECT_EQ(asking.send(ok).sent, Sent{0});
  EXPECT_EQ(asking.send(ok).reasons[0], "account free quota 50/50 until 00:00 UTC");
  EXPECT_NE(asking.worker->status().find(R"("source":"GET key")"), std::string::npos) << asking.worker->status();
  asking.pass_s(299);
  asking.send(ok);
  EXPECT_EQ(asking.services.fetches.size(), 1u);
  asking.pass_s(2);
  EXPECT_EQ(asking.services.fetches.size(), 1u) << "nobody asks for nobody";
  asking.send(ok);
  EXPECT_EQ(asking.services.fetches.size(), 2u);
  asking.answer(200, R"({"data":{"free_model_daily_requests":{"used":50,"limit":1000,"remaining":950}}})");
  EXPECT_EQ(asking.send(ok).sent, Sent{0}) << "ten credits were bought meanwhile";
}

// O-5: whether calls that fail count is nowhere written, so they do, until GET /key says otherwise.
TEST(FreeFirstKey, O5_what_the_provider_did_not_count_is_used_after_a_quiet_time) {
  Asking asking;
  const std::string told = R"({"data":{"free_model_daily_requests":{"used":47,"limit":50,"remaining":3}}})";
  asking.candidates[0].limit_rpm = 100;
  asking.candidates[0].limit_rpd = 50;
  for (int i = 0; i < 50; ++i) asking.send(ok);
  asking.answer(200, told);
  EXPECT_EQ(asking.send(ok).sent, Sent{1}) << "it has only not seen the last three yet";
  asking.pass_s(301);
  EXPECT_EQ(asking.send(ok).sent, Sent{1});
  asking.answer(200, told);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(asking.send(ok).sent, Sent{0});
  EXPECT_EQ(asking.send(ok).sent, Sent{1});
}

TEST(FreeFirstKey, O5_nothing_is_lowered_against_the_providers_own_word) {
  Asking asking;
  asking.candidates[0].limit_rpm = 100;
  asking.candidates[0].limit_rpd = 50;
  asking.send([](std::size_t i) { return outcome_of(i, SPW_E_FREE_DAY_QUOTA, 429); });
  asking.pass_s(301);
  EXPECT_EQ(asking.send(ok).sent, Sent{1});
  asking.answer(200, R"({"data":{"free_model_daily_requests":{"used":1,"limit":50,"remaining":49}}})");
  EXPECT_EQ(asking.send(ok).sent, Sent{1});
}

TEST(FreeFirstKey, O4_what_is_absent_or_nonsense_teaches_nothing) {
  for (const auto& [status, body] : std::vector<std::pair<int, std::string>>{
           {404, "{}"},
           {200, ""},
           {200, R"({"data":{"free_model_daily_requests":null}})"},
           {0, "no answer"},
           {200, R"({"data":{"free_model_daily_requests":{"used":-1,"limit":"x"}}})"},
           {200, R"({"free_model_daily_requests":{)"}}) {
    Asking asking;
    asking.answer(status, body);
    EXPECT_NE(asking.worker->status().find(R"("source":"configured")"), std::string::npos) << body;
    EXPECT_EQ(asking.send(ok).sent, Sent{0}) << body;
  }
}

TEST(FreeFirstKey, O4_reads_the_three_figures) {
  const key_told told = key_read(
      SPW_STR("{ \"data\" : {\"free_model_daily_requests\" :\n {\"used\" : 7, \"limit\":50,\"remaining\": 43 } } }"));
  EXPECT_EQ(told.used, 7);
  EXPECT_EQ(told.limit, 50);
  EXPECT_EQ(told.remaining, 43);
  EXPECT_EQ(key_read(SPW_STR("{\"free_model_daily_requests\":{\"used\":60,\"limit\":50}}")).remaining, 0);
}

}  // namespace
}  // namespace spillway
