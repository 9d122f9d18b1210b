// Ollama's answers, read and written (ecosystem.md 2.5).
#include "codec_help.h"

namespace spillway::llm {
namespace {

TEST(OllamaAnswer, the_worked_example_is_openais) {
  std::string expected = fixture("examples/openai.answer.json");
  expected.replace(expected.find("msg_9"), 5, "f1");
  expected.replace(expected.find(R"("cached_tokens":8)"), 17, R"("cached_tokens":0)");
  expected.replace(expected.find(R"("reasoning_tokens":2)"), 20, R"("reasoning_tokens":0)");
  EXPECT_EQ(answer_for(Wire::ollama, fixture("examples/ollama.answer.json"), Wire::openai_chat), expected)
      << "it tells neither of the cache nor of reasoning";
}

TEST(OllamaAnswer, an_answer_is_written_with_its_time) {
  EXPECT_EQ(answer_for(Wire::openai_chat, fixture("examples/openai.answer.json"), Wire::ollama, asked("qwen3")),
            R"({"model":"qwen3","created_at":"2026-11-21T02:36:46Z","message":{"role":"assistant","content":"It is)"
            R"( sunny.",)"
            R"("thinking":"hm"},"done":true,"done_reason":"stop","total_duration":0,"load_duration":0,"prompt_eval)"
            R"(_count":20,)"
            R"("prompt_eval_duration":0,"eval_count":6,"eval_duration":0})");
}

TEST(OllamaAnswer, calls_are_objects) {
  const std::string text = answer_for(Wire::openai_chat,
                                      R"({"choices":[{"finish_reason":"tool_calls","message":{"tool_calls":)"
                                      R"([{"id":"a","function":{"name":"f","arguments":"{\"x\":1}"}}]}}]})",
                                      Wire::ollama);
  EXPECT_NE(text.find(R"("tool_calls":[{"function":{"name":"f","arguments":{"x":1}}}])"), text.npos) << text;
  const std::string back = answer_for(Wire::ollama, text, Wire::openai_chat);
  EXPECT_NE(back.find(R"("arguments":"{\"x\":1}")"), back.npos);
  EXPECT_NE(back.find(R"("finish_reason":"tool_calls")"), back.npos);
}

TEST(OllamaAnswer, generate_answers_with_a_response) {
  Asked as = asked("m");
  as.prompt = true;
  const std::string text = answer_for(
      Wire::openai_chat, R"({"choices":[{"finish_reason":"length","message":{"content":"x"}}]})", Wire::ollama, as);
  EXPECT_NE(text.find(R"("response":"x","done":true,"done_reason":"length")"), text.npos) << text;
}

TEST(OllamaAnswer, errors_are_no_answers) {
  JsonScanner scanner;
  const std::string error = R"({"error":"model 'x' not found"})";
  const Result<ChatAnswer> answer = read_answer(Wire::ollama, scanner, error, error.size());
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().detail, "model 'x' not found");
}

}  // namespace
}  // namespace spillway::llm
