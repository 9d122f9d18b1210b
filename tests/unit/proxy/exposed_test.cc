// Members of a pool under names of their own.
#include <gtest/gtest.h>

#include "proxy/generation.h"
#include "proxy/shared.h"

namespace spillway {
namespace {

struct Exposed : testing::Test {
  static TargetConfig member(const std::string& id) {
    TargetConfig target;
    target.provider = "up";
    target.model = id;
    target.free = 1;
    return target;
  }
  std::shared_ptr<const Generation> build(const std::vector<std::string>& ids, const std::string& more = {}) {
    Loaded loaded = load_config_text(
        "[[provider]]\nname = \"up\"\nbase_url = \"http://127.0.0.1:1/v1\"\n"
        "[pool.free]\nsource = \"up\"\nexpose = true\n[[route]]\nmodel = \"primary\"\npolicies = [\"breaker\"]\n"
        "[[route.tier]]\nname = \"f\"\npool = \"free\"\n" +
            more,
        "t.toml");
    EXPECT_TRUE(loaded.ok());
    PoolTargets pools;
    for (const std::string& id : ids) pools["free"].targets.push_back(member(id));
    return Generation::build(std::move(loaded.config), shared, loaded.problems, std::move(pools));
  }
  SystemClock clock;
  Shared shared{clock};
};

TEST_F(Exposed, S2_each_member_has_its_id_and_a_generated_name) {
  const auto generation = build({"a/b:free", "c/d"});
  ASSERT_NE(generation, nullptr);
  const Route* by_id = generation->exactly("a/b:free");
  ASSERT_NE(by_id, nullptr);
  EXPECT_EQ(generation->exactly("up/a-b-free"), by_id);
  EXPECT_EQ(by_id->policies.size(), 1u);
  ASSERT_EQ(by_id->candidates.size(), 1u);
  EXPECT_EQ(by_id->candidates[0].model, "a/b:free");
  EXPECT_EQ(by_id->candidates[0].tier, "free");
  EXPECT_EQ(by_id->spill, Spill::never);
}

TEST_F(Exposed, D13_of_two_with_one_generated_name_the_second_has_its_id_only) {
  const auto generation = build({"a/b-c", "a-b/c"});
  ASSERT_NE(generation, nullptr);
  EXPECT_EQ(generation->exactly("up/a-b-c"), generation->exactly("a/b-c"));
  ASSERT_NE(generation->exactly("a-b/c"), nullptr);
  EXPECT_EQ(generation->exactly("a-b/c")->names, std::vector<std::string>{"a-b/c"});
}

TEST_F(Exposed, a_hand_written_route_keeps_its_name) {
  const auto generation = build({"a/b"},
                                "[[route]]\nmodel = [\"a/b\", \"up/a-b\"]\n"
                                "targets = [{ provider = \"up\", model = \"mine\" }]\n");
  ASSERT_NE(generation, nullptr);
  EXPECT_EQ(generation->exactly("a/b")->candidates.at(0).model, "mine");
  EXPECT_EQ(generation->routes.size(), 2u);
}

}  // namespace
}  // namespace spillway
