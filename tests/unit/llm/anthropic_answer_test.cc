// Anthropic's answers, read and written (ecosystem.md 1.7, 2.2, 2.3, 2.5).
#include "codec_help.h"

namespace spillway::llm {
namespace {

TEST(AnthropicAnswer, the_worked_example_is_openais_word_for_word) {
  EXPECT_EQ(answer_for(Wire::anthropic, fixture("examples/anthropic.answer.json"), Wire::openai_chat),
            fixture("examples/openai.answer.json"));
}

TEST(AnthropicAnswer, the_worked_example_comes_back_as_it_was) {
  const std::string text = fixture("examples/anthropic.answer.json");
  EXPECT_EQ(answer_for(Wire::anthropic, text, Wire::anthropic, asked("claude-sonnet-5")), text);
}

TEST(AnthropicAnswer, openais_answer_loses_only_the_signature) {
  std::string expected = fixture("examples/anthropic.answer.json");
  expected.replace(expected.find("c2ln"), 4, "");
  expected.replace(expected.find("msg_9"), 5, "msg_chatcmpl-msg_9");
  EXPECT_EQ(
      answer_for(Wire::openai_chat, fixture("examples/openai.answer.json"), Wire::anthropic, asked("claude-sonnet-5")),
      expected);
}

TEST(AnthropicAnswer, every_reason_has_its_word) {
  const auto reason = [](const std::string& word) {
    const std::string text =
        answer_for(Wire::anthropic, R"({"content":[{"type":"text","text":"x"}],"stop_reason":")" + word + R"("})",
                   Wire::openai_chat);
    const std::size_t at = text.find("\"finish_reason\":\"") + 17;
    return text.substr(at, text.find('"', at) - at);
  };
  EXPECT_EQ(reason("end_turn"), "stop");
  EXPECT_EQ(reason("stop_sequence"), "stop");
  EXPECT_EQ(reason("pause_turn"), "stop");
  EXPECT_EQ(reason("max_tokens"), "length");
  EXPECT_EQ(reason("model_context_window_exceeded"), "length");
  EXPECT_EQ(reason("tool_use"), "tool_calls");
  EXPECT_EQ(reason("refusal"), "content_filter");
}

TEST(AnthropicAnswer, a_refusal_says_why) {
  const std::string text = answer_for(Wire::anthropic, R"({"content":[],"stop_reason":"refusal","stop_details":
    {"explanation":"no"}})",
                                      Wire::openai_chat);
  EXPECT_NE(text.find(R"("content":null,"refusal":"no")"), text.npos) << text;
}

TEST(AnthropicAnswer, tool_input_is_an_object_and_arguments_a_string) {
  const std::string text = answer_for(Wire::anthropic, R"({"content":[{"type":"tool_use","id":"a","name":"f","input":
    {"x":1}}],"stop_reason":"tool_use"})",
                                      Wire::openai_chat);
  EXPECT_NE(text.find(R"("arguments":"{\"x\":1}")"), text.npos) << text;
  const std::string back = answer_for(Wire::openai_chat, text, Wire::anthropic);
  EXPECT_NE(back.find(R"({"type":"tool_use","id":"a","name":"f","input":{"x":1}}],"stop_reason":"tool_use")"),
            back.npos)
      << back;
}

TEST(AnthropicAnswer, a_stop_sequence_is_told_again) {
  const std::string text =
      R"({"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{"type":"text",)"
      R"("text":"x"}],"stop_reason":"stop_sequence","stop_sequence":"END","usage":{"input_tokens":1,)"
      R"("cache_read_input_tokens":0,"cache_creation_input_tokens":0,"output_tokens":2}})";
  EXPECT_EQ(answer_for(Wire::anthropic, text, Wire::anthropic, asked("m")), text);
}

}  // namespace
}  // namespace spillway::llm
