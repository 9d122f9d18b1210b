// Sixteen bytes of a head at once, where the processor can. Private to core/http; thread: any.
#pragma once
#ifdef __SSE2__
#include <emmintrin.h>

namespace spillway {

inline __m128i sixteen(const char* at) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at)); }

// Which of sixteen bytes are control bytes other than HTAB.
inline unsigned controls(__m128i bytes) {
  const auto is = [&](char c) { return _mm_cmpeq_epi8(bytes, _mm_set1_epi8(c)); };
  const __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1f)), bytes);
  return static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(_mm_andnot_si128(is('\t'), low), is(0x7f))));
}

// Which of them are letters, digits or hyphens: what nearly all field names are made of.
inline unsigned name_bytes(__m128i bytes) {
  const auto within = [](__m128i some, char first, char last) {
    const __m128i moved = _mm_sub_epi8(some, _mm_set1_epi8(first));
    return _mm_cmpeq_epi8(_mm_min_epu8(moved, _mm_set1_epi8(static_cast<char>(last - first))), moved);
  };
  const __m128i letters = within(_mm_or_si128(bytes, _mm_set1_epi8(0x20)), 'a', 'z');
  const __m128i others = _mm_or_si128(within(bytes, '0', '9'), _mm_cmpeq_epi8(bytes, _mm_set1_epi8('-')));
  return static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(letters, others)));
}

}  // namespace spillway
#endif
