// Lists of models in the shapes of Anthropic, Gemini and Ollama.
#include "proxy/models_wires.h"

#include <gtest/gtest.h>

#include "json/scan.h"
#include "proxy/shared.h"

namespace spillway {
namespace {

using llm::Wire;

struct ModelsWires : testing::Test {
  void SetUp() override {
    Loaded loaded = load_config_text(
        "[[provider]]\nname = \"up\"\nbase_url = \"http://127.0.0.1:1/v1\"\n"
        "[[route]]\nmodel = [\"org/a:8b\", \"b\", \"c:latest\", \"any-*\"]\n"
        "targets = [{ provider = \"up\", model = \"m\", context = 4096, capabilities = [\"tools\"] }]\n"
        "[[key]]\nname = \"k\"\nsecret = \"sk-0123456789\"\nmodels = [\"b\"]\n",
        "t.toml");
    ASSERT_TRUE(loaded.ok()) << loaded.problems.front().message;
    generation = Generation::build(std::move(loaded.config), shared, loaded.problems);
    ASSERT_NE(generation, nullptr);
    key = generation->authenticate("sk-0123456789");
  }
  JsonValue list(Wire wire, std::string_view query = {}, bool keyed = false) {
    return *parse_json(list_models(wire, *generation, keyed ? key : nullptr, query));
  }
  std::string ids(const JsonValue& list, std::string_view member, std::string_view name) {
    std::string all;
    for (const JsonValue& one : list[member].items) all.append(one[name].string()).append(" ");
    return all;
  }
  SystemClock clock;
  Shared shared{clock};
  std::shared_ptr<const Generation> generation;
  const ClientKey* key = nullptr;
};

TEST_F(ModelsWires, anthropic_s_has_its_members_and_pages) {
  const JsonValue all = list(Wire::anthropic);
  EXPECT_EQ(ids(all, "data", "id"), "org/a:8b b c:latest ");
  EXPECT_FALSE(all["has_more"].boolean(true));
  EXPECT_EQ(all["first_id"].string(), "org/a:8b");
  EXPECT_EQ(all["last_id"].string(), "c:latest");
  EXPECT_EQ(all["data"].at(0)["type"].string(), "model");
  EXPECT_EQ(all["data"].at(0)["display_name"].string(), "org/a:8b");
  EXPECT_EQ(all["data"].at(0)["created_at"].string().size(), 20u) << "RFC 3339";
  EXPECT_EQ(all["data"].at(0)["max_input_tokens"].integer(0), 4096);
  const JsonValue page = list(Wire::anthropic, "beta=true&limit=2");
  EXPECT_EQ(ids(page, "data", "id"), "org/a:8b b ");
  EXPECT_TRUE(page["has_more"].boolean(false));
  const JsonValue next = list(Wire::anthropic, "limit=2&after_id=b");
  EXPECT_EQ(ids(next, "data", "id"), "c:latest ");
  EXPECT_FALSE(next["has_more"].boolean(true));
  EXPECT_EQ(ids(list(Wire::anthropic, "limit=1&before_id=c%3Alatest"), "data", "id"), "b ")
      << "the ones just before it";
  EXPECT_EQ(ids(list(Wire::anthropic, "after_id=c:latest"), "data", "id"), "");
  EXPECT_TRUE(list(Wire::anthropic, "after_id=c:latest")["first_id"].is(JsonType::null));
  for (const char* query :
       {"limit=0", "limit=", "limit=99999999999999999999", "limit=-1", "limit", "after_id=%zz", "&&"}) {
    EXPECT_EQ(list(Wire::anthropic, query)["data"].items.size(), 3u) << query;
  }
}

TEST_F(ModelsWires, gemini_s_names_have_their_collection_in_front) {
  const JsonValue all = list(Wire::gemini);
  EXPECT_EQ(ids(all, "models", "name"), "models/org/a:8b models/b models/c:latest ");
  EXPECT_FALSE(all.has("nextPageToken"));
  EXPECT_EQ(all["models"].at(0)["inputTokenLimit"].integer(0), 4096);
  const JsonValue page = list(Wire::gemini, "pageSize=2");
  EXPECT_EQ(page["models"].items.size(), 2u);
  EXPECT_EQ(page["nextPageToken"].string(), "c:latest");
  EXPECT_EQ(ids(list(Wire::gemini, "pageSize=2&pageToken=c%3Alatest"), "models", "name"), "models/c:latest ");
}

TEST_F(ModelsWires, ollama_s_tags_have_what_its_clients_print) {
  const JsonValue all = list(Wire::ollama);
  EXPECT_EQ(ids(all, "models", "name"), "org/a:8b b c:latest ");
  EXPECT_EQ(ids(all, "models", "model"), "org/a:8b b c:latest ");
  EXPECT_EQ(all["models"].at(0)["digest"].string().size(), 64u);
  EXPECT_TRUE(all["models"].at(0)["details"].is(JsonType::object));
  EXPECT_EQ(ollama_memory("/api/tags", *generation, key).find("org/a"), std::string::npos);
  EXPECT_EQ(ollama_memory("/api/ps", *generation, nullptr), R"({"models":[]})");
  EXPECT_EQ((*parse_json(ollama_memory("/api/version", *generation, nullptr)))["version"].string(), "0.11.0");
  const JsonValue show = *parse_json(one_model(Wire::ollama, *generation, "b", nullptr));
  EXPECT_EQ(show["capabilities"].items.size(), 2u);
  EXPECT_EQ(show["model_info"]["gateway.context_length"].integer(0), 4096);
}

TEST_F(ModelsWires, a_key_is_shown_its_own_only) {
  for (const Wire wire : {Wire::anthropic, Wire::gemini, Wire::ollama, Wire::openai_chat}) {
    const std::string text = list_models(wire, *generation, key, {});
    EXPECT_EQ(text.find("org/a"), std::string::npos) << text;
    EXPECT_EQ(one_model(wire, *generation, "org/a:8b", key), "");
    EXPECT_NE(one_model(wire, *generation, "b", key), "");
    EXPECT_EQ(one_model(wire, *generation, "any-thing", nullptr), "") << "a pattern is no name";
  }
}

TEST_F(ModelsWires, latest_is_ignored_where_no_route_has_it) {
  EXPECT_EQ(tagless(*generation, "b:latest"), "b");
  EXPECT_EQ(tagless(*generation, "c:latest"), "c:latest");
  EXPECT_EQ(tagless(*generation, "any-x:latest"), "any-x:latest") << "a pattern has it";
  EXPECT_EQ(tagless(*generation, "zzz:latest"), "zzz:latest");
  EXPECT_EQ(tagless(*generation, ":latest"), ":latest");
  EXPECT_EQ(tagless(*generation, "b"), "b");
}

TEST_F(ModelsWires, a_loaded_model_says_so_as_its_path_does) {
  const JsonValue chat = *parse_json(ollama_loaded("m", "/api/chat", 0)),
                  plain = *parse_json(ollama_loaded("m", "/api/generate", 0));
  EXPECT_EQ(chat["message"]["role"].string(), "assistant");
  EXPECT_EQ(plain["response"].string(), "");
  for (const JsonValue* one : {&chat, &plain}) {
    EXPECT_TRUE((*one)["done"].boolean(false));
    EXPECT_EQ((*one)["done_reason"].string(), "load");
  }
}

}  // namespace
}  // namespace spillway
