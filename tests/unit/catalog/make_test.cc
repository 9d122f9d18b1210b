// A pool as a config asks for it, over the fixture catalogue: the oracle's pool, and what a config changes of it.
#include "catalog/make.h"

#include <algorithm>

#include "support/catalog_fixtures.h"

namespace spillway {
namespace {

struct Made : testing::Test {
  Made() {
    config.name = "free";
    config.source = "openrouter";
  }
  MadePool make() {
    return make_pool(config, {catalog, kind, previous, again, "2026-11-21", blocklist, providers, &health});
  }
  std::string why_not(const MadePool& made, std::string_view id) {
    for (const auto& [one, why] : made.left_out) {
      if (one == id) return why;
    }
    return {};
  }
  Catalog catalog = fixture_catalog();
  CatalogKind kind = CatalogKind::openrouter;
  PoolConfig config;
  std::vector<std::string> previous, providers = {"openrouter"};
  bool again = false;
  std::map<std::string, ModelHealth> health;
  std::string blocklist = fixture_text("blocklist.txt");
};

TEST_F(Made, P23_the_defaults_give_the_projects_pool) {
  const JsonValue& due = expected()["seed000"]["project"]["scenarios"]["S0_no_previous"]["pool"];
  ASSERT_EQ(due.items.size(), 10u);
  const MadePool made = make();
  ASSERT_EQ(made.targets.size(), 10u);
  for (std::size_t i = 0; i < 10; ++i) {
    EXPECT_EQ(made.targets[i].model, due.at(i)["id"].string());
    EXPECT_EQ(made.targets[i].weight, due.at(i)["weight"].number(0));
    EXPECT_EQ(made.targets[i].provider, "openrouter");
    EXPECT_EQ(made.targets[i].free, 1);
  }
  EXPECT_EQ(made.targets[0].model, "qwen/qwen3-coder:free");
}

TEST_F(Made, Q9_Q10_the_quality_preset_ranks_by_score_and_health) {
  config.preset = "quality";
  config.size = 3;
  health["google/gemma-4-31b-it:free"] = {true, std::nullopt};                // 72 points, but nobody answers
  health["google/gemini-2.0-flash-exp:free"] = {false, 90.4};                 // (68 + 90.4) / 2
  health["nvidia/nemotron-3-super-120b-a12b:free"] = {false, 100.0};          // (65 + 100) / 2, half to even
  health["agentica-org/deepcoder-14b-preview:free"] = {false, std::nullopt};  // nobody has measured it
  const MadePool made = make();
  ASSERT_EQ(made.ids, (std::vector<std::string>{"nvidia/nemotron-3-super-120b-a12b:free",
                                                "google/gemini-2.0-flash-exp:free", made.ids.at(2)}));
  EXPECT_EQ(made.targets[0].quality, 82);
  EXPECT_EQ(made.targets[0].health, 100);
  EXPECT_EQ(made.targets[1].quality, 79);
  EXPECT_EQ(made.targets[1].health, 90);
  EXPECT_EQ(made.targets[2].health, -1);
  EXPECT_EQ(why_not(made, "google/gemma-4-31b-it:free"), "gated by its health");
}

TEST_F(Made, other_presets_tell_policies_the_quality_too_and_keep_who_is_gated) {
  health["qwen/qwen3-coder:free"] = {true, std::nullopt};
  const MadePool made = make();
  EXPECT_EQ(made.targets.at(0).model, "qwen/qwen3-coder:free");
  EXPECT_EQ(made.targets[0].quality, 55);
  EXPECT_EQ(made.targets[0].health, 0);
  EXPECT_EQ(made.targets[1].quality, 68);
}

TEST(Date, noon_of_a_date_and_of_what_is_none) {
  EXPECT_EQ(noon_of("2026-11-21"), 1'795'219'200 + 12 * 3600);
  EXPECT_EQ(date_of(noon_of("2026-02-28")), "2026-02-28");
  for (const char* none :
       {"", "x", "2026-1-1", "2026-13-01", "2026-00-10", "2026-01-32", "2026-01-01x", " 2026-1-01"}) {
    EXPECT_EQ(noon_of(none), 0) << none;
  }
}

TEST_F(Made, P24_targets_carry_what_the_catalogue_says) {
  config.size = 40;
  const MadePool made = make();
  const auto glm = std::find_if(made.targets.begin(), made.targets.end(),
                                [](const TargetConfig& one) { return one.model == "z-ai/glm-4.5-air:free"; });
  ASSERT_NE(glm, made.targets.end());
  EXPECT_EQ(glm->context, 32768);
  EXPECT_EQ(glm->price_in, 0);
  EXPECT_FALSE(glm->parameters.empty());
  EXPECT_NE(std::find(glm->capabilities.begin(), glm->capabilities.end(), "tools"), glm->capabilities.end());
}

TEST_F(Made, a_config_narrows_and_every_other_model_has_its_reason) {
  config.exclude = {"google/*"};
  config.exclude_authors = {"nvidia"};
  config.overlays.push_back({"qwen/qwen3-coder:free", true, -1, 0, {}, -1, -1, {}});
  const MadePool made = make();
  for (const TargetConfig& target : made.targets) {
    EXPECT_FALSE(target.model.starts_with("google/") || target.model.starts_with("nvidia/")) << target.model;
  }
  EXPECT_EQ(why_not(made, "qwen/qwen3-coder:free"), "excluded by its overlay");
  EXPECT_EQ(why_not(made, "google/gemini-2.0-flash-exp:free"), "excluded");
  EXPECT_EQ(why_not(made, "nvidia/nemotron-3-super-120b-a12b:free"), "excluded author");
  EXPECT_EQ(made.targets.size() + made.left_out.size(), catalog.models.size());
  config.only = {"mistralai/*"};
  for (const TargetConfig& target : make().targets) EXPECT_TRUE(target.model.starts_with("mistralai/")) << target.model;
}

TEST_F(Made, C26_an_overlay_wins_over_the_catalogue) {
  config.overlays.push_back({"qwen/qwen3-coder:free", false, 9, 1000, {"vision"}, 0.5, 1.5, {}});
  const TargetConfig first = make().targets.at(0);
  EXPECT_EQ(first.weight, 9);
  EXPECT_EQ(first.context, 1000);
  EXPECT_EQ(first.capabilities, std::vector<std::string>{"vision"});
  EXPECT_EQ(first.price_in, 0.5);
  EXPECT_EQ(first.free, 0);  // what has a price is not free, whatever the id says
}

TEST_F(Made, D2_points_of_the_config_replace_the_presets_words) {
  config.points = {{"gemini", 1000}};
  EXPECT_EQ(make().targets.at(0).model, "google/gemini-2.0-flash-exp:free");
}

TEST_F(Made, P10_the_same_catalogue_again_replaces_nobody) {
  config.size = 3;
  catalog.models.resize(0);
  for (const char* id : {"a/qwen-coder:free", "b/qwen:free", "c/x:free", "d/y:free", "e/z:free"}) {
    CatalogModel model;
    model.id = id;
    model.context = 65'536;
    model.parameters = {"tools"};
    model.outputs = {"text"};
    catalog.models.push_back(model);
  }
  previous = {"c/x:free", "d/y:free", "e/z:free"};
  const MadePool fresh = make();
  EXPECT_EQ(fresh.ids, (std::vector<std::string>{"a/qwen-coder:free", "c/x:free", "d/y:free"}));
  EXPECT_EQ(fresh.added, std::vector<std::string>{"a/qwen-coder"});
  EXPECT_EQ(fresh.removed, std::vector<std::string>{"e/z"});
  again = true;
  EXPECT_EQ(make().ids, previous);
}

TEST_F(Made, D1_priced_models_join_only_when_asked_for_and_are_never_called_free) {
  config.free = "any";
  config.size = 54;
  const MadePool made = make();
  const auto paid = std::find_if(made.targets.begin(), made.targets.end(),
                                 [](const TargetConfig& one) { return one.model == "openai/gpt-5-mini"; });
  ASSERT_NE(paid, made.targets.end());
  EXPECT_EQ(paid->free, 0);
  EXPECT_GT(paid->price_out, 0);
}

TEST_F(Made, a_list_of_ids_only_holds_nothing_against_anybody) {
  kind = CatalogKind::openai;
  const Result<CatalogPage> page = read_page(kind, R"({"data":[{"id":"one"},{"id":"two","context_window":8192}]})");
  ASSERT_TRUE(page);
  catalog = page->catalog;
  EXPECT_TRUE(make().targets.empty());  // nobody says they are free
  config.free = "stated";
  const MadePool made = make();
  ASSERT_EQ(made.targets.size(), 2u);
  EXPECT_EQ(made.targets[0].model, "two");
  EXPECT_EQ(made.targets[0].free, 1);
  EXPECT_TRUE(made.targets[1].capabilities.empty());
  config.context_min = 10'000;
  EXPECT_EQ(make().ids, std::vector<std::string>{"one"});
}

TEST_F(Made, R11_an_index_serves_those_providers_that_are_configured) {
  kind = CatalogKind::index;
  config.free = "stated";
  providers = {"groq"};
  const Result<CatalogPage> page =
      read_page(kind, R"({"models":[{"canonical":"m","providers":{"groq":"g-m","nvidia":"n-m"}}]})");
  ASSERT_TRUE(page);
  catalog = page->catalog;
  const MadePool made = make();
  ASSERT_EQ(made.targets.size(), 1u);
  EXPECT_EQ(made.targets[0].provider, "groq");
  EXPECT_EQ(why_not(made, "n-m"), "no [[provider]] named \"nvidia\"");
}

TEST(EligibilityIn, what_a_kind_of_catalogue_never_says_is_not_asked_for) {
  EXPECT_EQ(eligibility_in(CatalogKind::openrouter).context_min, 16'384);
  EXPECT_TRUE(eligibility_in(CatalogKind::openrouter).whole_id);
  EXPECT_EQ(eligibility_in(CatalogKind::openai).context_min, 0) << "ids alone";
  EXPECT_FALSE(eligibility_in(CatalogKind::openai).says_all);
  EXPECT_FALSE(eligibility_in(CatalogKind::index).one_per_name);
}

TEST(Date, is_the_day_in_utc) {
  EXPECT_EQ(date_of(1795219200), "2026-11-21");
  EXPECT_EQ(date_of(1795219199), "2026-11-20");
  EXPECT_EQ(date_of(0), "1970-01-01");
}

}  // namespace
}  // namespace spillway
