// SHA-256 against the vectors of FIPS 180-2, the fast hash against values computed apart from this code.
#include "base/hash.h"

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <set>

namespace spillway {
namespace {

std::string hex_of(const Digest& digest) { return hex({reinterpret_cast<const char*>(digest.data()), digest.size()}); }

struct Vector {
  std::string text, digest;
};

std::vector<Vector> fips_180_2() {  // appendix B, and the empty message
  return {
      {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
      {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
      {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
       "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
      {std::string(1'000'000, 'a'), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
  };
}

TEST(Sha256, gives_the_standards_digests) {
  for (const Vector& one : fips_180_2()) EXPECT_EQ(hex_of(sha256(one.text)), one.digest) << one.text.size() << " bytes";
}

TEST(Sha256, does_not_mind_how_the_bytes_are_cut) {
  for (const Vector& one : fips_180_2()) {
    for (const std::size_t step : {1u, 7u, 64u, 4096u}) {
      if (one.text.size() / step > 100'000) continue;
      Sha256 sum;
      for (std::size_t at = 0; at < one.text.size(); at += step) sum.add(std::string_view(one.text).substr(at, step));
      EXPECT_EQ(hex_of(sum.finish()), one.digest) << "in pieces of " << step;
    }
  }
}

TEST(Sha1, gives_the_standards_digests) {  // FIPS 180-2, appendix A
  const auto hex_of_sha1 = [](std::string_view text) {
    const auto sum = sha1(text);
    return hex({reinterpret_cast<const char*>(sum.data()), sum.size()});
  };
  EXPECT_EQ(hex_of_sha1("abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(hex_of_sha1(""), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
}

TEST(Hex, writes_every_byte_as_two_digits) {
  EXPECT_EQ(hex(std::string_view("\x00\x0f\xf0\xff z", 6)), "000ff0ff207a");
  EXPECT_EQ(hex(""), "");
}

TEST(Hash64, is_the_same_in_every_build_because_the_store_keeps_it) {
  EXPECT_EQ(hash64(""), 0x04af0e9fec274548ull);
  EXPECT_EQ(hash64("a"), 0x06be36ac55194b5dull);
  EXPECT_EQ(hash64("openrouter"), 0x46d7fd9afa2da6d0ull);
  EXPECT_EQ(hash64("12345678"), 0x8598ee8b3e657aefull);
  EXPECT_EQ(hash64("12345678", 7), 0x993593dea652f948ull);
  EXPECT_EQ(hash64("the same text, longer than one word"), 0x70490ad9ff751cc6ull);
}

TEST(Hash64, tells_texts_apart_that_differ_in_trailing_zeros_or_one_bit) {
  std::set<std::uint64_t> seen;
  const std::string zeros(40, '\0');
  for (std::size_t n = 0; n <= zeros.size(); ++n) seen.insert(hash64(std::string_view(zeros).substr(0, n)));
  EXPECT_EQ(seen.size(), 41u);
  std::string text = "provider/model";
  seen = {hash64(text)};
  for (std::size_t bit = 0; bit < text.size() * 8; ++bit) {
    text[bit / 8] = static_cast<char>(text[bit / 8] ^ (1 << bit % 8));
    seen.insert(hash64(text));
    text[bit / 8] = static_cast<char>(text[bit / 8] ^ (1 << bit % 8));
  }
  EXPECT_EQ(seen.size(), text.size() * 8 + 1);
}

TEST(Hash64, spreads_similar_names_over_all_bits) {
  constexpr int kNames = 4096;
  std::array<int, 64> low{}, high{};
  std::array<int, 64> ones{};
  for (int i = 0; i < kNames; ++i) {
    const std::uint64_t h = hash64("model-" + std::to_string(i));
    ++low[h % 64];
    ++high[h >> 58];
    for (std::size_t bit = 0; bit < 64; ++bit) ones[bit] += static_cast<int>(h >> bit & 1);
  }
  for (std::size_t i = 0; i < 64; ++i) {
    EXPECT_NEAR(low[i], 64, 44) << "bucket " << i;  // five and a half standard deviations
    EXPECT_NEAR(high[i], 64, 44) << "bucket " << i;
    EXPECT_NEAR(ones[i], kNames / 2, 176) << "bit " << i;
  }
}

TEST(EqualInConstantTime, is_false_for_a_difference_in_any_bit) {
  const Digest one = sha256("secret");
  EXPECT_TRUE(equal_in_constant_time(one, sha256("secret")));
  for (std::size_t bit = 0; bit < 256; ++bit) {
    Digest other = one;
    other[bit / 8] = static_cast<std::uint8_t>(other[bit / 8] ^ (1u << bit % 8));
    EXPECT_FALSE(equal_in_constant_time(one, other)) << "bit " << bit;
  }
}

}  // namespace
}  // namespace spillway
