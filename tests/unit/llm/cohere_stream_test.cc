// Cohere's v2 streams, read (ecosystem.md 2.4).
#include "codec_help.h"
#include "strict.h"

namespace spillway::llm {
namespace {

const std::string kCohereStart = R"({"id":"c","type":"message-start","delta":{"message":{"role":"assistant"}}})";
std::string content(const std::string& json) {
  return R"({"type":"content-delta","index":0,"delta":{"message":{"content":)" + json + "}}}";
}
std::string cohere_ending(const std::string& reason) {
  return R"({"type":"message-end","delta":{"finish_reason":")" + reason +
         R"(","usage":{"tokens":{"input_tokens":20,"output_tokens":6}}}})";
}

TEST(CohereStream, text_and_thinking_reach_chat) {
  const Streamed got = stream_for(
      Wire::cohere,
      sse({kCohereStart,
           R"({"type":"content-start","index":0,"delta":{"message":{"content":{"type":"thinking","thinking":""}}}})",
           content(R"({"thinking":"hm"})"), R"({"type":"content-end","index":0})", content(R"({"text":"It is "})"),
           content(R"({"text":"sunny."})"), cohere_ending("COMPLETE")}),
      Wire::openai_chat);
  StrictChat strict;
  EXPECT_EQ(strict.check(got.out, true), "") << got.out;
  EXPECT_EQ(strict.thinking + "/" + strict.text + "/" + strict.reason + "/" + strict.id,
            "hm/It is sunny./stop/chatcmpl-c");
  EXPECT_EQ(strict.total_tokens, 26);
}

TEST(CohereStream, calls_come_in_pieces) {
  const Streamed got = stream_for(
      Wire::cohere,
      sse({kCohereStart, R"({"type":"tool-plan-delta","delta":{"message":{"tool_plan":"I will"}}})",
           R"({"type":"tool-call-start","index":0,"delta":{"message":{"tool_calls":{"id":"a","type":"functio)"
           R"(n","function":)"
           R"({"name":"f","arguments":""}}}}})",
           R"({"type":"tool-call-delta","index":0,"delta":{"message":{"tool_calls":{"function":{"arguments":)"
           R"("{\"x\":"}}}}})",
           R"({"type":"tool-call-delta","index":0,"delta":{"message":{"tool_calls":{"function":{"arguments":)"
           R"("1}"}}}}})",
           R"({"type":"tool-call-end","index":0})",
           R"({"type":"tool-call-start","index":1,"delta":{"message":{"tool_calls":{"id":"b","function":{"na)"
           R"(me":"g"}}}}})",
           R"({"type":"tool-call-end","index":1})", cohere_ending("TOOL_CALL")}),
      Wire::anthropic);
  StrictMessages strict;
  EXPECT_EQ(strict.check(got.out), "") << got.out;
  EXPECT_EQ(strict.text + strict.tools[1] + strict.tools[2] + strict.reason, R"(I will{"x":1}{}tool_use)");
}

TEST(CohereStream, errors_and_cuts) {
  EXPECT_EQ(
      stream_for(Wire::cohere,
                 sse({kCohereStart, R"({"type":"message-end","delta":{"finish_reason":"ERROR","error":"busy"}})"}),
                 Wire::openai_chat)
          .error,
      "busy");
  EXPECT_EQ(stream_for(Wire::cohere, sse({kCohereStart, content(R"({"text":"x"})")}), Wire::openai_chat).error,
            "the provider's stream ended early");
}

}  // namespace
}  // namespace spillway::llm
