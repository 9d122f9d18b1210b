// The table of codecs: what is there works both ways, what is not is refused.
#include "llm/codec.h"

#include "codec_help.h"

namespace spillway::llm {
namespace {

TEST(Codec, directions_that_are_not_built_are_refused) {
  JsonScanner scanner;
  for (std::size_t i = 0; i < kWires; ++i) {
    const auto wire = static_cast<Wire>(i);
    const Codec& codec = codec_of(wire);
    EXPECT_FALSE(codec.name.empty());
    EXPECT_EQ(codec.read_answer == nullptr, codec.reader == nullptr);
    EXPECT_EQ(codec.read_request == nullptr, codec.write_answer == nullptr);
    EXPECT_EQ(codec.write_answer == nullptr, codec.writer == nullptr);
    Refusal why;
    if (codec.read_request == nullptr) {
      EXPECT_FALSE(read_request(wire, scanner, "{}", 2, why));
      EXPECT_NE(why.message, "");
    }
    if (codec.read_answer == nullptr) {
      EXPECT_FALSE(read_answer(wire, scanner, "{}", 2));
    }
  }
}

TEST(Codec, the_answers_writers_are_told_of_the_request) {
  ChatRequest request = read_ok(Wire::openai_chat, R"({"model":"m","messages":[],"stream":true,"stream_options":
    {"include_usage":true}})");
  request.tools.emplace_back().space = "ns";
  request.tools.emplace_back().name = "g";
  const Asked as = asked_of(request, "f", 7);
  EXPECT_EQ(as.model + as.fallback_id, "mf");
  EXPECT_EQ(as.created, 7);
  EXPECT_TRUE(as.include_usage);
  ASSERT_EQ(as.spaced_tools.size(), 1u);
}

TEST(Codec, tool_calls_without_ids_get_some) {
  const std::string text = answer_for(Wire::openai_chat, R"({"id":"1","choices":[{"message":{"tool_calls":[{"function":
    {"name":"f","arguments":"{}"}},{"function":{"name":"f","arguments":"{}"}}]}}]})",
                                      Wire::openai_chat);
  EXPECT_NE(text.find(R"("id":"call_1_0")"), text.npos) << text;
  EXPECT_NE(text.find(R"("id":"call_1_1")"), text.npos) << text;
}

}  // namespace
}  // namespace spillway::llm
