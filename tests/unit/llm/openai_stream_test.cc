// OpenAI's streams, read and written (ecosystem.md 1.4).
#include "codec_help.h"
#include "strict.h"

namespace spillway::llm {
namespace {

constexpr Wire kChatWire = Wire::openai_chat;

std::string openai_chunk(const std::string& delta, const std::string& reason = "null", const std::string& rest = "") {
  return R"({"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":)"
         R"(0,"delta":)" +
         delta + R"(,"logprobs":null,"finish_reason":)" + reason + "}]" + rest + "}";
}

TEST(OpenAiStream, a_plain_stream_comes_out_as_the_contract_says) {
  const Streamed got =
      stream_for(kChatWire,
                 sse({openai_chunk(R"({"role":"assistant","content":""})"), openai_chunk(R"({"content":"Hel"})"),
                      openai_chunk(R"({"content":"lo"})"), openai_chunk("{}", R"("stop")"),
                      R"({"choices":[],"usage":{"prompt_tokens":12,"completion_tokens":5}})", "[DONE]"}),
                 kChatWire);
  const std::string head = R"({"id":"chatcmpl-1","object":"chat.completion.chunk","created":1795228606,"mode)"
                           R"(l":"best",)"
                           R"("choices":[)";
  const std::string first = head + R"({"index":0,"delta":)";
  EXPECT_EQ(
      data_of(got.out),
      first +
          R"({"role":"assistant","content":"","refusal":null},"logprobs":null,"finish_reason":null}],"usage":null})" +
          "\n" + first + R"({"content":"Hel"},"logprobs":null,"finish_reason":null}],"usage":null})" + "\n" + first +
          R"({"content":"lo"},"logprobs":null,"finish_reason":null}],"usage":null})" + "\n" + first +
          R"({},"logprobs":null,"finish_reason":"stop"}],"usage":null})" + "\n" + head +
          R"(],"usage":{"prompt_tokens":12,"completion_tokens":5,"total_tokens":17,"prompt_tokens_details":)" +
          R"({"cached_tokens":0,"cache_write_tokens":0},"completion_tokens_details":{"reasoning_tokens":0}}})" +
          "\n[DONE]\n");
  EXPECT_EQ(got.state, Translation::State::done);
}

TEST(OpenAiStream, usage_is_told_only_when_asked_for) {
  Asked quiet = asked();
  quiet.include_usage = false;
  const Streamed got = stream_for(kChatWire,
                                  sse({openai_chunk(R"({"content":"x"})", R"("stop")",
                                                    R"(,"usage":{"prompt_tokens":1,)"
                                                    R"("completion_tokens":1})"),
                                       "[DONE]"}),
                                  kChatWire, quiet);
  EXPECT_EQ(StrictChat().check(got.out, false), "");
  EXPECT_EQ(got.tokens.input, 1) << "but it is accounted for";
}

TEST(OpenAiStream, tools_thinking_and_refusals_pass) {
  const Streamed got = stream_for(
      kChatWire,
      sse({openai_chunk(R"({"reasoning_content":"hm"})"), openai_chunk(R"({"content":"let me","refusal":"or not"})"),
           openai_chunk(
               R"({"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":""}}]})"),
           openai_chunk(R"({"tool_calls":[{"index":0,"function":{"arguments":"{\"x\":"}}]})"),
           openai_chunk(R"({"tool_calls":[{"index":0,"function":{"arguments":"1}"}}]})"),
           openai_chunk(
               R"({"tool_calls":[{"index":1,"id":"b","type":"function","function":{"name":"g","arguments":""},)"
               R"("extra_content":{"google":{"thought_signature":"sig"}}}]})"),
           openai_chunk("{}", R"("tool_calls")"), "[DONE]"}),
      kChatWire);
  StrictChat strict;
  EXPECT_EQ(strict.check(got.out, false), "") << got.out;
  EXPECT_EQ(strict.thinking + strict.text + strict.refusal, "hmlet meor not");
  EXPECT_EQ(strict.tools[0] + strict.tools[1], R"({"x":1}{})") << "no arguments are an empty object";
  EXPECT_EQ(strict.tool_names[0] + strict.tool_names[1], "fg");
  EXPECT_NE(got.out.find(R"("thought_signature":"sig")"), std::string::npos);
}

TEST(OpenAiStream, thinking_is_hidden_from_who_cannot_bear_it) {
  Asked as = asked();
  as.show_thinking = false;
  const Streamed got =
      stream_for(kChatWire, sse({openai_chunk(R"({"reasoning":"hm"})"), openai_chunk(R"({"content":"x"})"), "[DONE]"}),
                 kChatWire, as);
  EXPECT_EQ(got.out.find("hm"), std::string::npos);
  EXPECT_NE(stream_for(kChatWire, sse({openai_chunk(R"({"reasoning":"hm"})"), "[DONE]"}), kChatWire)
                .out.find("reasoning_content"),
            std::string::npos)
      << "OpenRouter's name for it";
}

TEST(OpenAiStream, parts_and_objects_of_imitators_are_understood) {
  const Streamed got = stream_for(
      kChatWire,
      sse({openai_chunk(R"({"content":[{"type":"thinking","thinking":[{"type":"text","text":"hm"}]},{"type":"text","t)"
                        R"(ext":"x"}]})"),
           openai_chunk(R"({"tool_calls":[{"id":"a","function":{"name":"f","arguments":{"x": 1}}}]})"), "[DONE]"}),
      kChatWire);
  StrictChat strict;
  EXPECT_EQ(strict.check(got.out, false), "") << got.out;
  EXPECT_EQ(strict.thinking + strict.text + strict.tools[0], R"(hmx{"x": 1})");
}

TEST(OpenAiStream, errors_of_all_shapes_end_it) {
  for (const std::string error :
       {R"({"error":{"message":"busy","type":"overloaded","code":529}})", R"({"error":"busy"})"}) {
    const Streamed got = stream_for(kChatWire, sse({openai_chunk(R"({"content":"x"})"), error, "[DONE]"}), kChatWire);
    EXPECT_EQ(got.state, Translation::State::failed);
    EXPECT_EQ(got.error, "busy");
    EXPECT_EQ(got.out.find("[DONE]"), std::string::npos);
  }
  EXPECT_EQ(stream_for(kChatWire, "event: error\ndata: {\"message\":\"busy\"}\n\n", kChatWire).error, "busy");
}

}  // namespace
}  // namespace spillway::llm
