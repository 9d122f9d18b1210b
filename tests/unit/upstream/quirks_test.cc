// What is known of hosts that differ.
#include "upstream/quirks.h"

#include <gtest/gtest.h>

namespace spillway {
namespace {

TEST(Quirks, section_10_each_host_that_differs) {
  EXPECT_EQ(quirks_of("", "api.openai.com").max_tokens, Quirks::MaxTokens::new_only);
  const Quirks& groq = quirks_of("", "api.groq.com");
  EXPECT_EQ(groq.lacks, llm::kLacksNames | llm::kLacksN);
  EXPECT_FALSE(groq.logs);
  const Quirks& mistral = quirks_of("", "api.mistral.ai");
  EXPECT_TRUE(mistral.mistral);
  EXPECT_EQ(mistral.tool_ids, llm::ToolIds::nine);
  EXPECT_EQ(mistral.max_tokens, Quirks::MaxTokens::old_only);
  const Quirks& perplexity = quirks_of("", "api.perplexity.ai");
  EXPECT_EQ(perplexity.lacks, llm::kLacksTools);
  EXPECT_TRUE(perplexity.alternates);
}

TEST(Quirks, a_preset_counts_whatever_its_address) {
  EXPECT_TRUE(quirks_of("mistral", "127.0.0.1").mistral);
  EXPECT_FALSE(quirks_of("groq", "127.0.0.1").logs);
}

TEST(Quirks, gaps_are_filled_in_at_completions_but_for_those_who_say_otherwise) {
  EXPECT_EQ(quirks_of("mistral", "").fills, "fim/completions");
  EXPECT_EQ(quirks_of("", "api.deepseek.com").fills, "/beta/completions");
  EXPECT_FALSE(quirks_of("deepseek", "").completes());
  EXPECT_TRUE(quirks_of("groq", "").fills.empty());
  EXPECT_TRUE(quirks_of("perplexity", "").fills.empty());
  EXPECT_TRUE(quirks_of("openai", "").completes());
  EXPECT_TRUE(quirks_of("", "127.0.0.1").completes());
  EXPECT_FALSE(quirks_of("deepseek", "").may_matter(R"({"messages":[]})"));
}

TEST(Quirks, others_have_none) {
  for (const char* host : {"127.0.0.1", "", "openai.com", "eu.api.openai.com.example"}) {
    EXPECT_FALSE(quirks_of("custom", host).any()) << host;
  }
}

}  // namespace
}  // namespace spillway
