#include "proxy/catalog_origin.h"

#include <gtest/gtest.h>

#include "support/folder.h"

namespace spillway {
namespace {

Config with_provider(const std::string& base_url, const std::string& catalog = "auto") {
  Config config;
  ProviderConfig provider;
  provider.name = "up";
  provider.base_url = base_url;
  provider.api_key = "k";
  provider.catalog = catalog;
  config.providers.push_back(provider);
  return config;
}

PoolConfig from(const std::string& source) {
  PoolConfig pool;
  pool.source = source;
  if (source.starts_with("https://")) pool.from = PoolConfig::From::url;
  if (source.starts_with("./")) pool.from = PoolConfig::From::file;
  return pool;
}

TEST(CatalogOrigin, a_providers_kind_is_what_the_config_says_or_its_host) {
  const CatalogOrigin known = make_catalog_origin(with_provider("https://openrouter.ai/api/v1"), from("up"));
  EXPECT_EQ(known.kind, CatalogKind::openrouter);
  EXPECT_EQ(known.url, "https://openrouter.ai/api/v1/models");
  ASSERT_TRUE(known.like);
  EXPECT_EQ(known.like->credential, "Bearer k");
  const CatalogOrigin told = make_catalog_origin(with_provider("http://127.0.0.1:1/v1", "ollama"), from("up"));
  EXPECT_EQ(told.kind, CatalogKind::ollama);
  EXPECT_EQ(told.url, "http://127.0.0.1:1/api/tags");
}

TEST(CatalogOrigin, an_index_has_no_credential_and_a_name_of_its_own) {
  const CatalogOrigin file = make_catalog_origin(Config(), from("./index.json"));
  EXPECT_TRUE(file.local);
  EXPECT_FALSE(file.like);
  const CatalogOrigin url = make_catalog_origin(Config(), from("https://example.com/index.json"));
  EXPECT_FALSE(url.local);
  EXPECT_NE(url.name, file.name);
  EXPECT_NE(url.key(), file.key());
}

TEST(CatalogOrigin, a_file_that_is_not_there_was_never_changed) {
  const Folder folder;
  EXPECT_EQ(changed_s(folder.path + "none"), 0);
  EXPECT_GT(changed_s(folder.write("some", "")), 0);
}

}  // namespace
}  // namespace spillway
