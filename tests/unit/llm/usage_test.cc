// Tokens and cost out of answers, and what StreamTap sees in the streams of providers: O-9, O-10, section 10, B-7.
#include "llm/usage.h"

#include <gtest/gtest.h>

#include <vector>

namespace spillway {
namespace {

Answer answer_of(Api api, std::string_view text) {
  static JsonScanner scanner;
  return read_answer(api, scanner, text, text.size());
}

Usage usage_of(std::string_view text) {
  const Answer answer = answer_of(Api::other, text);
  EXPECT_TRUE(answer.readable) << text;
  return answer.usage;
}

TEST(Usage, openrouter_tells_cost_too) {  // O-10
  const Usage usage =
      usage_of(R"({"usage":{"prompt_tokens":10,"completion_tokens":4,"total_tokens":14,"cost":0.00014,)"
               R"("cost_details":{"upstream_inference_cost":null},"is_byok":false,)"
               R"("prompt_tokens_details":{"cached_tokens":3},"completion_tokens_details":{"reasoning_tokens":2}}})");
  EXPECT_TRUE(usage.known());
  EXPECT_EQ(usage.input, 10);
  EXPECT_EQ(usage.output, 4);
  EXPECT_EQ(usage.cached, 3);
  EXPECT_EQ(usage.reasoning, 2);
  EXPECT_DOUBLE_EQ(usage.cost_usd, 0.00014);
}

TEST(Usage, groq_puts_it_into_x_groq) {
  EXPECT_EQ(usage_of(R"({"x_groq":{"id":"r","usage":{"prompt_tokens":7,"completion_tokens":1}}})").input, 7);
  EXPECT_EQ(usage_of(R"({"usage":null,"x_groq":{"usage":{"prompt_tokens":7,"completion_tokens":1}}})").output, 1);
}

TEST(Usage, embeddings_have_no_output) {
  const Usage usage = usage_of(R"({"usage":{"prompt_tokens":8,"total_tokens":8}})");
  EXPECT_EQ(usage.input, 8);
  EXPECT_EQ(usage.output, 0);
}

TEST(Usage, absurd_numbers_are_not_told) {
  EXPECT_FALSE(usage_of("{}").known());
  EXPECT_FALSE(usage_of(R"({"usage":null})").known());
  EXPECT_FALSE(usage_of(R"({"usage":[1]})").known());
  EXPECT_FALSE(usage_of(R"({"usage":{"prompt_tokens":-1}})").known());
  EXPECT_FALSE(usage_of(R"({"usage":{"prompt_tokens":1.5}})").known());
  EXPECT_FALSE(usage_of(R"({"usage":{"prompt_tokens":"12"}})").known());
  EXPECT_FALSE(usage_of(R"({"usage":{"prompt_tokens":1e300}})").known());
  EXPECT_EQ(usage_of(R"({"usage":{"prompt_tokens":1,"completion_tokens":9999999999999}})").output, 0);
  EXPECT_EQ(usage_of(R"({"usage":{"prompt_tokens":1,"cost":-1}})").cost_usd, -1);
  EXPECT_EQ(usage_of(R"({"usage":{"prompt_tokens":1,"cost":1e9}})").cost_usd, -1);
}

TEST(Cost, examples_of_b_7) {
  Usage usage;
  usage.input = 250'000;
  usage.output = 1000;
  EXPECT_DOUBLE_EQ(cost_usd(usage, 6, 22.5), 1.5225);
  usage.input = 200'000;
  EXPECT_DOUBLE_EQ(cost_usd(usage, 3, 15), 0.615);
}

TEST(Cost, the_provider_knows_best_and_unknown_is_not_free) {
  Usage usage;
  EXPECT_EQ(cost_usd(usage, 3, 15), -1) << "tokens not told";
  EXPECT_EQ(cost_usd(usage, 0, 0), 0);
  usage.input = 100;
  usage.output = -1;
  EXPECT_DOUBLE_EQ(cost_usd(usage, 10, 20), 0.001);
  EXPECT_EQ(cost_usd(usage, -1, -1), -1);
  EXPECT_EQ(cost_usd(usage, 0, -1), -1);
  usage.cost_usd = 0.5;
  EXPECT_EQ(cost_usd(usage, 10, 20), 0.5);
  EXPECT_EQ(cost_usd(usage, -1, -1), 0.5);
  usage.cost_usd = 0;
  EXPECT_EQ(cost_usd(usage, 10, 20), 0);
}

TEST(Answer, whole_answers) {
  const Answer chat =
      answer_of(Api::chat, R"({"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},)"
                           R"("finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":2}})");
  EXPECT_TRUE(chat.readable && chat.has_content);
  EXPECT_FALSE(chat.has_error);
  EXPECT_EQ(chat.finish, "stop");
  EXPECT_EQ(chat.usage.output, 2);
  EXPECT_TRUE(answer_of(Api::completions, R"({"choices":[{"text":"x"}]})").has_content);
  EXPECT_TRUE(answer_of(Api::embeddings, R"({"data":[{"embedding":[1,2]}]})").has_content);
  EXPECT_TRUE(
      answer_of(Api::chat, R"({"choices":[{"message":{"content":null,"tool_calls":[{"id":"c"}]}}]})").has_content);
  EXPECT_TRUE(answer_of(Api::chat, R"({"choices":[{"message":{"refusal":"no"}}]})").has_content);
}

TEST(Answer, bodies_that_are_none) {  // U12
  for (const std::string_view body : {"", "<html>", "[]", "1", "{\"choices\":[", "null", "data: {}"}) {
    EXPECT_FALSE(answer_of(Api::chat, body).readable) << body;
  }
  for (const std::string_view body : {"{}", R"({"choices":[]})", R"({"choices":null})", R"({"choices":[{}]})",
                                      R"({"choices":[{"message":{"content":""}}]})", R"({"data":[1]})"}) {
    EXPECT_TRUE(answer_of(Api::chat, body).readable) << body;
    EXPECT_FALSE(answer_of(Api::chat, body).has_content) << body;
  }
  EXPECT_FALSE(answer_of(Api::embeddings, R"({"data":[]})").has_content);
  EXPECT_TRUE(answer_of(Api::chat, R"({"error":{"message":"x"}})").has_error);
  EXPECT_TRUE(answer_of(Api::chat, R"({"choices":[{"message":{"content":"a"},"finish_reason":"error"}]})").has_error);
  EXPECT_FALSE(answer_of(Api::chat, R"({"error":null,"choices":[]})").has_error);
}

// A model cut by max_tokens inside an emoji: Python's json.dumps sends the half it has.
TEST(Answer, half_an_emoji_is_readable) {
  EXPECT_TRUE(answer_of(Api::chat, R"({"choices":[{"message":{"content":"\ud83d"}}]})").has_content);
  EXPECT_FALSE(answer_of(Api::chat, R"({"choices":[{"message":{"content":"\u12"}}]})").readable);
}

}  // namespace
}  // namespace spillway
