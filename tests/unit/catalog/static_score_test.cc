#include "catalog/static_score.h"

#include "support/catalog_fixtures.h"

namespace spillway {
namespace {

const std::int64_t kScoreNow = 1'795'219'200;  // cases.json: fixture_now

TEST(StaticScore, Q5_recency_by_days) {
  const JsonValue& wanted = expected()["seed001"]["recency_edges"];
  ASSERT_FALSE(wanted.keys.empty());
  for (std::size_t i = 0; i < wanted.keys.size(); ++i) {
    const std::int64_t created = kScoreNow - std::stoll(wanted.keys[i]) * 86'400;
    EXPECT_EQ(recency_points(created, kScoreNow), wanted.items[i].integer(-1)) << wanted.keys[i];
  }
  EXPECT_EQ(recency_points(kScoreNow + 86'400, kScoreNow), 20) << "announced for tomorrow";
  EXPECT_EQ(recency_points(0, kScoreNow), 0);
  EXPECT_EQ(recency_points(-5, kScoreNow), 0);
}

TEST(StaticScore, Q5_price_edges) {
  const JsonValue& wanted = expected()["seed001"]["price_edges"];
  ASSERT_FALSE(wanted.items.empty());
  for (const JsonValue& edge : wanted.items) {
    const double usd = read_price(edge["prompt"]).usd + read_price(edge["completion"]).usd;
    EXPECT_EQ(price_points(usd), edge["points"].integer(-1)) << edge["prompt"].string();
  }
}

TEST(StaticScore, Q5_the_worked_examples) {
  const Catalog catalog = fixture_catalog();
  std::map<std::string, int> points;
  for (const CatalogModel& model : catalog.models) points[model.id] = static_parts(model, kScoreNow).total();
  EXPECT_EQ(points["google/gemini-3-flash"], 94);
  EXPECT_EQ(points["anthropic/claude-sonnet-4.5"], 86);
  EXPECT_EQ(points["qwen/qwen3-coder:free"], 55);
  EXPECT_EQ(points["openrouter/auto"], 30);
}

TEST(StaticScore, Q5_prestige_and_slug_ignore_case_and_count_once) {
  CatalogModel model;
  model.id = "OpenAI/GPT-7-Base-Preview:nitro";
  const StaticParts parts = static_parts(model, kScoreNow);
  EXPECT_EQ(parts.prestige, 50);
  EXPECT_EQ(parts.slug, -10);
  EXPECT_EQ(parts.total(), 40);
  model.id = "moonshotai/kimi-k2";
  EXPECT_EQ(static_parts(model, kScoreNow).prestige, 15) << "the table says moonshot, the author is moonshotai";
  model.id = "no-author";
  EXPECT_EQ(static_parts(model, kScoreNow).prestige, 0);
  model.id = "x/tiny-1b-chat";
  EXPECT_EQ(static_parts(model, kScoreNow).total(), 5);
}

TEST(StaticScore, the_sum_stays_between_0_and_100) {
  EXPECT_EQ((StaticParts{50, 20, 15, 10, 5, 0}).total(), 100);
  EXPECT_EQ((StaticParts{50, 20, 15, 10, 6, 0}).total(), 100);
  EXPECT_EQ((StaticParts{0, 0, 0, 0, 0, -10}).total(), 0);
}

TEST(StaticScore, Q5b_hand_written_targets_get_the_operators_trust) {
  EXPECT_EQ(score_by_hand({"OpenAI", "gpt-5-mini", 2.25e-6, 400'000}), 50 + 20 + 9 + 8);
  EXPECT_EQ(score_by_hand({"groq", "llama-3.1-8b-instant", 0, 131'072}), 30 + 20 + 4);
  EXPECT_EQ(score_by_hand({"mistral", "mistral-large", 0, 0}), 38 + 20);
  EXPECT_EQ(score_by_hand({"together", "x", 0, 0}), 28 + 20);
  EXPECT_EQ(score_by_hand({"openrouter", "google/gemma-3n-e2b", 0, 0}), 25 + 20 - 10);
  EXPECT_EQ(score_by_hand({"ollama", "qwen3", 0, 0}), 12 + 20);
  EXPECT_EQ(score_by_hand({"somebody", "x", 0, 0}), 15 + 20);
}

}  // namespace
}  // namespace spillway
