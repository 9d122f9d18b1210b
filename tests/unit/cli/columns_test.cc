// Words in columns.
#include "cli/columns.h"

#include <gtest/gtest.h>

namespace spillway {
namespace {

TEST(Columns, each_is_as_wide_as_its_widest_word_and_no_line_ends_in_spaces) {
  EXPECT_EQ(in_columns({{"A", "LONG", "C"}, {"aaaa", "", "c"}, {"a", "b", ""}}),
            "A     LONG  C\naaaa        c\na     b\n");
}

TEST(Columns, lines_may_be_shorter) { EXPECT_EQ(in_columns({{"a"}, {"b", "c"}, {}}), "a\nb  c\n\n"); }

}  // namespace
}  // namespace spillway
