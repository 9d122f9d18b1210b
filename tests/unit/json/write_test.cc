// What is written is valid JSON whatever bytes come in, and reads back as what was meant.
#include "json/write.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "json/scan.h"

namespace spillway {
namespace {

std::string as_json(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

TEST(Write, every_pair_of_bytes_gives_a_valid_string_without_control_bytes) {
  for (int a = 0; a < 256; ++a) {
    for (int b = 0; b < 256; ++b) {
      const std::string out = as_json(std::string{static_cast<char>(a), static_cast<char>(b)});
      ASSERT_TRUE(parse_json(out)) << a << ' ' << b;
      for (const char c : out) ASSERT_TRUE(static_cast<unsigned char>(c) >= 0x20 && c != 0x7F) << a << ' ' << b;
    }
  }
}

// X-3 of reliability.md: control bytes, DEL and C1 escaped, UTF-8 put right.
TEST(Write, escapes_are_these) {
  EXPECT_EQ(as_json("a\"\\\b\f\n\r\t/"), R"("a\"\\\b\f\n\r\t/")");
  EXPECT_EQ(as_json(std::string("\0\x1f\x7f", 3)), R"("\u0000\u001f\u007f")");
  EXPECT_EQ(as_json("\xC2\x80\xC2\x9F\xC2\xA0"), "\"\\u0080\\u009f\xC2\xA0\"");
  EXPECT_EQ(as_json("x\xFFy\xC3"), "\"x\xEF\xBF\xBDy\xEF\xBF\xBD\"");
  EXPECT_EQ(as_json("caf\xC3\xA9 \xF0\x9F\x98\x80"), "\"caf\xC3\xA9 \xF0\x9F\x98\x80\"");
}

TEST(Write, valid_text_reads_back_the_same) {
  const std::string text = "line\nquote\" back\\ \xC2\x85 \xE2\x82\xAC \x7F";
  const Result<JsonValue> back = parse_json(as_json(text));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->string(), text);
}

TEST(Write, commas_stand_where_they_must) {
  std::string out;
  JsonWriter json(out);
  json.open('{').member("a", 1).key("b").open('[').value("x").open('{').close('}').open('[').close(']').null();
  json.close(']').member("c", true).key("d").raw("[1]").member("e", "last").close('}');
  EXPECT_EQ(out, R"({"a":1,"b":["x",{},[],null],"c":true,"d":[1],"e":"last"})");
}

TEST(Write, numbers_have_their_shortest_exact_spelling) {
  std::string out;
  JsonWriter json(out);
  json.open('[').value(0.1).value(std::int64_t{INT64_MIN}).value(std::uint64_t{UINT64_MAX}).value(-5).value(7U);
  json.value(std::nan("")).value(std::numeric_limits<double>::infinity()).value(1e300).value(3.0).close(']');
  EXPECT_EQ(out, "[0.1,-9223372036854775808,18446744073709551615,-5,7,null,null,1e+300,3]");
  EXPECT_TRUE(parse_json(out));
}

}  // namespace
}  // namespace spillway
