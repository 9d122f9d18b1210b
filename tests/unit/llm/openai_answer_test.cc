// OpenAI's answers, read and written (ecosystem.md 1.3, 2.5).
#include "codec_help.h"

namespace spillway::llm {
namespace {

TEST(OpenAiAnswer, the_worked_example_comes_back_as_it_was) {
  const std::string text = fixture("examples/openai.answer.json");
  EXPECT_EQ(answer_for(Wire::openai_chat, text, Wire::openai_chat), text);
}

TEST(OpenAiAnswer, tool_calls_have_string_arguments_and_no_content) {
  const std::string text = answer_for(Wire::openai_chat, R"({"id":"1","choices":[{"finish_reason":"stop","message":
    {"content":"","tool_calls":[{"id":"a","function":{"name":"f","arguments":{"x":1}}},{"id":"b","function":{"name":"g",
    "arguments":""}}]}}]})",
                                      Wire::openai_chat);
  EXPECT_NE(text.find(R"("finish_reason":"tool_calls")"), text.npos) << text;
  EXPECT_NE(text.find(R"("content":null)"), text.npos) << text;
  EXPECT_NE(text.find(R"("arguments":"{\"x\":1}")"), text.npos) << text;
  EXPECT_NE(text.find(R"("arguments":"{}")"), text.npos) << text;
}

TEST(OpenAiAnswer, refusals_have_no_content) {
  const std::string text = answer_for(
      Wire::openai_chat, R"({"choices":[{"finish_reason":"stop","message":{"content":null,"refusal":"no"}}]})",
      Wire::openai_chat);
  EXPECT_NE(text.find(R"("content":null,"refusal":"no")"), text.npos) << text;
  EXPECT_NE(text.find(R"("id":"chatcmpl-f1")"), text.npos) << "its own where the provider gives none";
}

TEST(OpenAiAnswer, groq_hides_usage_and_mistral_sends_parts) {
  const std::string text = answer_for(Wire::openai_chat, R"({"choices":[{"message":{"content":[{"type":"text","text":
    "x"}]}}],"x_groq":{"usage":{"prompt_tokens":3,"completion_tokens":4}}})",
                                      Wire::openai_chat);
  EXPECT_NE(text.find(R"("content":"x")"), text.npos);
  EXPECT_NE(text.find(R"("total_tokens":7)"), text.npos);
  EXPECT_NE(text.find(R"("finish_reason":"stop")"), text.npos) << "an answer without a reason has stopped";
}

TEST(OpenAiAnswer, errors_are_no_answers) {
  JsonScanner scanner;
  for (const std::string_view body : {R"({"error":{"message":"busy"}})", R"({"error":"busy"})"}) {
    const Result<ChatAnswer> answer = read_answer(Wire::openai_chat, scanner, body, body.size());
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().detail, "busy");
  }
  for (const std::string_view body :
       {"{}", "[]", "nonsense", R"({"choices":[]})", R"({"choices":[{"finish_reason":"error"}]})"}) {
    EXPECT_FALSE(read_answer(Wire::openai_chat, scanner, body, body.size())) << body;
  }
}

}  // namespace
}  // namespace spillway::llm
