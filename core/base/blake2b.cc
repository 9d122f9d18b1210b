#include "base/blake2b.h"

#include <array>
#include <bit>
#include <cstdint>

#include "base/error.h"

namespace spillway {

namespace {

constexpr std::size_t kBlock = 128;
constexpr int kRounds = 12;

// RFC 7693 2.6.
constexpr std::array<std::uint64_t, 8> kStart = {
    0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
    0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
};

// RFC 7693 2.7; rounds 10 and 11 begin anew.
constexpr std::uint8_t kOrder[10][16] = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
    {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4}, {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
    {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13}, {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
    {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11}, {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
    {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5}, {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0},
};

// Which words each of a round's eight mixes takes: four columns, then four diagonals (3.2).
constexpr std::uint8_t kMixes[8][4] = {
    {0, 4, 8, 12},  {1, 5, 9, 13},  {2, 6, 10, 14}, {3, 7, 11, 15},
    {0, 5, 10, 15}, {1, 6, 11, 12}, {2, 7, 8, 13},  {3, 4, 9, 14},
};

using Words = std::array<std::uint64_t, 16>;

void mix(Words& v, const std::uint8_t (&at)[4], std::uint64_t x, std::uint64_t y) {  // 3.1
  std::uint64_t &a = v[at[0]], &b = v[at[1]], &c = v[at[2]], &d = v[at[3]];
  a += b + x;
  d = std::rotr(d ^ a, 32);
  c += d;
  b = std::rotr(b ^ c, 24);
  a += b + y;
  d = std::rotr(d ^ a, 16);
  c += d;
  b = std::rotr(b ^ c, 63);
}

void compress(std::array<std::uint64_t, 8>& h, const Words& block, std::uint64_t total, bool last) {  // 3.2
  Words v;
  for (std::size_t i = 0; i < 8; ++i) {
    v[i] = h[i];
    v[i + 8] = kStart[i];
  }
  v[12] ^= total;  // texts of 2^64 bytes do not occur, so the counter's upper half stays 0
  if (last) v[14] = ~v[14];
  for (int round = 0; round < kRounds; ++round) {
    const std::uint8_t* order = kOrder[round % 10];
    for (std::size_t i = 0; i < 8; ++i) mix(v, kMixes[i], block[order[2 * i]], block[order[2 * i + 1]]);
  }
  for (std::size_t i = 0; i < 8; ++i) h[i] ^= v[i] ^ v[i + 8];
}

Words words_of(std::string_view bytes) {  // little-endian, zeros behind the end
  Words words{};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    words[i / 8] |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (i % 8 * 8);
  }
  return words;
}

}  // namespace

std::string blake2b(std::string_view bytes, std::size_t digest_bytes) {
  CHECK(digest_bytes >= 1);
  CHECK(digest_bytes <= kBlake2bMost);
  std::array<std::uint64_t, 8> h = kStart;
  h[0] ^= 0x01010000 ^ digest_bytes;  // depth and fan-out 1, no key
  std::size_t at = 0;
  for (; bytes.size() - at > kBlock; at += kBlock) compress(h, words_of(bytes.substr(at, kBlock)), at + kBlock, false);
  compress(h, words_of(bytes.substr(at)), bytes.size(), true);
  std::string digest;
  for (std::size_t i = 0; i < digest_bytes; ++i) digest += static_cast<char>(h[i / 8] >> (i % 8 * 8));
  return digest;
}

}  // namespace spillway
