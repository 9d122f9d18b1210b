// Routes, keys and the models list of one loaded config.
#include "proxy/generation.h"

#include "proxy/models_list.h"

#include <gtest/gtest.h>

#include "proxy/shared.h"

namespace spillway {
namespace {

class GenerationTest : public ::testing::Test {
 protected:
  std::shared_ptr<const Generation> build(const std::string& toml) {  // why: as the real ones
    Loaded loaded = load_config_text(toml, "test.toml");
    problems_ = loaded.problems;
    EXPECT_TRUE(loaded.ok());
    return Generation::build(std::move(loaded.config), shared_, problems_);
  }
  SystemClock clock_;
  Shared shared_{clock_};
  std::vector<Problem> problems_;
};

constexpr const char* kProvider = "[[provider]]\nname = \"up\"\nbase_url = \"http://127.0.0.1:1/v1\"\n";

TEST_F(GenerationTest, exact_names_win_over_patterns_and_patterns_go_in_order) {
  const auto generation = build(std::string(kProvider) +
                                "[[route]]\nmodel = \"gpt-*\"\ntargets = [{ provider = \"up\", model = \"pattern\" }]\n"
                                "[[route]]\nmodel = \"gpt-5\"\ntargets = [{ provider = \"up\", model = \"exact\" }]\n"
                                "[[route]]\nmodel = \"*\"\ntargets = [{ provider = \"up\" }]\n");
  ASSERT_NE(generation, nullptr);
  EXPECT_EQ(generation->find("gpt-5", "")->candidates[0].model, "exact");
  EXPECT_EQ(generation->find("gpt-4", "")->candidates[0].model, "pattern");
  EXPECT_EQ(generation->find("other", "")->candidates[0].model, "");
}

TEST_F(GenerationTest, requests_without_a_model_are_routed_by_path) {
  const auto generation =
      build(std::string(kProvider) +
            "[[route]]\nmodel = \"/v1/files*\"\ntargets = [{ provider = \"up\", model = \"files\" }]\n"
            "[[route]]\nmodel = \"chat\"\ntargets = [{ provider = \"up\", model = \"c\" }]\n");
  ASSERT_NE(generation, nullptr);
  ASSERT_NE(generation->find("", "/v1/files/abc"), nullptr);
  EXPECT_EQ(generation->find("", "/v1/batches"), nullptr);
  EXPECT_EQ(generation->find("/v1/files", "/v1/chat/completions"), nullptr) << "a model's name is no path";
}

TEST_F(GenerationTest, free_is_money_safe_D_1) {
  const auto generation = build(std::string(kProvider) +
                                "[[route]]\nmodel = \"m\"\ntargets = [\n"
                                "{ provider = \"up\", model = \"a:free\" },\n"
                                "{ provider = \"up\", model = \"b\" },\n"
                                "{ provider = \"up\", model = \"c\", price_in = 0.0, price_out = 0.0 },\n"
                                "{ provider = \"up\", model = \"d:free\", price_in = 0.1, price_out = 0.0 },\n"
                                "{ provider = \"up\", model = \"e\", free = true },\n"
                                "{ provider = \"up\", model = \"f\", price_in = 0.0 }]\n");
  ASSERT_NE(generation, nullptr);
  std::vector<bool> free;
  for (const Candidate& candidate : generation->routes[0]->candidates) free.push_back(candidate.free);
  EXPECT_EQ(free, (std::vector<bool>{true, false, true, false, true, false})) << "an unknown price is never free";
}

TEST_F(GenerationTest, openrouter_accounts_have_the_documented_free_limits_T_3) {
  const auto generation =
      build("[[provider]]\nname = \"or\"\nbase_url = \"https://openrouter.ai/api/v1\"\n" + std::string(kProvider) +
            "[[route]]\nmodel = \"m\"\ntargets = [{ provider = \"or\", model = \"a:free\" }, "
            "{ provider = \"up\", model = \"a:free\" }]\n");
  ASSERT_NE(generation, nullptr);
  EXPECT_EQ(generation->routes[0]->candidates[0].limit_rpm, 20);
  EXPECT_EQ(generation->routes[0]->candidates[0].limit_rpd, 50);
  EXPECT_EQ(generation->routes[0]->candidates[1].limit_rpm, 0);
}

TEST_F(GenerationTest, keys_open_their_models_only) {
  ::setenv("SPW_TEST_KEY_A", "secret-of-alice", 1);
  const auto generation = build(
      "[[key]]\nname = \"alice\"\nsecret = \"env:SPW_TEST_KEY_A\"\nmodels = [\"cheap-*\"]\n" + std::string(kProvider) +
      "[[route]]\nmodel = [\"cheap-1\", \"dear\"]\ntargets = [{ provider = \"up\", model = \"x\" }]\n");
  ASSERT_NE(generation, nullptr);
  EXPECT_FALSE(generation->open_access());
  const ClientKey* key = generation->authenticate("secret-of-alice");
  ASSERT_NE(key, nullptr);
  for (const char* wrong : {"", "secret-of-alic", "secret-of-alice ", "secret-of-alicf", "Secret-of-alice"}) {
    EXPECT_EQ(generation->authenticate(wrong), nullptr) << wrong;
  }
  EXPECT_TRUE(Generation::may_use(key, "cheap-1"));
  EXPECT_FALSE(Generation::may_use(key, "dear"));
  EXPECT_NE(models_json(*generation, key).find("cheap-1"), std::string::npos);
  EXPECT_EQ(models_json(*generation, key).find("dear"), std::string::npos);
  EXPECT_TRUE(model_json(*generation, "dear", key).empty());
  EXPECT_FALSE(model_json(*generation, "dear", nullptr).empty());
  EXPECT_EQ(generation->near("daer", key), std::vector<std::string>{});
  EXPECT_EQ(generation->near("daer", nullptr), std::vector<std::string>{"dear"});
}

TEST_F(GenerationTest, Q5b_a_target_chosen_by_hand_is_trusted_and_one_without_a_model_is_not_judged) {
  const auto generation = build(std::string(kProvider) +
                                "[[provider]]\nname = \"openai\"\nbase_url = \"https://api.openai.com/v1\"\n"
                                "[[route]]\nmodel = \"m\"\ntargets = [{ provider = \"up\", model = \"x\" }, "
                                "{ provider = \"openai\", model = \"gpt-5\", context = 400000, price_in = 1.25, "
                                "price_out = 10 }]\n[[route]]\nmodel = \"*\"\ntargets = [{ provider = \"up\" }]\n");
  ASSERT_NE(generation, nullptr);
  const Route& route = *generation->find("m", "");
  EXPECT_EQ(route.candidates[0].quality, 15 + 20);
  EXPECT_EQ(route.candidates[1].quality, 50 + 20 + 12 + 8);
  EXPECT_EQ(generation->find("other", "")->candidates[0].quality, -1);
}

}  // namespace
}  // namespace spillway
