#include "base/sha256_rounds.h"

#include "base/error.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#endif

namespace spillway {

#if defined(__x86_64__)

namespace {

// The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
alignas(16) constexpr std::uint32_t kRound[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

bool look_at_processor() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (__get_cpuid(1, &a, &b, &c, &d) == 0 || (c & bit_SSE4_1) == 0 || (c & bit_SSSE3) == 0) return false;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (b & bit_SHA) != 0;
}

const __m128i* as_words(const void* at) { return static_cast<const __m128i*>(at); }

// Four rounds a step. `words` are the last 16 words of the message schedule, the oldest four at step % 4.
__attribute__((target("sha,sse4.1,ssse3"))) void one_block(__m128i& abef, __m128i& cdgh, const unsigned char* block) {
  const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);  // words are big-endian
  __m128i words[4];
#pragma GCC unroll 16
  for (int step = 0; step < 16; ++step) {
    __m128i& now = words[step % 4];
    if (step < 4) {
      now = _mm_shuffle_epi8(_mm_loadu_si128(as_words(block) + step), swap);
    } else {
      const __m128i last = words[(step + 3) % 4];
      const __m128i seven_ago = _mm_alignr_epi8(last, words[(step + 2) % 4], 4);
      now = _mm_add_epi32(_mm_sha256msg1_epu32(now, words[(step + 1) % 4]), seven_ago);
      now = _mm_sha256msg2_epu32(now, last);
    }
    const __m128i input = _mm_add_epi32(now, _mm_load_si128(as_words(kRound) + step));
    cdgh = _mm_sha256rnds2_epu32(cdgh, abef, input);
    abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(input, 0x0e));
  }
}

__attribute__((target("sha,sse4.1,ssse3"))) void all_blocks(Sha256State& state, const unsigned char* blocks,
                                                            std::size_t count) {
  // The instructions want the eight words as ABEF and CDGH.
  const __m128i cdab = _mm_shuffle_epi32(_mm_loadu_si128(as_words(state)), 0xb1);
  const __m128i efgh = _mm_shuffle_epi32(_mm_loadu_si128(as_words(state) + 1), 0x1b);
  __m128i abef = _mm_alignr_epi8(cdab, efgh, 8), cdgh = _mm_blend_epi16(efgh, cdab, 0xf0);
  for (; count > 0; --count, blocks += 64) {
    const __m128i abef_before = abef, cdgh_before = cdgh;
    one_block(abef, cdgh, blocks);
    abef = _mm_add_epi32(abef, abef_before);
    cdgh = _mm_add_epi32(cdgh, cdgh_before);
  }
  const __m128i feba = _mm_shuffle_epi32(abef, 0x1b), dchg = _mm_shuffle_epi32(cdgh, 0xb1);
  __m128i* const out = reinterpret_cast<__m128i*>(state);
  _mm_storeu_si128(out, _mm_blend_epi16(feba, dchg, 0xf0));
  _mm_storeu_si128(out + 1, _mm_alignr_epi8(dchg, feba, 8));
}

}  // namespace

bool sha256_rounds_here() {
  static const bool here = look_at_processor();
  return here;
}

void sha256_rounds(Sha256State& state, const unsigned char* blocks, std::size_t count) {
  all_blocks(state, blocks, count);
}

#else

bool sha256_rounds_here() { return false; }
void sha256_rounds(Sha256State&, const unsigned char*, std::size_t) { CHECK(sha256_rounds_here()); }

#endif

}  // namespace spillway
