// zstd: honest bodies, damaged ones, bombs, and windows that cost more than the body.
#include <gtest/gtest.h>
#include <zstd.h>

#include "http/inflate.h"

namespace spillway {
namespace {

std::string pack(const std::string& text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
  return out;
}

// A frame of one raw block, "abc", that asks for a window of 2^log bytes (RFC 8878 3.1.1.1.2).
std::string with_window(int log) {
  const char descriptor = static_cast<char>((log - 10) << 3);
  return std::string("\x28\xb5\x2f\xfd\x00", 5) + descriptor + std::string("\x19\0\0abc", 6);
}

TEST(Zstd, unpacks_texts_of_all_sizes) {
  for (const std::size_t bytes : {0, 1, 1000, 65535, 65536, 65537, 131072, 300000}) {
    std::string text;
    for (std::uint32_t n = 1; text.size() < bytes; n = n * 1664525 + 1013904223) text += std::to_string(n);
    text.resize(bytes);
    EXPECT_EQ(*inflate("zstd", pack(text), bytes), text) << bytes;
    if (bytes > 0) {
      EXPECT_EQ(inflate("zstd", pack(text), bytes - 1).error().kind, Kind::limit) << bytes;
    }
  }
}

TEST(Zstd, unpacks_frames_one_after_another) { EXPECT_EQ(*inflate("ZSTD", pack("abc") + pack("def"), 6), "abcdef"); }

TEST(Zstd, refuses_cuts_damage_and_trailing_bytes) {
  const std::string packed = pack("some text, some other text, some text");
  for (std::size_t n = 0; n < packed.size(); ++n) {
    EXPECT_EQ(inflate("zstd", packed.substr(0, n), 1000).error().kind, Kind::invalid) << n;
  }
  EXPECT_EQ(inflate("zstd", packed + "garbage", 1000).error().kind, Kind::invalid);
  EXPECT_EQ(inflate("zstd", "{\"not\": \"packed\"}", 1000).error().kind, Kind::invalid);
}

TEST(Zstd, stops_a_bomb_at_the_bound) {
  const std::string bomb = pack(std::string(50'000'000, '\0'));
  ASSERT_LT(bomb.size(), 60'000u);
  EXPECT_EQ(inflate("zstd", bomb, 1'000'000).error().kind, Kind::limit);
}

// RFC 9659: no window above 8 MiB in HTTP.
TEST(Zstd, refuses_a_window_that_is_out_of_proportion) {
  EXPECT_EQ(*inflate("zstd", with_window(23), 100), "abc");
  EXPECT_EQ(inflate("zstd", with_window(24), 100).error().kind, Kind::invalid);
  EXPECT_EQ(inflate("zstd", with_window(31), 100).error().kind, Kind::invalid);
}

}  // namespace
}  // namespace spillway
