// A stream between two wires: what is put in order, what is refused, what is bounded.
#include "llm/translation.h"

#include "codec_help.h"
#include "strict.h"

namespace spillway::llm {
namespace {

constexpr Wire kChat = Wire::openai_chat;
using State = Translation::State;

std::string chat_delta(const std::string& json, const std::string& reason = "null") {
  return "data: {\"id\":\"1\",\"choices\":[{\"index\":0,\"delta\":" + json + ",\"finish_reason\":" + reason + "}]}\n\n";
}
std::string call(const std::string& json) { return chat_delta(R"({"tool_calls":[)" + json + "]}"); }

struct Fed {
  JsonScanner scanner;
  Translation translation;
  explicit Fed(std::size_t event_bytes_max = 1 << 20) : translation(kChat, kChat, asked(), scanner, event_bytes_max) {}
  State feed(const std::string& text) { return translation.feed(text); }
};

TEST(Translation, the_state_tells_when_there_is_content) {
  Fed fed;
  EXPECT_EQ(fed.feed(": comment\n\n"), State::waiting);
  EXPECT_EQ(fed.feed(chat_delta(R"({"role":"assistant","content":""})")), State::waiting);
  EXPECT_EQ(fed.feed(chat_delta(R"({"content":"x"})")), State::content);
  EXPECT_EQ(fed.feed(chat_delta("{}", "\"stop\"")), State::content);
  EXPECT_EQ(fed.feed("data: [DONE]\n\n"), State::done);
  const std::size_t size = fed.translation.out().size();
  EXPECT_EQ(fed.feed(chat_delta(R"({"content":"more"})")), State::done) << "what comes behind the end is not read";
  EXPECT_EQ(fed.translation.finish(), State::done);
  EXPECT_EQ(fed.translation.out().size(), size);
  EXPECT_EQ(fed.translation.content_events(), 1u);
}

TEST(Translation, an_end_without_done_is_an_end_if_there_was_a_reason) {
  Fed with;
  with.feed(chat_delta(R"({"content":"x"})", "\"length\""));
  EXPECT_EQ(with.translation.finish(), State::done);
  EXPECT_EQ(with.translation.reason(), Finish::length);
  Fed without;
  without.feed(chat_delta(R"({"content":"x"})"));
  EXPECT_EQ(without.translation.finish(), State::failed);
  EXPECT_EQ(without.translation.error(), "the provider's stream ended early");
  Fed bare;
  bare.feed(chat_delta(R"({"content":"x"})") + "data: [DONE]\n\n");
  EXPECT_EQ(bare.translation.reason(), Finish::stop) << "[DONE] says that it is whole";
  Fed half;
  half.feed(chat_delta(R"({"content":"x"})", "\"stop\"") + "data: [DONE]");
  EXPECT_EQ(half.translation.finish(), State::done) << "the last event's blank line may be missing";
}

TEST(Translation, calls_without_indices_or_ids_are_told_apart) {
  Fed fed;
  fed.feed(call(R"({"function":{"name":"f","arguments":"{}"}})"));
  fed.feed(call(R"({"index":0,"id":"b","function":{"name":"g","arguments":"{\"a\""}})"));
  fed.feed(call(R"({"index":0,"id":"c","function":{"name":"h","arguments":"{}"}})"));
  fed.feed(call(R"({"index":0,"id":"b","function":{"arguments":":1}"}})"));
  fed.feed("data: [DONE]\n\n");
  StrictChat strict;
  EXPECT_EQ(strict.check(fed.translation.out(), false), "") << fed.translation.out();
  ASSERT_EQ(strict.tools.size(), 3u);
  EXPECT_EQ(strict.tools[0] + strict.tools[1] + strict.tools[2], R"({}{"a":1}{})");
}

TEST(Translation, a_name_that_comes_late_is_waited_for) {
  Fed fed;
  fed.feed(call(R"({"index":0,"id":"a","function":{"arguments":"{\"x\":"}})"));
  EXPECT_EQ(fed.translation.state(), State::waiting);
  fed.feed(call(R"({"index":0,"function":{"name":"f","arguments":"1}"}})"));
  fed.feed("data: [DONE]\n\n");
  StrictChat strict;
  EXPECT_EQ(strict.check(fed.translation.out(), false), "") << fed.translation.out();
  EXPECT_EQ(strict.tools[0], R"({"x":1})");
  Fed never;
  never.feed(call(R"({"index":0,"id":"a","function":{"arguments":"{}"}})") + "data: [DONE]\n\n");
  EXPECT_EQ(never.translation.error(), "the provider's tool call has no name");
}

TEST(Translation, text_behind_a_call_ends_it) {
  Fed fed;
  fed.feed(call(R"({"index":0,"id":"a","function":{"name":"f","arguments":"{}"}})") + chat_delta(R"({"content":"x"})"));
  EXPECT_EQ(fed.feed(call(R"({"index":0,"function":{"arguments":"!"}})")), State::failed);
}

TEST(Translation, what_grows_is_bounded) {
  Fed large(100);
  EXPECT_EQ(large.feed("data: " + std::string(200, 'x')), State::failed);
  Fed many;
  for (std::size_t i = 0; i <= ToolSlots::kMost; ++i) {
    many.feed(call(R"({"index":)" + std::to_string(i) + R"(,"id":"i)" + std::to_string(i) +
                   R"(","function":{"name)"
                   R"(":"f"}})"));
  }
  EXPECT_EQ(many.translation.error(), "the provider calls too many tools");
  Fed held;
  held.feed(call(R"({"index":0,"id":"a","function":{"name":"f"}})"));
  const std::string piece =
      call(R"({"index":1,"id":"b","function":{"arguments":")" + std::string(1 << 19, 'x') + "\"}}");
  for (int i = 0; i < 9; ++i) held.feed(piece);
  EXPECT_EQ(held.translation.error(), "the provider's tool calls are too large");
}

TEST(Translation, nonsense_and_bad_endings_are_failures) {
  EXPECT_EQ(Fed().feed("data: nonsense\n\n"), State::failed);
  EXPECT_EQ(Fed().feed("data: [1]\n\n"), State::failed);
  EXPECT_EQ(Fed().feed(chat_delta("{}", "\"error\"")), State::failed);
}

TEST(Translation, a_failure_ends_the_clients_stream_without_done) {
  Fed fed;
  fed.feed(chat_delta(R"({"content":"x"})"));
  fed.translation.fail({Case::upstream_timeout, "too slow", {}, {}, {}});
  EXPECT_EQ(fed.translation.state(), State::failed);
  StrictChat strict;
  EXPECT_EQ(strict.check(fed.translation.out(), false), "") << fed.translation.out();
  EXPECT_EQ(strict.error, "too slow");
}

}  // namespace
}  // namespace spillway::llm
