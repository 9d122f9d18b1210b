// [catalog], [pool.NAME] and what may be said of a pool.
#include "conf/pools.h"

#include <gtest/gtest.h>

#include "support.h"

namespace spillway {
namespace {

const std::string kPool =
    "[pool.free]\nsource = \"up\"\nsize = 5\npreset = \"home-ops\"\npoints = { coder = 20, preview = -5 }\n"
    "[[pool.free.model]]\nid = \"a/b:free\"\nweight = 9\n";

TEST(Pools, are_read_with_their_overlays) {
  const Loaded loaded = load_config_text(kWhole + kPool, "t.toml");
  ASSERT_TRUE(loaded.ok()) << testing::PrintToString(lines_of(loaded));
  ASSERT_EQ(loaded.config.pools.size(), 1u);
  const PoolConfig& pool = loaded.config.pools[0];
  EXPECT_EQ(pool.name, "free");
  EXPECT_EQ(pool.size, 5);
  EXPECT_EQ(pool.points, (std::map<std::string, std::int64_t>{{"coder", 20}, {"preview", -5}}));
  ASSERT_EQ(pool.overlays.size(), 1u);
  EXPECT_EQ(pool.overlays[0].weight, 9);
  EXPECT_EQ(pool.from, PoolConfig::From::provider);
}

TEST(Pools, an_index_is_a_url_or_a_file_beside_the_config) {
  const Loaded loaded = load_config_text(
      kWhole + "[pool.a]\nsource = \"index.json\"\n[pool.b]\nsource = \"https://example.com/index.json\"\n",
      "d/t.toml");
  ASSERT_TRUE(loaded.ok()) << testing::PrintToString(lines_of(loaded));
  EXPECT_EQ(loaded.config.pools[0].source, "d/index.json");
  EXPECT_EQ(loaded.config.pools[0].from, PoolConfig::From::file);
  EXPECT_EQ(loaded.config.pools[1].from, PoolConfig::From::url);
}

TEST(Pools, mistakes_have_their_place) {
  EXPECT_EQ(
      mistakes_in(kWhole + "[pool.free]\nsource = \"upp\"\n"),
      std::vector<std::string>{"5:10 [pool.free] source: there is no [[provider]] named \"upp\" (did you mean up?)"});
  EXPECT_EQ(mistakes_in(kWhole + "[pool.free]\nsize = 5\n"),
            std::vector<std::string>{"4:1 [pool.free]: `source` is missing"});
  EXPECT_EQ(mistakes_in(kWhole + "[pool.free]\nsource = \"up\"\npoints = { coder = 5000 }\n"),
            std::vector<std::string>{"6:20 [pool.free] points.coder: must be -1000..1000, got 5000"});
  EXPECT_EQ(mistakes_in(kWhole + "[pool.free]\nsource = \"up\"\n[[pool.free.model]]\nweight = 1\n"),
            std::vector<std::string>{"6:1 [pool.free] model: `id` is missing"});
  EXPECT_EQ(mistakes_in(kWhole + "[catalog]\nrefresh = 5\n"),
            std::vector<std::string>{"5:1 [catalog] refresh: unknown option (did you mean refresh_s?)"});
}

TEST(Pools, a_tier_names_one_that_is_there) {
  const std::string tier = "[[route]]\nmodel = \"m\"\n[[route.tier]]\nname = \"free\"\npool = ";
  const std::string provider = "[[provider]]\nname = \"up\"\nbase_url = \"http://127.0.0.1:9000/v1\"\n";
  EXPECT_TRUE(load_config_text(provider + tier + "\"free\"\n" + kPool, "t.toml").ok());
  EXPECT_EQ(mistakes_in(provider + tier + "\"fre\"\n" + kPool),
            std::vector<std::string>{"8:8 pool: there is no [pool.fre] (did you mean free?)"});
  EXPECT_EQ(mistakes_in(provider + "[[route]]\nmodel = \"m\"\n[[route.tier]]\nname = \"free\"\n"),
            std::vector<std::string>{"6:1 [[route.tier]]: neither `targets` nor a `pool`: nobody could answer"});
}

}  // namespace
}  // namespace spillway
