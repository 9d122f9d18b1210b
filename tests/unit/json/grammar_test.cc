// The scalar rules of JSON: numbers, UTF-8, escapes.
#include "json/grammar.h"

#include <gtest/gtest.h>

namespace spillway::json {
namespace {

TEST(Grammar, numbers_are_those_of_the_rfc) {
  for (const char* yes : {"0", "-0", "7", "-12", "0.5", "10.25", "1e3", "1E+3", "2.5e-7", "1e999", "-0.0e0",
                          "12345678901234567890123456", "0e0"}) {
    EXPECT_TRUE(is_number(yes)) << yes;
  }
  for (const char* no : {"",     "-",    "+1",    "007", "01",       "-01", ".5", "1.",    "1.e3", "1e",   "1e+",
                         "1ee3", "0x10", "1_000", "NaN", "Infinity", "1 ",  " 1", "1.2.3", "--1",  "1e5.5"}) {
    EXPECT_FALSE(is_number(no)) << no;
  }
}

TEST(Grammar, whole_numbers_read_in_any_spelling_that_is_exact) {
  EXPECT_EQ(whole_number("42", -1), 42);
  EXPECT_EQ(whole_number("1e3", -1), 1000);
  EXPECT_EQ(whole_number("1024.0", -1), 1024);
  EXPECT_EQ(whole_number("-9223372036854775808", 1), INT64_MIN);
  EXPECT_EQ(whole_number("1.5", -1), -1);
  EXPECT_EQ(whole_number("9223372036854775808", -1), -1);
  EXPECT_EQ(whole_number("1e999", -1), -1);
}

TEST(Grammar, utf8_is_strict) {
  EXPECT_EQ(utf8_sequence("a", 0), 1U);
  EXPECT_EQ(utf8_sequence("\xC3\xA9", 0), 2U);
  EXPECT_EQ(utf8_sequence("\xE2\x82\xAC", 0), 3U);
  EXPECT_EQ(utf8_sequence("\xF0\x9F\x98\x80", 0), 4U);
  EXPECT_EQ(utf8_sequence("\xF4\x8F\xBF\xBF", 0), 4U);
  for (const char* no : {"\x80", "\xC0\x80", "\xC1\xBF", "\xC3", "\xE0\x80\x80", "\xED\xA0\x80", "\xE2\x82",
                         "\xF0\x80\x80\x80", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "\xC3z"}) {
    EXPECT_EQ(utf8_sequence(no, 0), 0U) << no;
  }
}

TEST(Grammar, bad_bytes_are_found_at_every_alignment) {
  for (std::size_t at = 0; at < 40; ++at) {
    for (const char* bad : {"\x01", "\x1F", "\xFF", "\xC3"}) {
      std::string text(40, 'x');
      text[at] = bad[0];
      EXPECT_EQ(find_bad_byte(text), at);
    }
    std::string text(at, 'x');
    text += "\xC3\xA9\x7F";
    EXPECT_EQ(find_bad_byte(text), kNone);
  }
}

TEST(Grammar, escapes_are_judged_wherever_they_stand) {
  for (std::size_t before = 0; before < 70; ++before) {
    const std::string text(before, 'x');
    EXPECT_EQ(find_bad_escape(text + R"(\n\"\\\/\b\f\r\t\u00e9\ud83d\ude00 end of it)", false), kNone);
    for (const char* bad : {"\\x", "\\", "\\u12", "\\u12g4", "\\ud800", "\\udc00", "\\ud800\\u0041", "\\ud800x\\udc00",
                            "\\U0041", "\\0"}) {
      EXPECT_EQ(find_bad_escape(text + bad, false), before) << bad;
    }
  }
  EXPECT_EQ(find_bad_escape("\\ud800 and \\udc00", true), kNone);
  EXPECT_EQ(find_bad_escape("\\\\\\", false), 2U);
}

// One escape after the other, as the standard reads.
std::size_t bad_escape_plainly(std::string_view text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '\\') continue;
    if (at + 1 == text.size()) return at;
    if (text[at + 1] != 'u') {
      if (std::string_view("\"\\/bfnrt").find(text[at + 1]) == std::string_view::npos) return at;
      ++at;
      continue;
    }
    if (text.size() - at < 6 || text.substr(at + 2, 4) != "00e9") return at;
    at += 5;
  }
  return kNone;
}

TEST(Grammar, escapes_in_any_place_of_a_long_text_are_judged_as_one_by_one) {
  std::uint64_t state = 1;
  const auto dice = [&](std::uint64_t sides) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (state >> 33) % sides;
  };
  constexpr std::string_view kParts[] = {"a", "prose and more of it, ", "\\\\", "\\n", "\\\"", "\\u00e9", "\\", "\\x"};
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    const std::uint64_t parts = dice(40), kinds = dice(8) == 0 ? 8 : 6;
    for (std::uint64_t i = 0; i < parts; ++i) text += kParts[dice(kinds)];
    ASSERT_EQ(find_bad_escape(text, false), bad_escape_plainly(text)) << text;
  }
}

TEST(Grammar, unescaping_gives_what_is_meant) {
  std::string out;
  append_unescaped(out, R"(a\n\"\\\/\b\f\r\t\u00e9\u20ac\ud83d\ude00z)");
  EXPECT_EQ(out, "a\n\"\\/\b\f\r\t\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80z");
  out.clear();
  append_unescaped(out, R"(\ud800x\udc00)");
  EXPECT_EQ(out, "\xEF\xBF\xBDx\xEF\xBF\xBD");
  out.clear();
  append_unescaped(out, R"(a\u0000b)");
  EXPECT_EQ(out, std::string("a\0b", 3));
}

}  // namespace
}  // namespace spillway::json
