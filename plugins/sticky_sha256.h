/* SHA-256 (FIPS 180-4) for the few bytes a session is named by; pure, no host calls. */
#ifndef STICKY_SHA256_H
#define STICKY_SHA256_H
#include <stddef.h>
#include <stdint.h>

enum { STICKY_DIGEST_BYTES = 32 };

typedef struct {
  uint32_t h[8];
  uint64_t length;
  uint8_t block[64];
} sticky_sha256;

static inline uint32_t sticky_rotr(uint32_t x, int n) { return x >> n | x << (32 - n); }

static inline void sticky_sha256_block(sticky_sha256 *sum) { /* 6.2.2 */
  static const uint32_t k[64] = {
      0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
      0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
      0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
      0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
      0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
      0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
      0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
      0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};
  uint32_t w[64], v[8];
  for (size_t i = 0; i < 16; ++i) {
    const uint8_t *b = sum->block + 4 * i;
    w[i] = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
  }
  for (size_t i = 16; i < 64; ++i) {
    const uint32_t a = w[i - 15], b = w[i - 2];
    const uint32_t s0 = sticky_rotr(a, 7) ^ sticky_rotr(a, 18) ^ a >> 3;
    const uint32_t s1 = sticky_rotr(b, 17) ^ sticky_rotr(b, 19) ^ b >> 10;
    w[i] = w[i - 16] + s0 + w[i - 7] + s1;
  }
  for (size_t i = 0; i < 8; ++i) v[i] = sum->h[i];
  for (size_t i = 0; i < 64; ++i) {
    const uint32_t s1 = sticky_rotr(v[4], 6) ^ sticky_rotr(v[4], 11) ^ sticky_rotr(v[4], 25);
    const uint32_t s0 = sticky_rotr(v[0], 2) ^ sticky_rotr(v[0], 13) ^ sticky_rotr(v[0], 22);
    const uint32_t choice = (v[4] & v[5]) ^ (~v[4] & v[6]), most = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]);
    const uint32_t t1 = v[7] + s1 + choice + k[i] + w[i], t2 = s0 + most;
    for (size_t j = 7; j > 0; --j) v[j] = v[j - 1];
    v[4] += t1;
    v[0] = t1 + t2;
  }
  for (size_t i = 0; i < 8; ++i) sum->h[i] += v[i];
}

static inline sticky_sha256 sticky_sha256_begin(void) { /* 5.3.3 */
  const sticky_sha256 fresh = {
      {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19}, 0, {0}};
  return fresh;
}

static inline void sticky_sha256_add(sticky_sha256 *sum, const char *bytes, size_t n) {
  for (size_t i = 0; i < n; ++i) {
    sum->block[sum->length++ % 64] = (uint8_t)bytes[i];
    if (sum->length % 64 == 0) sticky_sha256_block(sum);
  }
}

static inline void sticky_sha256_end(sticky_sha256 *sum, uint8_t digest[STICKY_DIGEST_BYTES]) { /* 5.1.1 */
  const uint64_t bits = sum->length * 8;
  const char one = (char)0x80, zero = 0;
  sticky_sha256_add(sum, &one, 1);
  while (sum->length % 64 != 56) sticky_sha256_add(sum, &zero, 1);
  for (int shift = 56; shift >= 0; shift -= 8) {
    const char byte = (char)(bits >> shift & 0xff);
    sticky_sha256_add(sum, &byte, 1);
  }
  for (size_t i = 0; i < STICKY_DIGEST_BYTES; ++i) digest[i] = (uint8_t)(sum->h[i / 4] >> (24 - 8 * (i % 4)));
}

#endif
