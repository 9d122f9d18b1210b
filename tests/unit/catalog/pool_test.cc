// Pools, scores and eligibility against what an independent reading of the same rules computed: expected.json seed000,
// in its three variants (the text of seed 000, the program it describes, and this project).
#include "catalog/pool.h"

#include <cmath>
#include <map>
#include <set>

#include "catalog/eligible.h"
#include "support/catalog_fixtures.h"

namespace spillway {
namespace {

struct Variant {
  const char* name;
  Eligibility rules;
  ScoreTable table;
};

std::vector<Variant> variants() {
  Variant doc{"doc", Eligibility::stated(), ScoreTable::seed()};
  Variant code{"code", Eligibility::home_ops(), ScoreTable::home_ops()};
  Variant project{"project", Eligibility::project(), ScoreTable::seed()};
  const std::string blocklist = fixture_text("blocklist.txt");
  doc.rules.blocked = project.rules.blocked = read_blocklist(blocklist);
  code.rules.blocked = read_blocklist(blocklist, true);
  project.rules.today = "2026-11-21";  // cases.json: fixture_now
  return {doc, code, project};
}

double rounded(double points) { return std::round(points * 1e6) / 1e6; }

void expect_scores(const std::vector<Scored>& scored, const JsonValue& wanted) {
  ASSERT_EQ(scored.size(), wanted.items.size());
  for (std::size_t i = 0; i < scored.size(); ++i) {
    EXPECT_EQ(scored[i].model->id, wanted.at(i)["id"].string());
    EXPECT_DOUBLE_EQ(rounded(scored[i].points), wanted.at(i)["score"].number(-1)) << scored[i].model->id;
  }
}

std::multiset<std::string> reasons(const std::vector<Unfit>& why) {
  std::multiset<std::string> names;
  for (const Unfit one : why) names.emplace(to_string(one));
  return names;
}

void expect_rejected(const Sieved& sieved, const JsonValue& wanted, std::size_t malformed) {
  std::map<std::string, std::multiset<std::string>> got, due;
  std::set<std::string> kept;
  for (const CatalogModel* model : sieved.fit) kept.insert(model->id);
  for (const auto& [model, why] : sieved.others) {
    got[model->id + (kept.contains(model->id) ? " (again)" : "")] = reasons(why);
  }
  for (std::size_t i = 0; i < malformed; ++i) got["(malformed entries)"].insert("malformed");
  for (std::size_t i = 0; i < wanted.keys.size(); ++i) {
    for (const JsonValue& why : wanted.items[i].items) due[wanted.keys[i]].emplace(why.string());
  }
  EXPECT_EQ(got, due);
}

TEST(ModelPool, every_candidate_score_and_rejection_of_the_three_variants) {
  const Catalog catalog = fixture_catalog();
  for (const Variant& variant : variants()) {
    SCOPED_TRACE(variant.name);
    const JsonValue& wanted = expected()["seed000"][variant.name];
    const Sieved sieved = sieve(catalog, variant.rules);
    expect_scores(ranked(sieved.fit, variant.table), wanted["candidates"]);
    expect_rejected(sieved, wanted["rejected"], 0);
    std::vector<std::string> blocked(variant.rules.blocked.begin(), variant.rules.blocked.end()), due;
    for (const JsonValue& id : wanted["blocklist"].items) due.emplace_back(id.string());
    EXPECT_EQ(blocked, due);
  }
}

TEST(ModelPool, P22_the_malformed_catalogue_gives_three_candidates) {
  const Catalog catalog = fixture_catalog("models-malformed.json");
  Eligibility rules = Eligibility::project();
  rules.today = "2026-11-21";
  const Sieved sieved = sieve(catalog, rules);
  const JsonValue& wanted = expected()["seed000"]["malformed_catalogue"];
  expect_scores(ranked(sieved.fit, ScoreTable::seed()), wanted["candidates"]);
  expect_rejected(sieved, wanted["rejected"], catalog.malformed);
}

std::vector<std::string> strings_of(const JsonValue& list) {
  std::vector<std::string> all;
  for (const JsonValue& one : list.items) all.emplace_back(one.string());
  return all;
}

void expect_pool(const ModelPool& pool, const JsonValue& wanted) {
  ASSERT_EQ(pool.members.size(), wanted["pool"].items.size());
  for (std::size_t i = 0; i < pool.members.size(); ++i) {
    const JsonValue& due = wanted["pool"].at(i);
    EXPECT_EQ(pool.members[i].model->id, due["id"].string());
    EXPECT_EQ(pool.members[i].rank, due["rank"].integer(-1));
    EXPECT_EQ(pool.members[i].weight, due["weight"].integer(-1));
    EXPECT_DOUBLE_EQ(rounded(pool.members[i].points), due["score"].number(-1));
  }
  EXPECT_EQ(pool.added, strings_of(wanted["added"]));
  EXPECT_EQ(pool.removed, strings_of(wanted["removed"]));
}

TEST(ModelPool, P10_the_pools_S0_to_S7_of_the_three_variants) {
  const Catalog catalog = fixture_catalog();
  for (const Variant& variant : variants()) {
    const std::vector<Scored> all = ranked(sieve(catalog, variant.rules).fit, variant.table);
    const JsonValue& scenarios = expected()["seed000"][variant.name]["scenarios"];
    ASSERT_EQ(scenarios.keys.size(), 8u);
    for (std::size_t i = 0; i < scenarios.keys.size(); ++i) {
      SCOPED_TRACE(std::string(variant.name) + " " + scenarios.keys[i]);
      const JsonValue& wanted = scenarios.items[i];
      std::vector<Scored> candidates = all;
      if (wanted.has("only_first_candidates")) {
        candidates.resize(static_cast<std::size_t>(wanted["only_first_candidates"].integer(0)));
      }
      PoolRules rules;
      rules.size = static_cast<std::size_t>(wanted["size"].integer(0));
      expect_pool(select_pool(candidates, strings_of(wanted["previous"]), rules), wanted);
    }
  }
}

TEST(ModelPool, P10_how_many_stay_by_the_size_of_the_pool) {
  const JsonValue& wanted = expected()["seed000"]["keep_by_pool_size"];
  for (std::size_t i = 0; i < wanted.keys.size(); ++i) {
    // Twice as many candidates as places; the last pool was the worse half, so those who stay are those who are kept.
    const auto size = static_cast<std::size_t>(std::stoul(wanted.keys[i]));
    std::vector<CatalogModel> models(size * 2);
    std::vector<Scored> candidates;
    std::vector<std::string> previous;
    for (std::size_t n = 0; n < models.size(); ++n) {
      models[n].id = "m/" + std::to_string(n);
      candidates.push_back({&models[n], static_cast<double>(models.size() - n)});
      if (n >= size) previous.push_back(models[n].id);
    }
    PoolRules rules;
    rules.size = size;
    const ModelPool pool = select_pool(candidates, previous, rules);
    EXPECT_EQ(size - pool.added.size(), static_cast<std::size_t>(wanted.items[i].integer(-1))) << size;
  }
}

TEST(ModelPool, D3_a_newcomer_must_lead_by_the_margin) {
  std::vector<CatalogModel> models(3);
  models[0].id = "new/one";
  models[1].id = "old/one";
  models[2].id = "old/two";
  const std::vector<Scored> candidates = {{&models[0], 104}, {&models[1], 103}, {&models[2], 100}};
  PoolRules rules;
  rules.size = 2;
  EXPECT_EQ(select_pool(candidates, {"old/one", "old/two"}, rules).added, std::vector<std::string>{"new/one"});
  rules.replace_margin = 5;
  EXPECT_TRUE(select_pool(candidates, {"old/one", "old/two"}, rules).added.empty());
}

TEST(ModelPool, P12_weights_by_rank) {
  std::vector<int> weights;
  for (int rank = 1; rank <= 12; ++rank) weights.push_back(weight_of_rank(rank));
  EXPECT_EQ(weights, (std::vector<int>{6, 6, 3, 3, 3, 1, 1, 1, 1, 1, 1, 1}));
}

}  // namespace
}  // namespace spillway
