#include "catalog/source.h"

#include "support/catalog_fixtures.h"

namespace spillway {
namespace {

Catalog read(CatalogKind kind, const std::string& text) {
  Result<CatalogPage> page = read_page(kind, text);
  EXPECT_TRUE(page) << text;
  return page ? std::move(page->catalog) : Catalog();
}

TEST(Source, is_known_by_its_host_and_otherwise_openai_style) {
  EXPECT_EQ(catalog_source_of_host("openrouter.ai").kind, CatalogKind::openrouter);
  EXPECT_EQ(catalog_source_of_host("api.groq.com").kind, CatalogKind::groq);
  EXPECT_EQ(catalog_source_of_host("127.0.0.1").kind, CatalogKind::openai);
  EXPECT_EQ(catalog_source_of_host("").kind, CatalogKind::openai);
  EXPECT_EQ(catalog_source_of("nvidia-nim").kind, CatalogKind::nvidia);
  EXPECT_EQ(catalog_source_of("ollama").kind, CatalogKind::ollama);
  EXPECT_EQ(catalog_source_of("vllm").kind, CatalogKind::openai);
  EXPECT_EQ(catalog_source_of("").kind, CatalogKind::openai);
  ASSERT_NE(find_catalog_source("ollama"), nullptr);
  EXPECT_EQ(find_catalog_source("oolama"), nullptr);
}

TEST(Source, lists_stand_behind_the_base_url_or_for_ollama_behind_the_origin) {
  const auto url = [](CatalogKind kind, std::string_view base) { return catalog_url(catalog_source(kind), base); };
  EXPECT_EQ(url(CatalogKind::openrouter, "https://openrouter.ai/api/v1"), "https://openrouter.ai/api/v1/models");
  EXPECT_EQ(url(CatalogKind::openai, "http://127.0.0.1:1/v1/"), "http://127.0.0.1:1/v1/models");
  EXPECT_EQ(url(CatalogKind::ollama, "http://127.0.0.1:11434/v1"), "http://127.0.0.1:11434/api/tags");
  EXPECT_EQ(url(CatalogKind::ollama, "http://127.0.0.1:11434"), "http://127.0.0.1:11434/api/tags");
}

TEST(Source, O2_a_page_says_where_the_next_one_is) {
  const Result<CatalogPage> page =
      read_page(CatalogKind::openrouter, R"({"data":[{"id":"a/b"}],"links":{"next":"/api/v1/models?offset=500"}})");
  ASSERT_TRUE(page);
  EXPECT_EQ(page->next, "/api/v1/models?offset=500");
  const Result<CatalogPage> last =
      read_page(CatalogKind::openrouter, R"({"data":[{"id":"a/b"}],"links":{"next":null}})");
  ASSERT_TRUE(last);
  EXPECT_EQ(last->next, "");
}

TEST(Source, openrouter_reads_the_fixture_as_before) {
  EXPECT_EQ(read(CatalogKind::openrouter, fixture_text("models.json")).models.size(), 54u);
}

TEST(Source, groq_says_contexts_and_what_is_no_longer_active_is_left_out) {
  const Catalog catalog = read(CatalogKind::groq, R"({"object":"list","data":[
    {"id":"llama-3.3-70b","context_window":131072,"max_completion_tokens":32768,"active":true,"created":17},
    {"id":"old","context_window":8192,"active":false},{"id":""},7]})");
  ASSERT_EQ(catalog.models.size(), 1u);
  EXPECT_EQ(catalog.malformed, 2u);
  EXPECT_EQ(catalog.models[0].context, 131072);
  EXPECT_EQ(catalog.models[0].output_most, 32768);
  EXPECT_TRUE(catalog.models[0].parameters.empty());
}

TEST(Source, mistral_says_what_a_model_can_and_only_chat_models_count) {
  const Catalog catalog = read(CatalogKind::mistral, R"({"data":[
    {"id":"mistral-small","max_context_length":32000,"deprecation":"2026-12-31T00:00:00Z",
     "capabilities":{"completion_chat":true,"function_calling":true,"vision":true}},
    {"id":"mistral-embed","capabilities":{"completion_chat":false}}]})");
  ASSERT_EQ(catalog.models.size(), 1u);
  EXPECT_TRUE(catalog.models[0].takes("tools"));
  EXPECT_EQ(catalog.models[0].inputs, (std::vector<std::string>{"text", "image"}));
  EXPECT_EQ(catalog.models[0].expires, "2026-12-31");
}

TEST(Source, hugging_face_promises_what_every_live_provider_of_a_model_keeps) {
  const Catalog catalog = read(CatalogKind::huggingface, R"({"data":[
    {"id":"org/model","providers":[
      {"provider":"a","status":"live","context_length":131072,"pricing":{"input":0.1,"output":0.3},
       "supports_tools":true},
      {"provider":"b","status":"live","context_length":32768,"pricing":{"input":0.2,"output":0.2},
       "supports_tools":false},
      {"provider":"c","status":"error","context_length":1024,"pricing":{"input":9,"output":9}}]},
    {"id":"org/free","providers":[{"provider":"a","pricing":{"input":0,"output":0},"supports_tools":true}]},
    {"id":"org/dead","providers":[{"provider":"a","status":"error"}]}]})");
  ASSERT_EQ(catalog.models.size(), 2u);
  const CatalogModel& model = catalog.models[0];
  EXPECT_EQ(model.context, 32768);
  EXPECT_FALSE(model.takes("tools"));
  EXPECT_DOUBLE_EQ(model.prompt.usd, 0.2e-6);
  EXPECT_DOUBLE_EQ(model.completion.usd, 0.3e-6);
  EXPECT_EQ(catalog.models[1].prompt.is, Price::Is::zero);
  EXPECT_TRUE(catalog.models[1].takes("tools"));
}

TEST(Source, hugging_face_with_one_price_missing_is_not_known_to_be_free) {
  const Catalog catalog = read(CatalogKind::huggingface, R"({"data":[{"id":"o/m","providers":[
      {"provider":"a","pricing":{"input":0,"output":0}},{"provider":"b"}]}]})");
  ASSERT_EQ(catalog.models.size(), 1u);
  EXPECT_FALSE(catalog.models[0].prompt.known());
}

TEST(Source, ollama_has_names_only) {
  const Catalog catalog =
      read(CatalogKind::ollama, R"({"models":[{"name":"llama3:8b","model":"llama3:8b","size":1},{"size":2}]})");
  ASSERT_EQ(catalog.models.size(), 1u);
  EXPECT_EQ(catalog.models[0].id, "llama3:8b");
  EXPECT_EQ(catalog.malformed, 1u);
}

TEST(Source, R11_an_index_gives_each_provider_its_id) {
  const Catalog catalog = read(CatalogKind::index, R"({"providers":["groq","openrouter"],"models":[
    {"canonical":"llama-3.3-70b","aliases":["x"],"providers":{"groq":{"model":"llama-3.3-70b-versatile"},
     "openrouter":"meta-llama/llama-3.3-70b-instruct:free"}},{"canonical":"none"}]})");
  ASSERT_EQ(catalog.models.size(), 2u);
  EXPECT_EQ(catalog.models[0].provider, "groq");
  EXPECT_EQ(catalog.models[0].id, "llama-3.3-70b-versatile");
  EXPECT_EQ(catalog.models[1].id, "meta-llama/llama-3.3-70b-instruct:free");
  EXPECT_EQ(catalog.models[1].name, "llama-3.3-70b");
  EXPECT_EQ(catalog.malformed, 1u);
}

TEST(Source, what_is_no_list_is_an_error_for_every_kind) {
  for (const char* name : {"openrouter", "groq", "mistral", "huggingface", "nvidia", "ollama", "openai", "index"}) {
    const CatalogKind kind = find_catalog_source(name)->kind;
    for (const char* text : {"", "{", "{}", R"({"data":7,"models":7})", R"({"error":{"message":"no"}})"}) {
      EXPECT_FALSE(read_page(kind, std::string_view(text))) << name << ' ' << text;
    }
  }
}

TEST(Refresh, G1_none_half_and_double_are_the_bounds_of_belief) {
  EXPECT_EQ(why_not_believed(0, 1), "");
  EXPECT_EQ(why_not_believed(0, 0), "it has no models");
  EXPECT_EQ(why_not_believed(100, 0), "it has no models");
  EXPECT_EQ(why_not_believed(100, 50), "");
  EXPECT_EQ(why_not_believed(100, 49), "it has 49 models, less than half of the last one's 100");
  EXPECT_EQ(why_not_believed(100, 200), "");
  EXPECT_EQ(why_not_believed(100, 201), "it has 201 models, more than twice the last one's 100");
}

}  // namespace
}  // namespace spillway
