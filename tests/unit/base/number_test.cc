// Decimal numbers as text and back.
#include "base/number.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include <cstdlib>

namespace spillway {
namespace {

TEST(ReadReal, decimal_numbers_and_nothing_else) {
  EXPECT_EQ(read_real("12"), 12.0);
  EXPECT_EQ(read_real("-0.5"), -0.5);
  EXPECT_EQ(read_real("1.5e3"), 1500.0);
  EXPECT_EQ(read_real("2E-1"), 0.2);
  EXPECT_EQ(read_real("0.00000005"), 0.00000005);
  for (const char* bad :
       {"", "-", "+1", " 1", "1 ", "0x10", "inf", "nan", ".5", "5.", "1e", "1e+", "--1", "1.2.3", "1e999"}) {
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

TEST(RealText, is_the_shortest_that_reads_back) {
  EXPECT_EQ(real_text(0.1), "0.1");
  EXPECT_EQ(real_text(1.0), "1");
  EXPECT_EQ(real_text(0.0021), "0.0021");
  EXPECT_EQ(real_text(10.5), "10.5");
  EXPECT_EQ(real_text(120), "120");
  EXPECT_EQ(real_text(999999.999999999), "999999.999999999");
  EXPECT_EQ(real_text(0.00010000001), "0.00010000001");
  EXPECT_EQ(real_text(0.1 + 0.2), "0.30000000000000004");
  EXPECT_EQ(real_text(1e-7), "1e-07");
  for (const double number : {1.0 / 3, 123456789.123456789, 5e-324, 1.7976931348623157e308, -2.5}) {
    EXPECT_EQ(std::strtod(real_text(number).c_str(), nullptr), number);
  }
}

TEST(Number, binary_logarithms_are_exact_for_powers_of_two_and_true_to_fifteen_digits_between) {
  for (int n = -60; n <= 60; ++n) EXPECT_EQ(binary_logarithm(std::ldexp(1.0, n)), n);
  for (double x = 1; x < 1e9; x = x * 1.37 + 1)
    EXPECT_NEAR(binary_logarithm(x), std::log2(x), std::log2(x + 1) * 1e-15);
  EXPECT_NEAR(binary_logarithm(96'000), 16.550746785383243, 1e-14);
  for (const double none : {0.0, -1.0, std::nan(""), std::numeric_limits<double>::infinity()})
    EXPECT_EQ(binary_logarithm(none), 0);
}

}  // namespace
}  // namespace spillway
