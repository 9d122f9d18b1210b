// Anthropic's streams, read and written (ecosystem.md 1.7, 2.4, 2.5).
#include "codec_help.h"
#include "strict.h"

namespace spillway::llm {
namespace {

// Named events, as Anthropic frames them.
std::string events(const std::vector<std::string>& data) {
  std::string all;
  for (const std::string& one : data) {
    const std::size_t at = one.find("\"type\":\"") + 8;
    all += "event: " + one.substr(at, one.find('"', at) - at) + "\ndata: " + one + "\n\n";
  }
  return all;
}

const std::string kMessageStart =
    R"({"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"c","content":[],)"
    R"("stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":12,"cache_read_input_tokens":8,"outpu)"
    R"(t_tokens":1}}})";
const std::string kStop = R"({"type":"message_stop"})";
std::string anthropic_ending(const std::string& reason) {
  return R"({"type":"message_delta","delta":{"stop_reason":")" + reason +
         R"(","stop_sequence":null},"usage":{)"
         R"("output_tokens":6,"output_tokens_details":{"thinking_tokens":2}}})";
}
std::string begin(int index, const std::string& block) {
  return R"({"type":"content_block_start","index":)" + std::to_string(index) + R"(,"content_block":)" + block + "}";
}
std::string delta(int index, const std::string& json) {
  return R"({"type":"content_block_delta","index":)" + std::to_string(index) + R"(,"delta":)" + json + "}";
}
std::string stop(int index) { return R"({"type":"content_block_stop","index":)" + std::to_string(index) + "}"; }

const std::string kAnthropicTools =
    events({kMessageStart, begin(0, R"({"type":"tool_use","id":"toolu_1","name":"w","input":{}})"),
            R"({"type":"ping"})", delta(0, R"({"type":"input_json_delta","partial_json":"{\"city\":"})"),
            delta(0, R"({"type":"input_json_delta","partial_json":"\"Paris\"}"})"), stop(0),
            anthropic_ending("tool_use"), kStop});

const std::string kAnthropicTalk =
    events({kMessageStart, begin(0, R"({"type":"thinking","thinking":"","signature":""})"),
            delta(0, R"({"type":"thinking_delta","thinking":"hm"})"),
            delta(0, R"({"type":"signature_delta","signature":"c2ln"})"), stop(0),
            begin(1, R"({"type":"text","text":""})"), delta(1, R"({"type":"text_delta","text":"It is "})"),
            delta(1, R"({"type":"text_delta","text":"sunny."})"), stop(1), anthropic_ending("end_turn"), kStop});

TEST(AnthropicStream, the_worked_example_of_tools_is_openais_delta_by_delta) {
  const Streamed got = stream_for(Wire::anthropic, kAnthropicTools, Wire::openai_chat);
  std::string deltas;
  for (std::size_t at = 0; (at = got.out.find("\"delta\":", at)) != std::string::npos;) {
    at += 8;
    deltas += got.out.substr(at, got.out.find(",\"logprobs\"", at) - at) + "\n";
  }
  EXPECT_EQ(deltas,
            R"({"role":"assistant","content":null})"
            "\n"
            R"({"tool_calls":[{"index":0,"id":"toolu_1","type":"function","function":{"name":"w","arguments":""}}]})"
            "\n"
            R"({"tool_calls":[{"index":0,"function":{"arguments":"{\"city\":"}}]})"
            "\n"
            R"({"tool_calls":[{"index":0,"function":{"arguments":"\"Paris\"}"}}]})"
            "\n"
            "{}\n");
  StrictChat strict;
  EXPECT_EQ(strict.check(got.out, true), "") << got.out;
  EXPECT_EQ(strict.reason, "tool_calls");
  EXPECT_EQ(strict.total_tokens, 26);
}

TEST(AnthropicStream, thinking_and_text_reach_openai) {
  const Streamed got = stream_for(Wire::anthropic, kAnthropicTalk, Wire::openai_chat);
  StrictChat strict;
  EXPECT_EQ(strict.check(got.out, true), "") << got.out;
  EXPECT_EQ(strict.thinking + "/" + strict.text + "/" + strict.reason, "hm/It is sunny./stop");
  EXPECT_EQ(got.tokens.input, 20);
  EXPECT_EQ(got.tokens.cached, 8);
  EXPECT_EQ(got.tokens.reasoning, 2);
}

TEST(AnthropicStream, a_round_trip_through_itself_keeps_all) {
  const Streamed got = stream_for(Wire::anthropic, kAnthropicTalk, Wire::anthropic, asked("c"));
  StrictMessages strict;
  EXPECT_EQ(strict.check(got.out), "") << got.out;
  EXPECT_EQ(strict.thinking + strict.signature + strict.text + strict.reason, "hmc2lnIt is sunny.end_turn");
  EXPECT_EQ(strict.usage["input_tokens"].integer(-1), 12);
  EXPECT_EQ(strict.usage["cache_read_input_tokens"].integer(-1), 8);
}

TEST(AnthropicStream, usage_repeated_at_the_end_is_not_counted_twice) {
  const std::string text =
      events({kMessageStart, begin(0, R"({"type":"text","text":"x"})"), stop(0),
              R"({"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"input_tokens":12,)"
              R"("cache_read_input_tokens":8,"cache_creation_input_tokens":0,"output_tokens":6}})",
              kStop});
  EXPECT_EQ(stream_for(Wire::anthropic, text, Wire::openai_chat).tokens.input, 20);
}

std::string anthropic_chunk(const std::string& delta, const std::string& reason = "null") {
  return R"({"id":"x","model":"m","choices":[{"index":0,"delta":)" + delta + R"(,"finish_reason":)" + reason + "}]}";
}

TEST(AnthropicStream, openai_text_is_the_contract_word_for_word) {
  Asked as = asked("m");
  as.input_estimate = 10;
  const std::string usage = R"({"choices":[],"usage":{"prompt_tokens":10,"completion_tokens":2}})";
  const Streamed got = stream_for(Wire::openai_chat,
                                  sse({anthropic_chunk(R"({"role":"assistant","content":"Hi"})"),
                                       anthropic_chunk("{}", R"("stop")"), usage, "[DONE]"}),
                                  Wire::anthropic, as);
  EXPECT_EQ(got.out, fixture("anthropic.stream.sse") + "\n\n");
}

TEST(AnthropicStream, blocks_change_with_the_kind_and_interleaved_calls_come_in_turn) {
  const Streamed got = stream_for(
      Wire::openai_chat,
      sse({anthropic_chunk(R"({"reasoning_content":"hm"})"), anthropic_chunk(R"({"content":"let me"})"),
           anthropic_chunk(R"({"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{\"x\""}}]})"),
           anthropic_chunk(R"({"tool_calls":[{"index":1,"id":"b","function":{"name":"g","arguments":"{\"y\":"}}]})"),
           anthropic_chunk(
               R"({"tool_calls":[{"index":0,"function":{"arguments":":1}"}},{"index":1,"function":{"argument)"
               R"(s":"2}"}}]})"),
           anthropic_chunk("{}", R"("stop")"), "[DONE]"}),
      Wire::anthropic);
  StrictMessages strict;
  EXPECT_EQ(strict.check(got.out), "") << got.out;
  EXPECT_EQ(strict.thinking + strict.text, "hmlet me");
  EXPECT_EQ(strict.tools[2], R"({"x":1})") << "the first chunk's own arguments count, too";
  EXPECT_EQ(strict.tools[3], R"({"y":2})");
  EXPECT_EQ(strict.reason, "tool_use") << "although the provider says stop";
}

TEST(AnthropicStream, errors_are_events_of_their_own) {
  const Streamed got = stream_for(
      Wire::anthropic,
      events({kMessageStart, R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})"}),
      Wire::openai_chat);
  EXPECT_EQ(got.state, Translation::State::failed);
  EXPECT_EQ(got.error, "Overloaded");
  JsonScanner scanner;
  Translation translation(Wire::openai_chat, Wire::anthropic, asked(), scanner, 1000);
  translation.feed("data: " + anthropic_chunk(R"({"content":"x"})") + "\n\n");
  translation.fail({Case::broken_stream, "cut", {}, {}, {}});
  StrictMessages strict;
  EXPECT_EQ(strict.check(translation.out()), "");
  EXPECT_TRUE(strict.failed);
}

TEST(AnthropicStream, a_cut_is_an_error) {
  const std::string cut = kAnthropicTalk.substr(0, kAnthropicTalk.find("event: message_delta"));
  const Streamed got = stream_for(Wire::anthropic, cut, Wire::openai_chat);
  EXPECT_EQ(got.error, "the provider's stream ended early");
  EXPECT_EQ(got.out.find("[DONE]"), std::string::npos);
}

}  // namespace
}  // namespace spillway::llm
