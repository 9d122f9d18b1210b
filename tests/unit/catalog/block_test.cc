#include "catalog/block.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "catalog/pool.h"

namespace spillway {
namespace {

using Pool = std::vector<TargetConfig>;

Pool pool_of(std::initializer_list<const char*> ids) {
  Pool pool;
  for (const char* id : ids) {
    TargetConfig target;
    target.provider = "openrouter";
    target.model = id;
    target.weight = weight_of_rank(static_cast<int>(pool.size()) + 1);
    pool.push_back(target);
  }
  return pool;
}

std::string rewritten(const std::string& text, BlockForm form, const Pool& pool, const std::string& group = {},
                      const std::string& name = {}) {
  const Result<Block> block = find_block(text, form, name, "openrouter");
  if (!block) return "error: " + block.error().detail;
  Result<std::string> after = rewrite_block(text, *block, pool, group);
  return after ? *after : "error: " + after.error().detail;
}

const std::string kToml = R"([[route]]
model = "primary"

[[route.tier]]
name = "free"
targets = [
  { provider = "groq", model = "llama" },  # mine
  # BEGIN GENERATED POOL free
  { provider = "openrouter", model = "old/one:free", weight = 6 },
  # { provider = "openrouter", model = "commented/out:free" },
  # END GENERATED POOL free
  { provider = "ollama", model = "qwen3" },
]
)";

TEST(Block, the_rest_of_the_file_keeps_its_bytes) {
  Pool pool = pool_of({"a/b:free", "c/d"});
  pool[0].free = pool[1].free = 1;
  pool[0].context = 262144;
  pool[0].capabilities = {"text", "tools", "vision", "response_format"};
  pool[1].weight = 0.5;
  EXPECT_EQ(rewritten(kToml, BlockForm::toml, pool), R"([[route]]
model = "primary"

[[route.tier]]
name = "free"
targets = [
  { provider = "groq", model = "llama" },  # mine
  # BEGIN GENERATED POOL free
  { provider = "openrouter", model = "a/b:free", weight = 6, context = 262144, )"
                                                     R"(capabilities = ["tools", "vision", "response_format"] },
  { provider = "openrouter", model = "c/d", weight = 0.5, free = true },
  # END GENERATED POOL free
  { provider = "ollama", model = "qwen3" },
]
)");
}

TEST(Block, the_last_pool_is_what_the_block_lists) {
  const Result<Block> block = find_block(kToml, BlockForm::toml, "free", "openrouter");
  ASSERT_TRUE(block);
  EXPECT_EQ(block->ids, std::vector<std::string>{"old/one:free"});
  EXPECT_EQ(block->name, "free");
}

// As the program of seed 000 keeps it, in a chart's values.
const std::string kYaml = R"(litellm:
  config:
    model_list:
      # BEGIN GENERATED OPENROUTER POOL
      - model_name: best-free
        litellm_params:
          model: openrouter/qwen/qwen3-coder:free
          weight: 6
      - model_name: best-free
        litellm_params:
          model: "openrouter/google/gemma-3-27b-it:free"
          weight: 3
      # END GENERATED OPENROUTER POOL
      - model_name: paid-tools
        litellm_params:
          model: openrouter/openai/gpt-5-mini
)";

TEST(Block, P13_litellms_block_with_the_indentation_of_its_begin) {
  const Result<Block> block = find_block(kYaml, BlockForm::litellm, "", "openrouter");
  ASSERT_TRUE(block);
  EXPECT_EQ(block->ids, (std::vector<std::string>{"qwen/qwen3-coder:free", "google/gemma-3-27b-it:free"}));
  EXPECT_EQ(block->group, "best-free");
  EXPECT_EQ(rewritten(kYaml, BlockForm::litellm, pool_of({"a/b:free", "c/d", "e/f"})), R"(litellm:
  config:
    model_list:
      # BEGIN GENERATED OPENROUTER POOL
      - model_name: best-free
        litellm_params:
          model: openrouter/a/b:free
          weight: 6
      - model_name: best-free
        litellm_params:
          model: openrouter/c/d
          weight: 6
      - model_name: best-free
        litellm_params:
          model: openrouter/e/f
          weight: 3
      # END GENERATED OPENROUTER POOL
      - model_name: paid-tools
        litellm_params:
          model: openrouter/openai/gpt-5-mini
)");
}

TEST(Block, the_group_is_as_told_else_as_it_was_else_the_blocks_name_else_primary) {
  const auto group = [](const std::string& head, const std::string& inside, const std::string& told) {
    const std::string text = "# BEGIN GENERATED " + head + "\n" + inside + "# END GENERATED " + head + "\n";
    const std::string after = rewritten(text, BlockForm::litellm, pool_of({"a/b"}), told);
    const std::size_t at = after.find("model_name: ");
    return after.substr(at + 12, after.find('\n', at) - at - 12);
  };
  EXPECT_EQ(group("POOL coders", "- model_name: was\n", "told"), "told");
  EXPECT_EQ(group("POOL coders", "- model_name: was\n", ""), "was");
  EXPECT_EQ(group("POOL coders", "", ""), "coders");
  EXPECT_EQ(group("OPENROUTER POOL", "", ""), "primary");
}

TEST(Block, the_same_pool_again_is_the_same_text) {
  const Pool pool = pool_of({"a/b:free", "c/d:free"});
  for (const auto& [text, form] : {std::pair{kToml, BlockForm::toml}, std::pair{kYaml, BlockForm::litellm}}) {
    const std::string once = rewritten(text, form, pool);
    EXPECT_NE(once, text);
    EXPECT_EQ(rewritten(once, form, pool), once);
  }
}

TEST(Block, line_ends_of_windows_stay) {
  std::string text = kYaml;
  for (std::size_t at = 0; (at = text.find('\n', at)) != text.npos; at += 2) text.insert(at, "\r");
  const std::string after = rewritten(text, BlockForm::litellm, pool_of({"a/b"}));
  EXPECT_EQ(std::count(after.begin(), after.end(), '\n'), std::count(after.begin(), after.end(), '\r'));
  EXPECT_NE(after.find("          model: openrouter/a/b\r\n"), std::string::npos);
}

TEST(Block, markers_that_do_not_make_one_block_are_errors) {
  const Pool pool = pool_of({"a/b"});
  const std::string begin = "# BEGIN GENERATED POOL x\n", end = "# END GENERATED POOL x\n";
  for (const std::string& text :
       {std::string(), std::string("targets = [\n]\n"), begin, end, end + begin, begin + begin + end,
        begin + "# END GENERATED POOL y\n", begin + "# BEGIN GENERATED POOL y\n" + end,
        begin + end + "# BEGIN GENERATED POOL y\n# END GENERATED POOL y\n",
        std::string("# BEGIN GENERATED POOL \n") + end, "x " + begin + end}) {
    EXPECT_EQ(rewritten(text, BlockForm::litellm, pool).substr(0, 6), "error:") << text;
  }
  const std::string two = begin + end + "# BEGIN GENERATED POOL y\n# END GENERATED POOL y\n";
  EXPECT_EQ(rewritten(two, BlockForm::litellm, pool, {}, "y").substr(0, begin.size() + end.size()), begin + end);
  EXPECT_EQ(rewritten(two, BlockForm::litellm, pool, {}, "z").substr(0, 6), "error:");
  EXPECT_EQ(rewritten("# BEGIN GENERATED OPENROUTER POOL\n# END GENERATED OPENROUTER POOL\n", BlockForm::toml, pool)
                .substr(0, 6),
            "error:");
}

TEST(Block, no_candidates_is_an_error) {
  EXPECT_EQ(rewritten(kToml, BlockForm::toml, pool_of({})), "error: there is no candidate for the pool");
}

TEST(Block, a_block_that_would_break_our_config_is_refused) {
  const std::string markers = "# BEGIN GENERATED POOL x\n# END GENERATED POOL x\n";
  for (const std::string& text : {markers, "model = \"m\"\n" + markers, "names = [\n" + markers + "]\n",
                                  "targets = [\n" + markers, "[[route]]\ntargets = [\n]\n" + markers}) {
    EXPECT_EQ(rewritten(text, BlockForm::toml, pool_of({"a/b"})).substr(0, 6), "error:") << text;
  }
  EXPECT_NE(rewritten("targets = [\n" + markers + "]\n", BlockForm::toml, pool_of({"a/b"})).substr(0, 6), "error:");
}

TEST(Block, an_id_cannot_become_a_line_of_its_own) {
  for (const char* id : {"a/b\"", "a/b\nx: y", "a/b c", "a/b#", "", "a/\xc3\xa9", "a/b'", "a/{b}"}) {
    EXPECT_FALSE(id_can_be_written(id)) << id;
    EXPECT_EQ(rewritten(kYaml, BlockForm::litellm, pool_of({id})).substr(0, 6), "error:");
  }
  for (const char* id : {"qwen/qwen3-coder:free", "~anthropic/claude-latest", "llama3.2:1b", "a/b@c+d_e"}) {
    EXPECT_TRUE(id_can_be_written(id)) << id;
  }
}

TEST(Block, the_form_is_told_by_the_files_name) {
  EXPECT_EQ(*block_form_of("a/spillway.toml"), BlockForm::toml);
  EXPECT_EQ(*block_form_of("values.yaml"), BlockForm::litellm);
  EXPECT_EQ(*block_form_of("config.yml"), BlockForm::litellm);
  EXPECT_FALSE(block_form_of("config"));
}

}  // namespace
}  // namespace spillway
