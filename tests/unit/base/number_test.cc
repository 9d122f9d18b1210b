#include "base/number.h"

#include <gtest/gtest.h>

namespace spillway {
namespace {

TEST(ReadReal, decimal_numbers_and_nothing_else) {
  EXPECT_EQ(read_real("12"), 12.0);
  EXPECT_EQ(read_real("-0.5"), -0.5);
  EXPECT_EQ(read_real("1.5e3"), 1500.0);
  EXPECT_EQ(read_real("2E-1"), 0.2);
  EXPECT_EQ(read_real("0.00000005"), 0.00000005);
  for (const char* bad : {"", "-", "+1", " 1", "1 ", "0x10", "inf", "nan", ".5", "5.", "1e", "1e+", "--1", "1.2.3", "1e999"}) {
    EXPECT_EQ(read_real(bad), std::nullopt) << bad;
  }
}

TEST(TakeReal, leaves_what_follows_the_number) {
  std::string_view text = "1.5ms";
  EXPECT_EQ(take_real(text), 1.5);
  EXPECT_EQ(text, "ms");
  text = "10e";
  EXPECT_EQ(take_real(text), 10.0);
  EXPECT_EQ(text, "e");
  text = "s";
  EXPECT_EQ(take_real(text), std::nullopt);
  EXPECT_EQ(text, "s");
}

}  // namespace
}  // namespace spillway
