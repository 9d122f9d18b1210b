#include "catalog/score.h"

#include <gtest/gtest.h>

#include <cmath>

namespace spillway {
namespace {

double points(const char* id, std::int64_t context, const ScoreTable& table) {
  CatalogModel model;
  model.id = id;
  model.context = context;
  return score(model, table);
}

TEST(Score, P7_the_worked_examples) {
  const ScoreTable table = ScoreTable::seed();
  EXPECT_EQ(points("qwen/qwen3-coder:free", 262'144, table), 210);
  EXPECT_EQ(points("google/gemini-2.0-flash-exp:free", 1'048'576, table), 205);
  EXPECT_NEAR(points("nvidia/nemotron-3-super-120b-a12b:free", 1'000'000, table), 199.315686, 5e-7);
  EXPECT_NEAR(points("agentica-org/deepcoder-14b-preview:free", 96'000, table), 195.507468, 5e-7);
  EXPECT_EQ(points("qwen/unknown", 0, table), 10);
}

TEST(Score, P8_the_traps_of_substrings_and_sizes) {
  const ScoreTable table = ScoreTable::home_ops();
  EXPECT_EQ(points("google/gemini-2.0-flash-exp:free", 1'048'576, table), 210);  // ge-mini
  EXPECT_EQ(points("microsoft/x", 1, table), 15 - 15);                           // micro
  EXPECT_EQ(points("minimax/x", 1, table), -15);
  EXPECT_EQ(points("agentica-org/x", 1, table), 15);
  EXPECT_EQ(points("a/x-7b", 1, table), -20);
  EXPECT_EQ(points("a/7b", 1, table), -20);
  EXPECT_EQ(points("a/x-1.2b", 1, table), 0);
  EXPECT_EQ(points("a/x-120b-a12b", 1, table), 0);
  EXPECT_EQ(points("a/8x7b", 1, table), 0);
  EXPECT_EQ(points("a/x-20b-7b", 1, table), 0);  // the first one counts
  EXPECT_EQ(points("a/x-99999999999999999999999b", 1, table), 0);
}

TEST(Score, P9_equal_points_rank_by_the_bytes_of_the_id) {
  CatalogModel one, other, worse;
  one.id = "b/x";
  other.id = "B/x";
  worse.id = "a/x-preview";
  one.context = other.context = worse.context = 131'072;
  const std::vector<Scored> order = ranked({&one, &worse, &other}, ScoreTable::seed());
  EXPECT_EQ(order[0].model, &other);
  EXPECT_EQ(order[1].model, &one);
  EXPECT_EQ(order[2].model, &worse);
}

}  // namespace
}  // namespace spillway
