// Gemini's streams, read and written (ecosystem.md 2.4).
#include "codec_help.h"
#include "strict.h"

namespace spillway::llm {
namespace {

std::string gemini_event(const std::string& parts, const std::string& rest = "", const std::string& usage = "") {
  return R"({"candidates":[{"content":{"parts":[)" + parts + R"(],"role":"model"},"index":0)" + rest +
         R"(}],"usageMetadata":{"promptTokenCount":9)" + usage + R"(},"modelVersion":"g","responseId":"r"})";
}
const std::string kGeminiTalk = sse({gemini_event(R"({"text":"hm","thought":true})", "", R"(,"thoughtsTokenCount":2)"),
                                     gemini_event(R"({"text":"It is "})"),
                                     gemini_event(R"({"text":"sunny."})", R"(,"finishReason":"STOP")",
                                                  R"(,"candidatesTokenCount":4,"thoughtsTokenCount":2)")});
const std::string kGeminiTools = sse(
    {gemini_event(R"({"functionCall":{"name":"f","args":{"x":1}},"thoughtSignature":"sig"},{"functionCall":{"name":"g)"
                  R"(","args":)"
                  R"({}}})"),
     gemini_event(R"({"text":""})", R"(,"finishReason":"STOP")")});

TEST(GeminiStream, text_and_thinking_reach_chat) {
  const Streamed got = stream_for(Wire::gemini, kGeminiTalk, Wire::openai_chat);
  StrictChat strict;
  EXPECT_EQ(strict.check(got.out, true), "") << got.out;
  EXPECT_EQ(strict.thinking + "/" + strict.text + "/" + strict.reason + "/" + strict.id,
            "hm/It is sunny./stop/chatcmpl-r");
  EXPECT_EQ(strict.total_tokens, 15) << "what is told last counts";
}

TEST(GeminiStream, whole_calls_reach_chat_and_messages) {
  const Streamed got = stream_for(Wire::gemini, kGeminiTools, Wire::openai_chat);
  StrictChat strict;
  EXPECT_EQ(strict.check(got.out, true), "") << got.out;
  EXPECT_EQ(strict.tools[0] + strict.tools[1] + strict.reason, R"({"x":1}{}tool_calls)");
  EXPECT_NE(got.out.find(R"("thought_signature":"sig")"), std::string::npos);
  StrictMessages messages;
  EXPECT_EQ(messages.check(stream_for(Wire::gemini, kGeminiTools, Wire::anthropic).out), "");
  EXPECT_EQ(messages.reason, "tool_use");
}

TEST(GeminiStream, one_call_is_kept_where_one_was_asked_for) {
  Asked as = asked();
  as.one_call = true;
  StrictChat strict;
  EXPECT_EQ(strict.check(stream_for(Wire::gemini, kGeminiTools, Wire::openai_chat, as).out, true), "");
  EXPECT_EQ(strict.tools.size(), 1u);
}

TEST(GeminiStream, a_round_trip_through_itself_keeps_all) {
  for (const std::string& text : {kGeminiTalk, kGeminiTools}) {
    const Streamed once = stream_for(Wire::gemini, text, Wire::gemini);
    EXPECT_EQ(stream_for(Wire::gemini, once.out, Wire::gemini).out, once.out);
    StrictChat strict, direct;
    EXPECT_EQ(strict.check(stream_for(Wire::gemini, once.out, Wire::openai_chat).out, true), "") << once.out;
    direct.check(stream_for(Wire::gemini, text, Wire::openai_chat).out, true);
    EXPECT_EQ(strict.thinking + strict.text + strict.tools[0] + strict.reason,
              direct.thinking + direct.text + direct.tools[0] + direct.reason);
    EXPECT_EQ(strict.total_tokens, direct.total_tokens);
  }
}

TEST(GeminiStream, a_chat_stream_becomes_answers) {
  const Streamed got = stream_for(
      Wire::openai_chat,
      sse({R"({"id":"1","choices":[{"index":0,"delta":{"content":"x"}}]})",
           R"({"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","argu)"
           R"(ments":"{\"x\":"}}]}}]})",
           R"({"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"1}"}}]},"fin)"
           R"(ish_reason":"tool_calls"}]})",
           "[DONE]"}),
      Wire::gemini);
  const std::string head =
      R"({"responseId":"1","modelVersion":"best","candidates":[{"index":0,"content":{"role":"model","parts":[)";
  EXPECT_EQ(data_of(got.out), head + R"({"text":"x"}]}}]})" + "\n" + head +
                                  R"({"functionCall":{"id":"a","name":"f","args":{"x":1}}}]}}]})" + "\n" + head +
                                  R"(]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":0,)" +
                                  R"("candidatesTokenCount":0,"totalTokenCount":0}})" + "\n");
}

TEST(GeminiStream, errors_and_blocked_prompts) {
  EXPECT_EQ(stream_for(Wire::gemini, sse({R"({"error":{"code":503,"message":"busy","status":"UNAVAILABLE"}})"}),
                       Wire::openai_chat)
                .error,
            "busy");
  EXPECT_EQ(stream_for(Wire::gemini, sse({gemini_event(R"({"text":"x"})")}), Wire::openai_chat).error,
            "the provider's stream ended early");
  StrictChat strict;
  strict.check(stream_for(Wire::gemini, sse({R"({"promptFeedback":{"blockReason":"SAFETY"}})"}), Wire::openai_chat).out,
               false);
  EXPECT_EQ(strict.reason, "content_filter");
}

}  // namespace
}  // namespace spillway::llm
