// What is seen of a stream that passes unchanged.
#include "llm/wire_tap.h"

#include <gtest/gtest.h>

namespace spillway::llm {
namespace {

TEST(WireTap, anthropics_stream_has_content_usage_and_an_end) {
  JsonScanner scanner;
  WireTap tap(Wire::anthropic, scanner);
  EXPECT_EQ(
      tap.see(
          R"({"type":"message_start","message":{"id":"m","usage":{"input_tokens":10,"cache_read_input_tokens":5}}})"),
      Event::nothing);
  EXPECT_EQ(tap.see(R"({"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}})"),
            Event::nothing);
  EXPECT_EQ(tap.see(R"({"type":"ping"})"), Event::nothing);
  EXPECT_EQ(tap.see(R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi"}})"),
            Event::content);
  EXPECT_FALSE(tap.finished());
  tap.see(R"({"type":"message_delta","delta":{"stop_reason":"max_tokens"},"usage":{"output_tokens":2}})");
  EXPECT_TRUE(tap.finished());
  EXPECT_FALSE(tap.done());
  tap.see(R"({"type":"message_stop"})");
  EXPECT_TRUE(tap.done());
  EXPECT_EQ(tap.finish(), Finish::length);
  EXPECT_EQ(usage_of(tap.tokens()).input, 15);
  EXPECT_EQ(usage_of(tap.tokens()).cached, 5);
  EXPECT_EQ(usage_of(tap.tokens()).output, 2);
  EXPECT_EQ(tap.content_events(), 1u);
}

TEST(WireTap, a_tool_call_is_content) {
  JsonScanner scanner;
  WireTap tap(Wire::anthropic, scanner);
  EXPECT_EQ(
      tap.see(R"({"type":"content_block_start","content_block":{"type":"tool_use","id":"t","name":"w","input":{}}})"),
      Event::content);
}

TEST(WireTap, errors_and_nonsense_are_told_apart) {
  JsonScanner scanner;
  WireTap tap(Wire::anthropic, scanner);
  EXPECT_EQ(tap.see(R"({"type":"error","error":{"type":"overloaded_error","message":"busy"}})"), Event::error);
  EXPECT_EQ(tap.see("[1]"), Event::broken);
  EXPECT_EQ(tap.see("{"), Event::broken);
  EXPECT_EQ(tap.see("[DONE]"), Event::done);
}

TEST(WireTap, responses_end_with_their_object) {
  JsonScanner scanner;
  WireTap tap(Wire::openai_responses, scanner);
  EXPECT_EQ(tap.see(R"({"type":"response.created","response":{"id":"r"}})"), Event::nothing);
  EXPECT_EQ(tap.see(R"({"type":"response.output_text.delta","output_index":0,"delta":"Hi"})"), Event::content);
  tap.see(R"({"type":"response.completed","response":{"status":"completed","usage":{"input_tokens":3}}})");
  EXPECT_TRUE(tap.finished());
  EXPECT_EQ(usage_of(tap.tokens()).input, 3);
}

}  // namespace
}  // namespace spillway::llm
