// Seed 001's catalogue: every row and every rejection of expected.json.
#include "catalog/quality.h"

#include "support/catalog_fixtures.h"

namespace spillway {
namespace {

const std::int64_t kQualityNow = 1'795'219'200;  // cases.json: fixture_now

TEST(Rated, Q1_every_rejection_of_seed_001) {
  const Catalog catalog = fixture_catalog();
  const Sieved sieved = sieve(catalog, Eligibility::surfsense());
  const JsonValue& wanted = expected()["seed001"]["rejected"];
  std::map<std::string, std::multiset<std::string>> got, due;
  for (const auto& [model, why] : sieved.others) {
    for (const Unfit one : why) got[model->id].emplace(to_string(one));
  }
  for (std::size_t i = 0; i < wanted.keys.size(); ++i) {
    for (const JsonValue& why : wanted.items[i].items) due[wanted.keys[i]].emplace(why.string());
  }
  ASSERT_FALSE(due.empty());
  EXPECT_EQ(got, due);
}

void expect_row(const Rated& one, const JsonValue& due) {
  SCOPED_TRACE(one.model->id);
  EXPECT_EQ(one.model->id, due["model"].string());
  EXPECT_EQ(one.id, due["id"].integer(0));
  EXPECT_EQ(one.tier().name, due["tier"].string());
  EXPECT_EQ(one.parts.prestige, due["parts"]["prestige"].integer(-1));
  EXPECT_EQ(one.parts.recency, due["parts"]["recency"].integer(-1));
  EXPECT_EQ(one.parts.price, due["parts"]["price"].integer(-1));
  EXPECT_EQ(one.parts.context, due["parts"]["context"].integer(-1));
  EXPECT_EQ(one.parts.capabilities, due["parts"]["capabilities"].integer(-1));
  EXPECT_EQ(one.parts.slug, due["parts"]["slug"].integer(-1));
  EXPECT_EQ(one.points, due["static"].integer(-1));
  EXPECT_EQ(one.tier().rpm, due["rpm"].integer(-1));
  EXPECT_EQ(one.tier().tpm, due["tpm"].integer(-1));
  EXPECT_EQ(one.tier().pool_eligible, due["router_pool_eligible"].boolean(!one.tier().pool_eligible));
  EXPECT_EQ(std::string(1, one.tier().pin_tier), due["auto_pin_tier"].string());
}

TEST(Rated, Q2_Q3_Q5_every_row_of_the_catalogue) {
  const Catalog catalog = fixture_catalog();
  const std::vector<Rated> rows = rate(sieve(catalog, Eligibility::surfsense()).fit, FreeRule::surfsense, kQualityNow);
  const JsonValue& wanted = expected()["seed001"]["catalogue"];
  ASSERT_EQ(rows.size(), wanted.items.size());
  for (std::size_t i = 0; i < rows.size(); ++i) expect_row(rows[i], wanted.at(i));
}

TEST(Rated, Q9_Q10_order_by_quality_without_those_that_are_gated) {
  const Catalog catalog = fixture_catalog();
  const std::vector<const CatalogModel*> fit = sieve(catalog, Eligibility::surfsense()).fit;
  const JsonValue& round = expected()["seed001"]["enrich_E1_default_healthy"]["result"];
  std::map<std::string, ModelHealth> known;
  std::map<std::string, std::int64_t> due;
  for (const JsonValue& row : round.items) {
    ModelHealth health{row["gated"].boolean(false), std::nullopt};
    if (row["health"].is(JsonType::number)) health.score = row["health"].number(-1);
    known[std::string(row["model"].string())] = health;
    if (!health.gated) due[std::string(row["model"].string())] = row["quality"].integer(-1);
  }
  const std::vector<Scored> ranked = ranked_by_quality(fit, kQualityNow, known);
  ASSERT_EQ(ranked.size(), due.size());
  for (std::size_t i = 0; i < ranked.size(); ++i) {
    EXPECT_EQ(static_cast<std::int64_t>(ranked[i].points), due.at(ranked[i].model->id));
    if (i > 0) {
      EXPECT_TRUE(ranks_before(ranked[i - 1], ranked[i]));
    }
  }
  EXPECT_EQ(ranked_by_quality(fit, kQualityNow, {}).size(), fit.size());
}

TEST(Eligible, C32_authors_ids_and_ends_are_the_operators_choice) {
  CatalogModel model;
  Eligibility rules;
  rules.free = FreeRule::any;
  rules.tools = rules.text = false;
  rules.context_min = 0;
  rules.authors_out = {"amazon"};
  rules.ids_out = {"a/b:beta"};
  rules.ends_out = {":batch", "-research"};
  const auto why = [&](const char* id) {
    model.id = id;
    return unfit(model, rules);
  };
  EXPECT_EQ(why("amazon/nova"), std::vector{Unfit::provider});
  EXPECT_TRUE(why("Amazon/nova").empty()) << "as the catalogue spells it";
  EXPECT_EQ(why("a/b:beta"), std::vector{Unfit::excluded});
  EXPECT_TRUE(why("a/b").empty());
  EXPECT_EQ(why("a/c:batch"), std::vector{Unfit::excluded});
  EXPECT_EQ(why("a/deep-research:online"), std::vector{Unfit::excluded});
  EXPECT_TRUE(why("a/research-deep").empty());
}

}  // namespace
}  // namespace spillway
