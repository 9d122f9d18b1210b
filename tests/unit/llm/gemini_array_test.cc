// Streams as one JSON array.
#include "llm/gemini_array.h"

#include <gtest/gtest.h>

namespace spillway::llm {
namespace {

constexpr std::string_view kEvents =
    "data: {\"a\":1}\n\n: comment\n\ndata: {\"b\":\r\ndata: 2}\r\n\r\nevent: x\ndata: {\"c\":3}\n\ndata: [DONE]\n\n";

TEST(GeminiArray, events_are_elements_however_they_are_cut) {
  for (std::size_t size = 1; size <= kEvents.size(); ++size) {
    GeminiArray array(1000);
    std::string out;
    for (std::size_t at = 0; at < kEvents.size(); at += size) out += array.framed(kEvents.substr(at, size), false);
    out += array.framed({}, true);
    EXPECT_EQ(out, "[{\"a\":1},\r\n{\"b\":\n2},\r\n{\"c\":3}]\r\n") << size;
  }
}

TEST(GeminiArray, what_broke_off_is_no_array) {
  GeminiArray array(1000);
  EXPECT_EQ(array.framed("data: {\"a\":1}\n\ndata: {", false), "[{\"a\":1}");
  EXPECT_EQ(array.framed("\"error\":{}}\n\n", false), ",\r\n{\"error\":{}}");
}

TEST(GeminiArray, nothing_is_an_empty_array) { EXPECT_EQ(GeminiArray(10).framed({}, true), "[]\r\n"); }

}  // namespace
}  // namespace spillway::llm
