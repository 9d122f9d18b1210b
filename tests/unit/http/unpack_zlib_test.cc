// gzip and deflate: honest bodies, damaged ones, and bombs.
#include <gtest/gtest.h>
#include <zlib.h>

#include "http/inflate.h"

namespace spillway {
namespace {

constexpr int kGzip = 15 + 16;
constexpr int kZlib = 15;
constexpr int kRaw = -15;

std::string pack(const std::string& text, int window) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string varied(std::size_t bytes) {
  std::string text;
  for (std::uint32_t n = 1; text.size() < bytes; n = n * 1664525 + 1013904223) text += std::to_string(n);
  text.resize(bytes);
  return text;
}

TEST(Gzip, unpacks_texts_of_all_sizes) {
  for (const std::size_t bytes : {0, 1, 1000, 65535, 65536, 65537, 300000}) {
    const std::string text = varied(bytes);
    EXPECT_EQ(*inflate("gzip", pack(text, kGzip), bytes), text) << bytes;
    EXPECT_EQ(*inflate("X-GZIP", pack(text, kGzip), bytes + 1), text) << bytes;
  }
}

TEST(Gzip, unpacks_members_one_after_another) {
  EXPECT_EQ(*inflate("gzip", pack("abc", kGzip) + pack("", kGzip) + pack("def", kGzip), 6), "abcdef");
  EXPECT_EQ(inflate("gzip", pack("abc", kGzip) + pack("def", kGzip), 5).error().kind, Kind::limit);
}

TEST(Gzip, refuses_every_cut) {
  const std::string packed = pack(varied(500), kGzip);
  for (std::size_t n = 0; n < packed.size(); ++n) {
    EXPECT_EQ(inflate("gzip", packed.substr(0, n), 1000).error().kind, Kind::invalid) << n;
  }
}

TEST(Gzip, refuses_damage_and_trailing_bytes) {
  const std::string packed = pack(varied(500), kGzip);
  std::string damaged = packed;
  damaged[packed.size() - 6] ^= 1;  // the checksum
  EXPECT_EQ(inflate("gzip", damaged, 1000).error().kind, Kind::invalid);
  EXPECT_EQ(inflate("gzip", packed + "x", 1000).error().kind, Kind::invalid);
  EXPECT_EQ(inflate("gzip", packed + "garbage and more", 1000).error().kind, Kind::invalid);
  EXPECT_EQ(inflate("gzip", "{\"not\": \"packed\"}", 1000).error().kind, Kind::invalid);
}

TEST(Gzip, stops_a_bomb_at_the_bound) {
  const std::string bomb = pack(std::string(50'000'000, '\0'), kGzip);
  ASSERT_LT(bomb.size(), 60'000u);
  EXPECT_EQ(inflate("gzip", bomb, 1'000'000).error().kind, Kind::limit);
}

TEST(Deflate, is_zlib_or_raw) {
  const std::string text = varied(100000);
  EXPECT_EQ(*inflate("deflate", pack(text, kZlib), text.size()), text);
  EXPECT_EQ(*inflate("deflate", pack(text, kRaw), text.size()), text);
  EXPECT_EQ(inflate("deflate", pack(text, kZlib), text.size() - 1).error().kind, Kind::limit);
  EXPECT_EQ(inflate("deflate", pack(text, kZlib) + "x", text.size()).error().kind, Kind::invalid);
  EXPECT_EQ(inflate("deflate", pack("abc", kZlib) + pack("abc", kZlib), 100).error().kind, Kind::invalid);
  EXPECT_EQ(inflate("deflate", pack(text, kRaw).substr(0, 50), text.size()).error().kind, Kind::invalid);
}

}  // namespace
}  // namespace spillway
