#include "proxy/models_list.h"

#include <gtest/gtest.h>

#include "json/scan.h"
#include "proxy/shared.h"

namespace spillway {
namespace {

struct ModelsList : testing::Test {
  std::shared_ptr<const Generation> build(const std::string& toml, PoolTargets pools = {}) {
    Loaded loaded = load_config_text(toml, "t.toml");
    EXPECT_TRUE(loaded.ok());
    return Generation::build(std::move(loaded.config), shared, loaded.problems, std::move(pools));
  }
  SystemClock clock;
  Shared shared{clock};
};

const std::string kConfig =
    "[[provider]]\nname = \"up\"\nbase_url = \"http://127.0.0.1:1/v1\"\n[pool.free]\nsource = \"up\"\n"
    "[[route]]\nmodel = [\"primary\", \"p2\", \"any-*\"]\n[[route.tier]]\nname = \"free\"\npool = \"free\"\n"
    "[[route.tier]]\nname = \"paid\"\ntargets = [{ provider = \"up\", model = \"dear\", price_in = 1, price_out = 2 "
    "}]\n";

TEST_F(ModelsList, shows_names_pools_and_what_is_known_of_the_candidates) {
  PoolTargets pools;
  TargetConfig target;
  target.provider = "up";
  target.model = "a/b:free";
  target.free = 1;
  target.context = 32'768;
  target.output_most = 4'096;
  target.capabilities = {"text", "tools"};
  pools["free"].targets = {target};
  const auto generation = build(kConfig, pools);
  ASSERT_NE(generation, nullptr);
  const Result<JsonValue> json = parse_json(models_json(*generation, nullptr));
  ASSERT_TRUE(json);
  const JsonValue& data = (*json)["data"];
  ASSERT_EQ(data.items.size(), 2u);
  EXPECT_EQ(data.at(0)["id"].string(), "primary");
  EXPECT_EQ(data.at(0)["aliases"].at(0).string(), "p2");
  EXPECT_EQ(data.at(0)["pools"].at(0).string(), "free");
  EXPECT_EQ(data.at(0)["context_length"].integer(0), 32'768);
  EXPECT_EQ(data.at(0)["max_output_tokens"].integer(0), 4'096);
  EXPECT_EQ(data.at(0)["capabilities"].items.size(), 1u);
  EXPECT_EQ(data.at(0)["pricing"]["prompt"].string(), "0");
}

TEST_F(ModelsList, a_key_sees_and_is_told_of_its_own_models_only) {
  const auto generation =
      build(kConfig + "[[key]]\nname = \"a\"\nsecret = \"sk-0123456789\"\nmodels = [\"primary\"]\n");
  ASSERT_NE(generation, nullptr);
  const std::string text = models_json(*generation, generation->authenticate("sk-0123456789"));
  EXPECT_NE(text.find("primary"), std::string::npos);
  EXPECT_EQ(text.find("p2"), std::string::npos);
  EXPECT_EQ(model_json(*generation, "p2", generation->authenticate("sk-0123456789")), "");
  EXPECT_EQ(model_json(*generation, "any-thing", nullptr), "");
  EXPECT_NE(model_json(*generation, "p2", nullptr), "");
}

TEST_F(ModelsList, what_is_not_known_is_not_said) {
  const auto generation = build(
      "[[provider]]\nname = \"up\"\nbase_url = \"http://127.0.0.1:1/v1\"\n"
      "[[route]]\nmodel = \"m\"\ntargets = [{ provider = \"up\", model = \"x\" }]\n");
  ASSERT_NE(generation, nullptr);
  const Result<JsonValue> json = parse_json(model_json(*generation, "m", nullptr));
  ASSERT_TRUE(json);
  for (const char* member : {"context_length", "max_output_tokens", "pricing", "capabilities", "aliases", "pools"}) {
    EXPECT_FALSE(json->has(member)) << member;
  }
}

}  // namespace
}  // namespace spillway
