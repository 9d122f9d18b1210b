// Ollama's native requests, both ways (ecosystem.md 2.1, 2.5).
#include "codec_help.h"

namespace spillway::llm {
namespace {

TEST(OllamaRequest, the_worked_example_is_written_word_for_word) {
  Target target = to(Wire::ollama);
  target.spelling.model = "qwen3";
  EXPECT_EQ(request_for(Wire::openai_chat, fixture("examples/openai.request.json"), target),
            fixture("examples/ollama.request.json"));
}

TEST(OllamaRequest, the_worked_example_comes_back_as_chat) {
  Target target = to(Wire::openai_chat);
  target.spelling.model = "best";
  std::string expected = fixture("examples/openai.request.json");
  for (std::size_t at; (at = expected.find("call_1")) != expected.npos;) expected.replace(at, 6, "call_0");
  expected.replace(expected.find(R"("tool_choice":"auto",)"), 21, "");
  EXPECT_EQ(request_for(Wire::ollama, fixture("examples/ollama.request.json"), target), expected);
}

TEST(OllamaRequest, parameters_are_options_and_thinking_a_word) {
  EXPECT_EQ(request_for(Wire::openai_chat,
                        R"({"model":"m","messages":[{"role":"user","content":"x"}],"stream":true,"temperature":0.5)"
                        R"(,"top_p":)"
                        R"(0.9,"top_k":3,"seed":7,"presence_penalty":0.1,"frequency_penalty":0.2,"reasoning_effort":)"
                        R"("minimal","response_format":{"type":"json_schema","json_schema":{"schema":{"a":1}}}})",
                        to(Wire::ollama)),
            R"({"model":"m","stream":true,"messages":[{"role":"user","content":"x"}],"format":{"a":1},"think":"low)"
            R"(","options":)"
            R"({"temperature":0.5,"top_p":0.9,"top_k":3,"seed":7,"presence_penalty":0.1,"frequency_penalty":0.2}})");
  const auto with = [](const std::string& rest) {
    return request_for(Wire::openai_chat, R"({"model":"m","messages":[])" + rest + "}", to(Wire::ollama));
  };
  EXPECT_NE(with(R"(,"reasoning_effort":"none")").find(R"("think":false)"), std::string::npos);
  EXPECT_NE(with(R"(,"reasoning_effort":"max")").find(R"("think":"high")"), std::string::npos);
  EXPECT_NE(with(R"(,"response_format":{"type":"json_object"})").find(R"("format":"json")"), std::string::npos);
}

TEST(OllamaRequest, all_it_can_say_survives_the_way_to_itself) {
  const std::string text =
      R"({"model":"m","stream":false,"messages":[{"role":"user","content":"x"},{"role":"assistant","content":"a",)"
      R"("tool_calls":[{"function":{"name":"f","arguments":{}}},{"function":{"name":"g","arguments":{"y":2}})"
      R"(}]},{"role":)"
      R"("tool","tool_name":"g","content":"2"},{"role":"tool","tool_name":"f","content":"1"}],"format":"json)"
      R"(","think":)"
      R"("high","options":{"num_predict":4,"stop":["a","b"]}})";
  EXPECT_EQ(request_for(Wire::ollama, text, to(Wire::ollama)), text);
}

TEST(OllamaRequest, it_streams_unless_told_not_to) {
  EXPECT_TRUE(read_ok(Wire::ollama, R"({"model":"m","messages":[]})").stream);
  EXPECT_FALSE(read_ok(Wire::ollama, R"({"model":"m","messages":[],"stream":false})").stream);
}

TEST(OllamaRequest, generate_is_one_prompt) {
  const ChatRequest request = read_ok(Wire::ollama, R"({"model":"m","system":"s","prompt":"p","images":["/9j/AA"]})");
  EXPECT_TRUE(request.prompt);
  ASSERT_EQ(request.messages.size(), 2u);
  EXPECT_EQ(request.messages[1].parts[1].media, "image/jpeg");
  EXPECT_EQ(read_ok(Wire::ollama, R"({"model":"m","prompt":"p","suffix":"s"})").suffix, "s");
  EXPECT_EQ(refusal_of(Wire::ollama, R"({"messages":[{"role":"robot"}]})").substr(0, 9), "messages:");
}

}  // namespace
}  // namespace spillway::llm
