// The simulation's own parts: the bound on cases small enough to be done by hand, LiteLLM's rules against the oracle's
// table (tests/fixtures/catalog/expected.json), and runs whose outcome is known.
#include <gtest/gtest.h>

#include "bound.h"
#include "litellm.h"
#include "litellm_router.h"
#include "simulate.h"
#include "spillway.h"
#include "support/catalog_fixtures.h"

namespace spillway::simulation {
namespace {

// So many free targets on quotas of their own, with nothing ever wrong, then a paid one.
World world_of(std::vector<Quota> quotas, const std::vector<Ms>& arrivals) {
  World world;
  world.quotas = std::move(quotas);
  for (std::size_t i = 0; i < world.quotas.size(); ++i) {
    Target one;
    one.provider = world.quotas[i].name.substr(0, world.quotas[i].name.find('/'));
    one.model = one.provider == "openrouter" ? "a/m:free" : world.quotas[i].name.substr(7);
    one.tier = static_cast<int>(i);
    one.quota = static_cast<int>(i);
    world.targets.push_back(one);
  }
  Target paid;
  paid.provider = "openai";
  paid.model = "paid";
  paid.tier = static_cast<int>(world.quotas.size());
  world.targets.push_back(paid);
  for (const Ms at : arrivals) world.arrivals.push_back({at, 1000, 100});
  return world;
}

std::vector<Ms> every(Ms gap, int n, Ms from = 0) {
  std::vector<Ms> list;
  for (int i = 0; i < n; ++i) list.push_back(from + gap * i);
  return list;
}

TEST(Bound, a_days_quota_is_all_there_is_until_midnight) {
  EXPECT_EQ(most_free(world_of({{"openrouter", 20, 50}}, every(5 * kMinute, 60)), 1), 50u);
  const Ms evening = 17 * kHour + 50 * kMinute;  // ten minutes before midnight: 3 then, 3 after, of 2 a day
  EXPECT_EQ(most_free(world_of({{"openrouter", 20, 2}}, every(4 * kMinute, 6, evening)), 1), 4u);
}

TEST(Bound, a_minute_has_its_quota_and_patience_reaches_the_next) {
  const World world = world_of({{"openrouter", 3, 50}}, every(kSecond, 10));
  EXPECT_EQ(most_free(world, 1), 3u);
  EXPECT_EQ(most_free(world, 61 * kSecond), 6u);
  EXPECT_EQ(most_free(world, kPatience), 9u) << "a third minute, for all but the first";
}

TEST(Bound, quotas_add_up_but_each_request_is_answered_once) {
  EXPECT_EQ(most_free(world_of({{"openrouter", 20, 3}, {"gemini/x", 10, 4}}, every(kMinute, 20)), 1), 7u);
  EXPECT_EQ(most_free(world_of({{"openrouter", 20, 30}, {"gemini/x", 10, 40}}, every(kMinute, 20)), 1), 20u);
}

// The first hour only the second quota answers, so the bound keeps the second for then: 5 + 5, where who takes the
// second first when both are up has less.
TEST(Bound, it_knows_who_will_be_down) {
  World world = world_of({{"openrouter", 20, 5}, {"gemini/x", 10, 5}}, every(10 * kMinute, 12));
  world.targets[0].troubles = {{kHour, kDay, Kind::outage}};
  EXPECT_EQ(most_free(world, 1), 10u);
  world.targets[1].troubles = {{0, 100 * kMinute, Kind::busy}};
  EXPECT_EQ(most_free(world, 1), 7u) << "five of the first hour's six, two behind the hundredth minute";
}

TEST(Bound, dice_cost_quota_but_only_where_failed_calls_count) {
  World world = world_of({{"openrouter", 20, 50}}, every(5 * kMinute, 60));
  world.targets[0].error_share = 0.1;
  EXPECT_EQ(most_free(world, 1, true), 45u);
  EXPECT_EQ(most_free(world, 1), 50u);
  world.settings.failed_calls_count = false;
  EXPECT_EQ(most_free(world, 1, true), 50u);
}

TEST(Bound, an_error_is_avoidable_if_anybody_is_up_while_the_client_waits) {
  World world = world_of({{"openrouter", 20, 50}}, {0});
  for (Target& target : world.targets) target.troubles = {{0, kPatience, Kind::hang}};
  EXPECT_FALSE(answerable(world, 0));
  world.targets[1].troubles[0].until -= 1;
  EXPECT_TRUE(answerable(world, 0));
}

std::vector<double> numbers(const JsonValue& list) {
  std::vector<double> out;
  for (const JsonValue& one : list.items) out.push_back(one.number(-1));
  return out;
}

TEST(Litellm, L2_picks_as_the_oracle_does) {
  const JsonValue& of = expected()["litellm"];
  std::vector<double> weights = numbers(of["weights"]);
  ASSERT_EQ(weights.size(), 10u);
  for (const JsonValue& row : of["pick"].items) {
    EXPECT_EQ(litellm::pick(weights, row["u"].number(-1)), row["index"].integer(-1)) << row["u"].number(-1);
  }
  weights.erase(weights.begin(), weights.begin() + 2);
  for (const JsonValue& row : of["pick_first_two_cooling"].items) {
    EXPECT_EQ(litellm::pick(weights, row["u"].number(-1)), row["index_in_remaining"].integer(-1));
  }
  for (const JsonValue& row : of["pick_all_zero"].items) {
    EXPECT_EQ(litellm::pick(std::vector<double>(4, 0.0), row["u"].number(-1)), row["index"].integer(-1));
  }
}

TEST(Litellm, L4_L5_cools_as_the_oracle_does) {
  const JsonValue& rows = expected()["litellm"]["cooldown_default"];
  ASSERT_GT(rows.items.size(), 10u);
  for (const JsonValue& row : rows.items) {
    const auto count = [&](const char* name) { return static_cast<std::size_t>(row[name].integer(0)); };
    EXPECT_EQ(litellm::cools_by_default(static_cast<int>(count("status")), row["text"].string(), count("group_size"),
                                        count("ok"), count("bad")),
              row["cooldown"].boolean(false))
        << count("status") << " " << count("group_size") << " " << count("ok") << "/" << count("bad");
  }
}

TEST(Litellm, L6_counts_as_the_oracle_does) {
  const JsonValue& rows = expected()["litellm"]["cooldown_counted"];
  ASSERT_GT(rows.items.size(), 5u);
  for (const JsonValue& row : rows.items) {
    const auto count = [&](const char* name) { return static_cast<std::size_t>(row[name].integer(0)); };
    EXPECT_EQ(litellm::cools_counted(static_cast<int>(count("status")), {}, count("earlier"), count("allowed")),
              row["cooldown"].boolean(false))
        << count("status") << " " << count("earlier");
  }
}

TEST(Litellm, L7_asks_the_group_again_as_the_oracle_does) {
  const JsonValue& rows = expected()["litellm"]["retry"];
  ASSERT_GT(rows.items.size(), 10u);
  for (const JsonValue& row : rows.items) {
    litellm::Failed failed;
    failed.status = static_cast<int>(row["status"].integer(0));
    if (row["kind"].string() == "context_window") failed.kind = litellm::Kind::context_window;
    failed.healthy = static_cast<std::size_t>(row["healthy"].integer(0));
    failed.all = static_cast<std::size_t>(row["all"].integer(0));
    failed.context_fallbacks = row["cw"].boolean(false);
    failed.content_fallbacks = row["cp"].boolean(false);
    EXPECT_EQ(litellm::retries(failed), row["retry"].boolean(false)) << failed.status << " " << row["kind"].string();
  }
}

TEST(Litellm, L8_waits_as_the_oracle_does) {
  const JsonValue& of = expected()["litellm"];
  ASSERT_GT(of["sleep_no_jitter"].items.size() + of["sleep_cap"].items.size(), 8u);
  for (const char* name : {"sleep_no_jitter", "sleep_cap"}) {
    for (const JsonValue& row : of[name].items) {
      const std::size_t healthy = static_cast<std::size_t>(row["healthy"].integer(1));
      const std::size_t all = static_cast<std::size_t>(row["all"].integer(1));
      EXPECT_DOUBLE_EQ(
          litellm::wait_s(static_cast<int>(row["retries"].integer(0)), static_cast<int>(row["left"].integer(0)),
                          healthy, all, row["retry_after"].number(-1)),
          row["seconds"].number(-1));
    }
  }
}

template <typename R, typename... S>
Tally run(const World& world, S... settings) {
  Simulation simulation;
  return R(world, simulation, settings...).run();
}

TEST(Simulation, T3_free_first_serves_the_quota_to_its_last_request_without_a_call_more) {
  const World world = world_of({{"openrouter", 20, 50}}, every(5 * kMinute, 70));
  const Tally tally = run<Spillway>(world, SpillwaySettings{});
  EXPECT_EQ(tally.free, 50u);
  EXPECT_EQ(tally.paid, 20u);
  EXPECT_EQ(tally.attempts, 70u);
  EXPECT_EQ(tally.errors, 0u);
}

TEST(Simulation, the_key_tells_that_there_is_more) {  // O-4: 1000 a day, where the config assumes 50
  const Tally tally = run<Spillway>(world_of({{"openrouter", 20, 1000}}, every(4 * kMinute, 200)), SpillwaySettings{});
  EXPECT_EQ(tally.free, 200u);
}

TEST(Simulation, a_turn_of_the_minute_is_waited_for_when_asked_to) {
  const World world = world_of({{"gemini/x", 3, 50}}, every(18 * kSecond, 4));
  EXPECT_EQ(run<Spillway>(world, SpillwaySettings{}).free, 3u);
  Tally waited = run<Spillway>(world, SpillwaySettings{false, 10 * kSecond});
  EXPECT_EQ(waited.free, 4u);
  EXPECT_EQ(waited.paid, 0u);
  EXPECT_NEAR(static_cast<double>(waited.wait(1)), 6000, 10);
}

TEST(Simulation, naive_order_asks_what_is_spent_again_and_again) {
  const Tally tally = run<Naive>(world_of({{"openrouter", 20, 50}}, every(5 * kMinute, 70)));
  EXPECT_EQ(tally.free, 50u);
  EXPECT_EQ(tally.attempts, 90u);
}

// L-5, L-7, L-10: a 429 cools nobody who is alone, and is asked again twice: 0.5 s and 1 s and their jitter later.
TEST(Simulation, litellm_falls_back_when_its_retries_are_over) {
  World world = world_of({{"openrouter", 20, 50}}, {0});
  world.targets[0].troubles = {{0, kHour, Kind::outage}};
  Tally tally = run<Litellm>(world, LitellmSettings{});
  EXPECT_EQ(tally.paid, 1u);
  EXPECT_EQ(tally.attempts, 4u);
  EXPECT_GE(tally.wait(1), 1500);
  EXPECT_LE(tally.wait(1), 1500 + 2 * 750 + 3 * 1000);
}

TEST(Simulation, a_day_is_the_same_each_time_and_never_better_than_the_bound) {
  const World world = make_world({15, 1, true});
  Tally one = run<Spillway>(world, SpillwaySettings{}), other = run<Spillway>(world, SpillwaySettings{});
  EXPECT_EQ(one.free, other.free);
  EXPECT_EQ(one.attempts, other.attempts);
  EXPECT_EQ(one.usd, other.usd);
  EXPECT_EQ(one.wait(0.99), other.wait(0.99));
  EXPECT_EQ(one.requests, world.arrivals.size());
  for (const Tally& tally : {one, run<Litellm>(world, LitellmSettings{}), run<Naive>(world)}) {
    EXPECT_LE(tally.free, most_free(world, kPatience));
  }
}

TEST(Simulation, more_trouble_is_other_trouble_but_the_same_traffic) {
  const World calm = make_world({3, 0.5, true}), wild = make_world({3, 4, true});
  ASSERT_EQ(calm.arrivals.size(), wild.arrivals.size());
  EXPECT_EQ(calm.arrivals.back().at, wild.arrivals.back().at);
  EXPECT_LT(calm.targets[0].troubles.size(), wild.targets[0].troubles.size());
}

}  // namespace
}  // namespace spillway::simulation
