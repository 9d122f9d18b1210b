// A line is what JsonWriter would have written.
#include "json/line.h"

#include <gtest/gtest.h>

#include <limits>

namespace spillway {
namespace {

TEST(JsonLine, is_what_the_writer_writes) {
  std::string memory, written;
  JsonLine line(memory);
  line.open('{').key("a").text("x").key("n").number(-5).any_key("o\"").open('{').close('}');
  line.key("list").open('[').number(1).text("").flag(true).null().hundredths(1250).hundredths(-7).hundredths(300);
  line.real(0.25).real(std::numeric_limits<double>::infinity()).close(']').close('}');
  JsonWriter json(written);
  json.open('{').member("a", "x").member("n", -5).key(std::string_view("o\"")).open('{').close('}');
  json.key("list").open('[').value(1).value("").value(true).null().hundredths(1250).hundredths(-7).hundredths(300);
  json.value(0.25).value(std::numeric_limits<double>::infinity()).close(']').close('}');
  EXPECT_EQ(line.end(), written + "\n");
}

// Around the sixteen bytes that are copied at once.
TEST(JsonLine, escapes_any_byte_wherever_it_stands) {
  std::string memory;
  for (std::size_t size = 0; size < 40; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      for (const char byte : {'"', '\\', '\n', '\x7f', '\x80', '\xC3', '\x1f', '~', ' '}) {
        std::string text(size, 'x'), expected;
        text[at] = byte;
        append_json_string(expected, text);
        EXPECT_EQ(JsonLine(memory).text(text).end(), expected + "\n");
      }
    }
  }
}

TEST(JsonLine, grows_with_what_is_written_and_uses_its_memory_again) {
  std::string memory;
  for (const std::size_t bytes : {10u, 5'000u, 100'000u, 10u}) {
    const std::string text(bytes, 'x'), control(bytes, '\x01');
    std::string expected;
    append_json_string(expected, control);
    JsonLine line(memory);
    line.open('[').text(text).text(control).close(']');
    EXPECT_EQ(line.end(), "[\"" + text + "\"," + expected + "]\n");
  }
}

}  // namespace
}  // namespace spillway
