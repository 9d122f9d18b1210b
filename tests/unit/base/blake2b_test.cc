// The published vectors, and digests of other lengths as Python's hashlib computes them.
#include "base/blake2b.h"

#include <gtest/gtest.h>

#include "base/hash.h"

namespace spillway {
namespace {

TEST(Blake2b, RFC7693_appendix_A) {
  EXPECT_EQ(hex(blake2b("abc", 64)),
            "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"
            "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923");
}

TEST(Blake2b, blocks_are_cut_where_they_should_be) {
  const auto text = [](std::size_t n) {
    std::string bytes;
    for (std::size_t i = 0; i < n; ++i) bytes += static_cast<char>((i * 7 + 3) % 256);
    return bytes;
  };
  const struct {
    std::size_t length;
    const char *six, *thirty_two;
  } vectors[] = {
      {0, "ddd9c40767f9", "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8"},
      {1, "1b4b23d8ac62", "e88bd757ad5b9bedf372d8d3f0cf6c962a469db61a265f6418e1ffed86da29ec"},
      {127, "d3bc6f24ae8b", "c9ae3859964b35f04c54b36d33cf299d7290ee621005d28e51598a943560aaaa"},
      {128, "ca2b21c05c22", "f0501d06597880592bc49234eef100ec1ff349058d0e9d9b753504e24af86dd6"},
      {129, "4daf32026dc3", "a34a4e1e03c541dfbf3099c4b6c143c022ced65c28bd7e8a10e0a098461aecf0"},
      {256, "607e5709a9fa", "d93ebb9c802f5630ab22516fd82b6c21bc8bd551d531349b715f046ed11ed871"},
      {257, "6ddd64a67160", "4ce481b24d387422d2bc2baa03d1afd55a1327939ff537c71eb9b38709268649"},
      {1000, "2456d6f8ead9", "d62b6c768ce1afc8367e0498ab2f8e3f7c178c35b1429f14c4604b545d200f52"},
  };
  for (const auto& vector : vectors) {
    EXPECT_EQ(hex(blake2b(text(vector.length), 6)), vector.six) << vector.length;
    EXPECT_EQ(hex(blake2b(text(vector.length), 32)), vector.thirty_two) << vector.length;
  }
}

TEST(Blake2b, a_short_digest_is_not_the_front_of_a_long_one) {
  EXPECT_NE(blake2b("abc", 6), blake2b("abc", 64).substr(0, 6));
}

}  // namespace
}  // namespace spillway
