#include "catalog/model.h"

#include "support/catalog_fixtures.h"

namespace spillway {
namespace {

TEST(Catalog, reads_every_entry_of_the_fixture) {
  const Catalog catalog = fixture_catalog();
  EXPECT_EQ(catalog.models.size(), 54u);
  EXPECT_EQ(catalog.malformed, 0u);
}

TEST(Catalog, P22_malformed_entries_are_counted_and_the_others_kept) {
  const Catalog catalog = fixture_catalog("models-malformed.json");
  EXPECT_EQ(catalog.malformed, 5u);
  EXPECT_EQ(catalog.models.size() + catalog.malformed, 18u);
}

TEST(Catalog, a_list_alone_is_a_catalogue_too) {
  const Result<Catalog> catalog = read_catalog(R"([{"id":"a/b"},{"id":"c/d","context_length":8192}])");
  ASSERT_TRUE(catalog);
  ASSERT_EQ(catalog->models.size(), 2u);
  EXPECT_EQ(catalog->models[1].context, 8192);
}

TEST(Catalog, what_is_no_catalogue_is_an_error) {
  for (const char* text : {"", "[", "<html>", "{}", R"({"data":{}})", R"({"error":"no"})", "17"}) {
    EXPECT_FALSE(read_catalog(text)) << text;
  }
}

TEST(Catalog, modalities_come_from_the_lists_or_from_the_arrow) {
  const Result<Catalog> catalog = read_catalog(
      R"([{"id":"a/b","architecture":{"modality":"text+image->text"}},)"
      R"({"id":"a/c","architecture":{"modality":"text->image","output_modalities":["text"]}},{"id":"a/d"}])");
  ASSERT_TRUE(catalog);
  EXPECT_EQ(catalog->models[0].inputs, (std::vector<std::string>{"text", "image"}));
  EXPECT_TRUE(catalog->models[0].gives_text());
  EXPECT_TRUE(catalog->models[1].gives_text());
  EXPECT_FALSE(catalog->models[2].gives_text());
}

TEST(Catalog, P24_the_least_of_the_stated_contexts_is_what_fits) {
  const Catalog catalog = fixture_catalog();
  for (const CatalogModel& model : catalog.models) {
    if (model.id == "z-ai/glm-4.5-air:free") {
      EXPECT_EQ(model.usable_context(), 32768);
    }
    if (model.id == "qwen/qwen3-235b-a22b:free") {
      EXPECT_EQ(model.usable_context(), 40960);
    }
  }
}

TEST(Catalog, V2_normalised_ids) {
  EXPECT_EQ(normalized_id("QWEN/Qwen3-Coder:Free"), "qwen/qwen3-coder");
  EXPECT_EQ(normalized_id("a/b:free:free"), "a/b:free");
  EXPECT_EQ(normalized_id("a/b:freely"), "a/b:freely");
  EXPECT_EQ(normalized_id(":free"), "");
}

}  // namespace
}  // namespace spillway
