#include "catalog/eligible.h"

#include <algorithm>

#include "support/catalog_fixtures.h"

namespace spillway {
namespace {

TEST(Free, P2_the_five_readings_of_the_fixture) {
  const Catalog catalog = fixture_catalog();
  const JsonValue& wanted = expected()["seed000"]["free_class"];
  ASSERT_FALSE(wanted.items.empty());
  for (const JsonValue& due : wanted.items) {
    const auto model = std::find_if(catalog.models.begin(), catalog.models.end(),
                                    [&](const CatalogModel& one) { return one.id == due["id"].string(); });
    ASSERT_NE(model, catalog.models.end());
    EXPECT_EQ(is_free(*model, FreeRule::stated), due["000_doc"].boolean(false)) << model->id;
    EXPECT_EQ(is_free(*model, FreeRule::home_ops), due["000_code"].boolean(false)) << model->id;
    EXPECT_EQ(is_free(*model, FreeRule::surfsense), due["001"].boolean(false)) << model->id;
    EXPECT_EQ(is_free(*model, FreeRule::llmrouter), due["002"].boolean(false)) << model->id;
    EXPECT_EQ(is_free(*model, FreeRule::project), due["project"].boolean(false)) << model->id;
  }
}

CatalogModel priced(const char* id, const char* pricing) {
  const Result<Catalog> catalog = read_catalog(R"([{"id":")" + std::string(id) + R"(","pricing":)" + pricing + "}]");
  EXPECT_TRUE(catalog);
  return catalog->models.at(0);
}

TEST(Free, D1_the_project_never_calls_free_what_may_cost) {
  const auto free = [](const char* id, const char* pricing) { return is_free(priced(id, pricing), FreeRule::project); };
  EXPECT_TRUE(free("a/b", R"({"prompt":"0","completion":"0"})"));
  EXPECT_TRUE(free("a/b", R"({"prompt":0,"completion":"0.000","request":"0","image":"0.01"})"));
  EXPECT_FALSE(free("a/b", R"({"prompt":"0"})"));
  EXPECT_FALSE(free("a/b", R"({"prompt":"0","completion":"abc"})"));
  EXPECT_FALSE(free("a/b", R"({"prompt":"0","completion":"0","request":"0.002"})"));
  EXPECT_FALSE(free("a/b", R"({"prompt":"0","completion":"0","request":"abc"})"));
  EXPECT_FALSE(free("a/b", R"({"prompt":"-1","completion":"-1"})"));
  EXPECT_FALSE(free("a/b", "null"));
  EXPECT_FALSE(free("a/b", "{}"));
  EXPECT_FALSE(free("a/b", R"({"prompt":"1e-400","completion":"0"})"));
  EXPECT_TRUE(free("a/b:free", "null"));
  EXPECT_TRUE(free("a/b:free", R"({"prompt":"-1"})"));
  EXPECT_FALSE(free("a/b:free", R"({"prompt":"0.1"})"));
}

TEST(Blocklist, P4_lines_are_trimmed_and_compared_without_the_free_suffix) {
  const std::string text = "# tool calls break\n\n  OpenAI/gpt-oss-20b \r\nx/y:FREE\n#z/z\nlast/line";
  EXPECT_EQ(read_blocklist(text), (std::set<std::string>{"last/line", "openai/gpt-oss-20b", "x/y"}));
  EXPECT_EQ(read_blocklist(text, true), (std::set<std::string>{"last/line", "openai/gpt-oss-20b", "x/y:free"}));
}

TEST(Eligible, P20_a_model_that_expires_today_still_counts) {
  CatalogModel model;
  model.id = "a/b:free";
  model.context = 16'384;
  model.parameters = {"tools"};
  model.outputs = {"text"};
  Eligibility rules;
  rules.today = "2026-11-21";
  for (const char* date : {"2026-11-21", "2027-01-01", "", "soon", "21.11.2025"}) {
    model.expires = date;
    EXPECT_TRUE(unfit(model, rules).empty()) << date;
  }
  model.expires = "2026-11-20";
  EXPECT_EQ(unfit(model, rules), std::vector{Unfit::expired});
}

TEST(Eligible, P21_of_one_name_the_free_one_wins_and_else_the_first) {
  const std::string free = R"(","pricing":{"prompt":"0","completion":"0"}})";
  std::string text;
  for (const char* id : {"a/b", "a/b:free", "A/B", "a/b:free", "c/d", "c/d"}) {
    text += (text.empty() ? "[{\"id\":\"" : ",{\"id\":\"") + std::string(id) + free;
  }
  const Result<Catalog> catalog = read_catalog(text + "]");
  ASSERT_TRUE(catalog);
  Eligibility rules;
  rules.tools = rules.text = false;
  rules.context_min = 0;
  const Sieved sieved = sieve(*catalog, rules);
  EXPECT_EQ(sieved.fit, (std::vector<const CatalogModel*>{&catalog->models[1], &catalog->models[4]}));
  EXPECT_EQ(sieved.others.size(), 4u);
}

}  // namespace
}  // namespace spillway
