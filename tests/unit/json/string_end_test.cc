// Where a JSON string ends.
#include "json/string_end.h"

#include <gtest/gtest.h>

#include <string>

namespace spillway {
namespace {

TEST(StringEnd, is_the_first_quote_that_no_backslash_hides) {
  for (std::size_t plain = 0; plain < 40; ++plain) {  // also where sixteen bytes are looked at together
    const std::string text = std::string(plain, 'a') + R"(\"\\\u00e9\n" rest ")";
    EXPECT_EQ(json_string_end(text, 0), plain + 12) << plain;
  }
  EXPECT_EQ(json_string_end("\"", 0), 0U);
}

TEST(StringEnd, of_what_is_no_string_is_nowhere) {
  for (const char* const text :
       {"", "no end", "\\", "bad \\x\"", "bad \\u12g4\"", "short \\u12\"", "a\nb\"", "\x01\""}) {
    EXPECT_EQ(json_string_end(text, 0), std::string_view::npos) << text;
  }
}

TEST(StringEnd, leaves_halves_of_surrogates_to_others) { EXPECT_EQ(json_string_end(R"(\ud83d")", 0), 6U); }

}  // namespace
}  // namespace spillway
