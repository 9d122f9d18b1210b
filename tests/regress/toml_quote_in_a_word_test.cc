// Found by config_fuzz: toml++ 3.3 asks whether U+047C is white space when it stands in an unquoted value, and its
// generated table has no answer (undefined behaviour). No such byte may reach it outside of quotes.
#include <gtest/gtest.h>

#include "conf/load.h"

namespace spillway {
namespace {

std::string first_problem(std::string_view toml) {
  const Loaded loaded = load_config_text(toml, "test.toml");
  return loaded.problems.empty() ? std::string() : to_text(loaded.problems.front(), false);
}

TEST(TomlQuote, in_the_middle_of_a_word_begins_no_string) {
  for (const std::string_view toml :
       {"X=4'\xd1\xbc'", "X=4.'\xd1\xbc'", "X = [1, 4\"\xd1\xbc\"]", "X=true'\xd1\xbc'", "X=+1:'\xd1\xbc'"}) {
    EXPECT_NE(first_problem(toml).find("a quote in the middle of a word"), std::string::npos) << toml;
  }
  EXPECT_NE(first_problem(std::string_view("X=4'\xd1\xbc'\0\0\0C", 11)), "");
}

TEST(TomlQuote, after_a_dot_goes_on_with_a_key) {
  EXPECT_EQ(first_problem("server.'listen' = ['127.0.0.1:1']\n").find("a quote in the middle"), std::string::npos);
}

}  // namespace
}  // namespace spillway
