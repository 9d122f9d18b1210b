// The processor's SHA-256 beside mbedTLS's, over every length of the padding and many cuts.
#include "base/sha256_rounds.h"

#include <gtest/gtest.h>

#include <string>

#include "base/hash.h"

namespace spillway {
namespace {

TEST(Sha256Rounds, one_block_of_the_standards_example) {
  if (!sha256_rounds_here()) GTEST_SKIP() << "this processor has no such instructions";
  Sha256State state = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  unsigned char abc[64] = {0x61, 0x62, 0x63, 0x80};  // FIPS 180-2 B.1, padded
  abc[63] = 24;
  sha256_rounds(state, abc, 1);
  const Sha256State expected = {0xba7816bf, 0x8f01cfea, 0x414140de, 0x5dae2223,
                                0xb00361a3, 0x96177a9c, 0xb410ff61, 0xf20015ad};
  for (std::size_t i = 0; i < std::size(state); ++i) EXPECT_EQ(state[i], expected[i]) << i;
}

TEST(Sha256Rounds, both_ways_agree_on_every_length_and_cut) {
  if (!sha256_rounds_here()) GTEST_SKIP() << "this processor has no such instructions";
  std::string text;
  for (int i = 0; i < 400; ++i) text += static_cast<char>(i * 37 + i / 7);
  for (std::size_t length = 0; length <= text.size(); ++length) {
    const std::string_view part = std::string_view(text).substr(0, length);
    Sha256 theirs(false), ours(true);
    theirs.add(part);
    const std::size_t cut = length * 3 / 7;
    ours.add(part.substr(0, cut));
    ours.add(part.substr(cut));
    ASSERT_EQ(ours.finish(), theirs.finish()) << length;
  }
}

}  // namespace
}  // namespace spillway
