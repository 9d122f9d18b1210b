// Rounds of asking about health: expected.json seed001.enrich_E1 to E3, and the edges of Q-6.
#include "catalog/health_pass.h"

#include "support/catalog_fixtures.h"

namespace spillway {
namespace {

const std::int64_t kNow = 1'795'219'200;  // cases.json: fixture_now

// Everybody answers what seed001.health_plan says, else `healthy`; those in `failing` do not answer.
std::vector<HealthAnswer> answers_of(const std::vector<Rated>& rated, const JsonValue& failing) {
  const JsonValue& plan = expected()["seed001"]["health_plan"];
  std::set<std::string_view> silent;
  for (const JsonValue& model : failing.items) silent.insert(model.string());
  std::vector<HealthAnswer> answers;
  for (const std::size_t i : whom_to_ask(rated)) {
    const std::string& id = rated[i].model->id;
    const std::string file(plan.has(id) ? plan[id].string() : "healthy");
    const Result<ModelHealth> read = read_health(fixture_text("endpoints-" + file + ".json"), HealthRule::compat);
    EXPECT_TRUE(read) << file;
    answers.push_back({id, silent.contains(id) ? std::nullopt : std::optional(*read)});
  }
  return answers;
}

void expect_entry(const Rated& one, const ModelHealth& health, const JsonValue& due) {
  SCOPED_TRACE(one.model->id);
  EXPECT_EQ(one.model->id, due["model"].string());
  EXPECT_EQ(one.points, due["static"].integer(-1));
  EXPECT_EQ(health.gated, due["gated"].boolean(!health.gated));
  ASSERT_EQ(health.score.has_value(), due["health"].is(JsonType::number));
  if (health.score) {
    EXPECT_NEAR(*health.score, due["health"].number(-1), 1e-9);
  }
  EXPECT_EQ(blend(one.points, health), due["quality"].integer(-1));
}

TEST(HealthPass, Q6_Q9_the_rounds_E1_to_E3) {
  const Catalog catalog = fixture_catalog();
  const std::vector<Rated> rated = rate(sieve(catalog, Eligibility::surfsense()).fit, FreeRule::surfsense, kNow);
  for (const char* name : {"enrich_E1_default_healthy", "enrich_E2_quarter_fails", "enrich_E3_two_fail"}) {
    SCOPED_TRACE(name);
    const JsonValue& due = expected()["seed001"][name];
    HealthMemory memory;
    const JsonValue& before = due["cache_before"];
    for (std::size_t i = 0; i < before.keys.size(); ++i) {
      memory.remember(before.keys[i], {before.items[i]["gated"].boolean(true), before.items[i]["score"].number(-1)});
    }
    const HealthRound round = memory.take(answers_of(rated, due["failing_models"]));
    EXPECT_EQ(round.asked, static_cast<std::size_t>(due["selected"].integer(-1)));
    EXPECT_EQ(round.failed, static_cast<std::size_t>(due["fails"].integer(-1)));
    EXPECT_DOUBLE_EQ(round.fail_ratio, due["fail_ratio"].number(-1));
    EXPECT_EQ(round.degraded, due["degraded"].boolean(!round.degraded));
    ASSERT_EQ(rated.size(), due["result"].items.size());
    for (std::size_t i = 0; i < rated.size(); ++i) {
      const auto known = round.known.find(rated[i].model->id);
      expect_entry(rated[i], known == round.known.end() ? ModelHealth() : known->second, due["result"].at(i));
    }
  }
}

TEST(HealthPass, Q6_a_quarter_of_failures_is_degraded) {
  for (const JsonValue& edge : expected()["seed001"]["fail_ratio_edges"].items) {
    const auto fails = static_cast<std::size_t>(edge["fails"].integer(-1)),
               of = static_cast<std::size_t>(edge["of"].integer(-1));
    EXPECT_EQ(is_degraded(fails, of), edge["degraded"].boolean(false)) << fails << "/" << of;
  }
  EXPECT_FALSE(is_degraded(0, 0));
}

TEST(HealthPass, Q6_the_best_fifty_premium_and_thirty_free_are_asked) {
  std::vector<Rated> rated(100);
  for (std::size_t i = 0; i < rated.size(); ++i) {
    rated[i].free = i % 2 == 1;
    rated[i].points = i < 98 ? 10 : 90;
  }
  rated.resize(rated.size() + 20, rated[0]);
  const std::vector<std::size_t> asked = whom_to_ask(rated);
  ASSERT_EQ(asked.size(), kPremiumAsked + kFreeAsked);
  EXPECT_EQ(asked[0], 98u);
  EXPECT_EQ(asked[1], 0u) << "equal ones in the catalogue's order";
  EXPECT_EQ(asked[50], 99u);
  EXPECT_EQ(asked[51], 1u);
}

TEST(HealthPass, Q6_a_degraded_round_teaches_nothing_and_a_failure_keeps_the_last_good) {
  HealthMemory memory;
  const ModelHealth good{false, 95.0}, better{false, 99.0};
  EXPECT_FALSE(memory.take({{"a", good}, {"b", good}, {"c", good}, {"d", good}, {"e", good}}).degraded);
  const HealthRound bad = memory.take({{"a", better}, {"b", std::nullopt}, {"c", better}, {"d", better}});
  EXPECT_TRUE(bad.degraded);
  EXPECT_EQ(bad.known.at("a").score, 95.0);
  const HealthRound fine = memory.take({{"a", better}, {"b", std::nullopt}, {"c", better}, {"d", better}, {"e", good}});
  EXPECT_FALSE(fine.degraded);
  EXPECT_EQ(fine.known.at("a").score, 99.0);
  EXPECT_EQ(fine.known.at("b").score, 95.0);
}

TEST(HealthPass, what_left_the_catalogue_is_forgotten) {
  CatalogModel model;
  model.id = "a";
  HealthMemory memory;
  memory.remember("a", {});
  memory.remember("gone", {});
  Rated rated;
  rated.model = &model;
  memory.keep_only({rated});
  EXPECT_EQ(memory.last_good().size(), 1u);
  EXPECT_TRUE(memory.last_good().contains("a"));
}

}  // namespace
}  // namespace spillway
