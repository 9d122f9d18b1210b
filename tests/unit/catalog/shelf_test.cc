#include "catalog/shelf.h"

#include "support/catalog_fixtures.h"
#include "support/folder.h"

namespace spillway {
namespace {

constexpr const char* kUrl = "http://127.0.0.1:1/v1/models";

TEST(Shelf, gives_back_what_was_kept_pages_and_all) {
  const Folder folder;
  const Shelf shelf(folder.path + "a/b");
  ASSERT_TRUE(shelf.store("up", CatalogKind::openrouter, kUrl, 17,
                          {fixture_text("models.json"), R"({"data":[{"id":"x/y"}]})"}));
  const Result<KeptCatalog> kept = shelf.load("up", CatalogKind::openrouter, kUrl);
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->fetched_s, 17);
  EXPECT_EQ(kept->catalog.models.size(), 55u);
}

TEST(Shelf, what_came_from_elsewhere_is_not_found) {
  const Folder folder;
  const Shelf shelf(folder.path);
  ASSERT_TRUE(shelf.store("up", CatalogKind::openrouter, kUrl, 17, {R"({"data":[{"id":"x/y"}]})"}));
  for (const auto& found :
       {shelf.load("up", CatalogKind::openrouter, "http://127.0.0.1:2/v1/models"),
        shelf.load("up", CatalogKind::openai, kUrl), shelf.load("other", CatalogKind::openai, kUrl)}) {
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().kind, Kind::not_found);
  }
}

TEST(Shelf, a_file_that_is_cut_or_strange_is_said_and_of_no_use) {
  const Folder folder;
  const Shelf shelf(folder.path);
  ASSERT_TRUE(shelf.store("up", CatalogKind::openai, kUrl, 17, {R"({"data":[{"id":"x/y"}]})"}));
  const std::string whole = text_of(folder.path + "up.json");
  for (std::size_t size = 0; size + 2 < whole.size(); ++size) {
    folder.write("up.json", whole.substr(0, size));
    const Result<KeptCatalog> kept = shelf.load("up", CatalogKind::openai, kUrl);
    ASSERT_FALSE(kept) << size;
    EXPECT_EQ(kept.error().kind, Kind::invalid) << size;
  }
  folder.write("up.json", R"({"spillway_catalog":2})");
  EXPECT_FALSE(shelf.load("up", CatalogKind::openai, kUrl));
}

TEST(Shelf, a_name_is_no_path) {
  const Folder folder;
  const Shelf shelf(folder.path + "in");
  ASSERT_TRUE(shelf.store("../out", CatalogKind::openai, kUrl, 1, {R"({"data":[{"id":"x/y"}]})"}));
  EXPECT_FALSE(std::filesystem::exists(folder.path + "out.json"));
  EXPECT_TRUE(shelf.load("../out", CatalogKind::openai, kUrl));
}

TEST(Shelf, pools_are_remembered_with_what_they_were_made_of) {
  const Folder folder;
  const Shelf shelf(folder.path);
  EXPECT_TRUE(shelf.load_pools().empty());
  ASSERT_TRUE(shelf.store_pools({{"free", {17, {"a/b:free", "c/d"}}}, {"none", {}}}));
  const PoolMemory pools = shelf.load_pools();
  ASSERT_EQ(pools.size(), 2u);
  EXPECT_EQ(pools.at("free").made_of_s, 17);
  EXPECT_EQ(pools.at("free").ids, (std::vector<std::string>{"a/b:free", "c/d"}));
  folder.write("pools", "{");
  EXPECT_TRUE(shelf.load_pools().empty());
}

}  // namespace
}  // namespace spillway
