// Ollama's streams, read and written: lines of JSON (ecosystem.md 2.4).
#include "codec_help.h"
#include "strict.h"

namespace spillway::llm {
namespace {

std::string line(const std::string& message, const std::string& rest = R"("done":false)") {
  return R"({"model":"q","created_at":"2026-11-21T02:36:46Z","message":{"role":"assistant",)" + message + "}," + rest +
         "}\n";
}
const std::string kEnd = R"("done":true,"done_reason":"stop","prompt_eval_count":20,"eval_count":6)";

TEST(OllamaStream, lines_reach_chat) {
  const Streamed got = stream_for(Wire::ollama,
                                  line(R"("content":"","thinking":"hm")") + line(R"("content":"It is ")") +
                                      line(R"("content":"sunny.")") + line(R"("content":"")", kEnd),
                                  Wire::openai_chat);
  StrictChat strict;
  EXPECT_EQ(strict.check(got.out, true), "") << got.out;
  EXPECT_EQ(strict.thinking + "/" + strict.text + "/" + strict.reason, "hm/It is sunny./stop");
  EXPECT_EQ(strict.total_tokens, 26);
}

TEST(OllamaStream, whole_calls_reach_chat_and_messages) {
  const std::string text =
      line(R"("content":"","tool_calls":[{"function":{"name":"f","arguments":{"x":1}}},{"function":)"
           R"({"name":"g","arguments":{}}}])") +
      line(R"("content":"")", kEnd);
  StrictChat strict;
  EXPECT_EQ(strict.check(stream_for(Wire::ollama, text, Wire::openai_chat).out, true), "");
  EXPECT_EQ(strict.tools[0] + strict.tools[1] + strict.reason, R"({"x":1}{}tool_calls)");
  StrictMessages messages;
  EXPECT_EQ(messages.check(stream_for(Wire::ollama, text, Wire::anthropic).out), "");
}

TEST(OllamaStream, a_chat_stream_becomes_lines) {
  const Streamed got = stream_for(
      Wire::openai_chat,
      sse({R"({"choices":[{"index":0,"delta":{"reasoning_content":"hm"}}]})",
           R"({"choices":[{"index":0,"delta":{"content":"x"}}]})",
           R"({"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","argu)"
           R"(ments":"{}"}}]}}]})",
           R"({"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]})",
           R"({"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4}})", "[DONE]"}),
      Wire::ollama, asked("q"));
  const std::string done =
      R"("done":true,"done_reason":"stop","total_duration":0,"load_duration":0,"prompt_eval_count":3,)"
      R"("prompt_eval_duration":0,"eval_count":4,"eval_duration":0)";
  EXPECT_EQ(got.out, line(R"("content":"","thinking":"hm")") + line(R"("content":"x")") +
                         line(R"("content":"","tool_calls":[{"function":{"name":"f","arguments":{}}}])") +
                         line(R"("content":"")", done));
}

TEST(OllamaStream, errors_cuts_and_long_lines) {
  EXPECT_EQ(stream_for(Wire::ollama, line(R"("content":"x")") + "{\"error\":\"busy\"}\n", Wire::openai_chat).error,
            "busy");
  EXPECT_EQ(stream_for(Wire::ollama, line(R"("content":"x")"), Wire::openai_chat).error,
            "the provider's stream ended early");
  JsonScanner scanner;
  Translation translation(Wire::ollama, Wire::openai_chat, asked(), scanner, 100);
  EXPECT_EQ(translation.feed(std::string(101, 'x')), Translation::State::failed);
  Translation last(Wire::ollama, Wire::openai_chat, asked(), scanner, 1000);
  std::string whole = line(R"("content":"x")", kEnd);
  whole.pop_back();
  last.feed(whole);
  EXPECT_EQ(last.finish(), Translation::State::done) << "the last line's end may be missing";
}

TEST(OllamaStream, generate_streams_responses) {
  Asked as = asked("q");
  as.prompt = true;
  const Streamed got = stream_for(
      Wire::openai_chat, sse({R"({"choices":[{"index":0,"delta":{"content":"x"}}]})", "[DONE]"}), Wire::ollama, as);
  EXPECT_NE(got.out.find(R"("response":"x","done":false})"), std::string::npos) << got.out;
}

}  // namespace
}  // namespace spillway::llm
