// Finding statements without understanding them.
#include "conf/statements.h"

#include <gtest/gtest.h>

#include <string>

namespace spillway {
namespace {

std::string shape(std::string_view text) {
  std::string out;
  for (const Statement& s : statements_of(text)) {
    out += std::to_string(s.first) + '-' + std::to_string(s.last) + (s.header ? "h" : "") + (s.surplus ? "+" : "");
    if (s.bracket.line > 0) out += '[' + std::to_string(s.bracket.line) + ':' + std::to_string(s.bracket.column);
    if (s.quote.line > 0) out += '"' + std::to_string(s.quote.line) + ':' + std::to_string(s.quote.column);
    out += ' ';
  }
  return out;
}

TEST(Statements, one_for_each_line_header_and_bracket) {
  EXPECT_EQ(shape("a = 1\n\n# b\n[x]\nc = [\n 1,\n 2, # ]\n]\n[[y]] # z\n"), "1-1 4-4h 5-8 9-9h ");
}

TEST(Statements, brackets_and_marks_inside_strings_mean_nothing) {
  EXPECT_EQ(shape("a = '[' \nb = \"{\\\"[\"\nc = '''\n[x]\n'''\nd = \"\"\"\n\\\"\"\"]\n\"\"\"\n"), "1-1 2-2 3-5 6-8 ");
}

TEST(Statements, assignment_inside_brackets_ends_the_statement_above) {
  EXPECT_EQ(shape("a = [\n 1,\nb = 2\n"), "1-2[1:5 3-3 ");
  EXPECT_EQ(shape("a = [\n 1,\n[[b]]\n"), "1-2[1:5 3-3h ");
  EXPECT_EQ(shape("a = [\n [1, 2],\n [true],\n]\n"), "1-4 ");
}

TEST(Statements, open_strings_and_surplus_brackets_are_noted) {
  EXPECT_EQ(shape("a = \"x\nb = 1 }\nc = 'y"), "1-1\"1:5 2-2+ 3-3\"3:5 ");
  EXPECT_EQ(shape("a = \"\"\"x\nb = 1"), "1-2\"1:5 ");
}

TEST(Statements, any_prefix_of_a_text_is_taken) {
  const std::string text = "a = [\"x\\\"\", 'y', '''z''', { b = \"\"\"c\\\"\"\"\" }] # d\n[[e]]\nf = 1\n";
  for (std::size_t n = 0; n <= text.size(); ++n) {
    for (const Statement& s : statements_of(text.substr(0, n))) {
      EXPECT_LE(s.first, s.last);
      EXPECT_LE(s.last, 4);
    }
  }
}

}  // namespace
}  // namespace spillway
