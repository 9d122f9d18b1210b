#include "proxy/pools_json.h"

#include <gtest/gtest.h>

#include "json/scan.h"

namespace spillway {
namespace {

TEST(PoolsJson, tells_source_members_and_why_others_are_out) {
  Config config;
  ProviderConfig provider;
  provider.name = "or";
  provider.base_url = "http://127.0.0.1:1/v1";
  config.providers.push_back(provider);
  PoolConfig pool;
  pool.name = "free";
  pool.source = "or";
  config.pools = {pool, pool};
  config.pools[1].name = "empty";
  PoolTargets pools;
  TargetConfig target;
  target.provider = "or";
  target.model = "a/b:free";
  target.weight = 6;
  target.free = 1;
  target.quality = 70;
  pools["free"].targets = {target};
  pools["free"].left_out = {{"c/d", "no_tools"}};
  const std::string text = pools_json(config, pools, {{"or", "openai", "HTTP 500", 2, 1, 17}});
  const Result<JsonValue> json = parse_json(text);
  ASSERT_TRUE(json) << text;
  const JsonValue& one = json->at(0);
  EXPECT_EQ(one["source"]["problem"].string(), "HTTP 500");
  EXPECT_EQ(one["source"]["models"].integer(0), 2);
  EXPECT_EQ(one["members"].at(0)["id"].string(), "a/b:free");
  EXPECT_EQ(one["members"].at(0)["quality"].integer(0), 70);
  EXPECT_FALSE(one["members"].at(0).has("context"));
  EXPECT_EQ(one["left_out"].at(0)["why"].string(), "no_tools");
  EXPECT_TRUE(json->at(1)["members"].items.empty());
}

}  // namespace
}  // namespace spillway
