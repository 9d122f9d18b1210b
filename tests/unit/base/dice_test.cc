// xoshiro256** against values computed apart from this code, and draws without a bias.
#include "base/dice.h"

#include <gtest/gtest.h>

#include <array>
#include <set>

namespace spillway {
namespace {

TEST(Dice, rolls_what_the_published_algorithm_rolls) {
  Dice zero(0);  // its state is SplitMix64's e220a8397b1dcdaf 6e789e6aa1b965f4 06c45d188009454f f88bb8a8724c81ec
  for (const std::uint64_t expected : {0x99ec5f36cb75f2b4ull, 0xbf6e1f784956452aull, 0x1a5f849d4933e6e0ull,
                                       0x6aa594f1262d2d2cull, 0xbba5ad4a1f842e59ull}) {
    EXPECT_EQ(zero.roll(), expected);
  }
  Dice other(1234567);
  for (const std::uint64_t expected : {0x30a3a1c363600467ull, 0x19405f0f579929caull, 0x115beaac046ddbd9ull,
                                       0xeb17caf48f27d7f6ull, 0xa0c94fe1cce9d136ull}) {
    EXPECT_EQ(other.roll(), expected);
  }
}

TEST(Dice, without_a_seed_no_two_are_alike) {
  std::set<std::uint64_t> first;
  for (int i = 0; i < 100; ++i) first.insert(Dice().roll());
  EXPECT_EQ(first.size(), 100u);
}

TEST(Dice, unit_is_the_roll_cut_to_53_bits_and_below_1) {
  Dice dice(9), same(9);
  double sum = 0;
  for (int i = 0; i < 10'000; ++i) {
    const double u = dice.unit();
    ASSERT_EQ(u * 0x1.0p53, static_cast<double>(same.roll() >> 11));
    ASSERT_LT(u, 1.0);
    sum += u;
  }
  EXPECT_NEAR(sum / 10'000, 0.5, 0.01);
}

TEST(Dice, below_stays_below_and_reaches_every_number_about_equally) {
  Dice dice(3);
  std::array<int, 7> count{};
  for (int i = 0; i < 70'000; ++i) ++count.at(dice.below(7));
  for (const int n : count) EXPECT_NEAR(n, 10'000, 500);  // five standard deviations are 463
}

TEST(Dice, below_has_no_bias_where_a_remainder_would_have_one) {
  // With the bound at 3/4 of the range, roll() % bound would fall into the lower third half of the time.
  constexpr std::uint64_t kBound = 3ull << 62;
  Dice dice(5);
  int low = 0;
  for (int i = 0; i < 10'000; ++i) {
    const std::uint64_t n = dice.below(kBound);
    ASSERT_LT(n, kBound);
    if (n < kBound / 3) ++low;
  }
  EXPECT_NEAR(low, 3333, 250);
}

TEST(Dice, below_1_is_0) {
  Dice dice(1);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(dice.below(1), 0u);
}

}  // namespace
}  // namespace spillway
