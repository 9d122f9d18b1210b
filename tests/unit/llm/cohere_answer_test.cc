// Cohere's v2 answers, read (ecosystem.md 2.2, 2.3, 2.5).
#include "codec_help.h"

namespace spillway::llm {
namespace {

TEST(CohereAnswer, the_worked_example_is_openais) {
  std::string expected = fixture("examples/openai.answer.json");
  expected.replace(expected.find("msg_9"), 5, "c9");
  expected.replace(expected.find(R"("reasoning_tokens":2)"), 20, R"("reasoning_tokens":0)");
  EXPECT_EQ(answer_for(Wire::cohere, fixture("examples/cohere.answer.json"), Wire::openai_chat), expected)
      << "it does not tell of reasoning";
}

TEST(CohereAnswer, calls_and_plans) {
  const std::string text = answer_for(
      Wire::cohere,
      R"({"id":"c","finish_reason":"TOOL_CALL","message":{"tool_plan":"I will","tool_calls":[{"id":"a","type":)"
      R"("function","function":{"name":"f","arguments":"{\"x\":1}"}}]}})",
      Wire::openai_chat);
  EXPECT_NE(text.find(R"("content":"I will")"), text.npos);
  EXPECT_NE(text.find(R"("arguments":"{\"x\":1}")"), text.npos);
  EXPECT_NE(text.find(R"("finish_reason":"tool_calls")"), text.npos);
}

TEST(CohereAnswer, errors_are_no_answers) {
  JsonScanner scanner;
  const std::string error = R"({"message":"invalid api token"})", late = R"({"finish_reason":"ERROR","message":{}})";
  const Result<ChatAnswer> answer = read_answer(Wire::cohere, scanner, error, error.size());
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().detail, "invalid api token");
  EXPECT_FALSE(read_answer(Wire::cohere, scanner, late, late.size()));
}

}  // namespace
}  // namespace spillway::llm
