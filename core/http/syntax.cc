// The class table is computed at compile time from the grammar's own words, so that it can be read beside the RFCs.
#include "http/syntax.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif
#include <bit>
#include <cstring>

namespace spillway {

namespace {
constexpr bool among(std::string_view set, char c) { return set.find(c) != std::string_view::npos; }

constexpr std::uint8_t classes_of(unsigned code) {
  const char c = static_cast<char>(code);
  const bool digit = code >= '0' && code <= '9';
  const bool letter = (code >= 'a' && code <= 'z') || (code >= 'A' && code <= 'Z');
  const bool visible = code > 0x20 && code < 0x7f;
  unsigned kinds = 0;
  if (digit || letter || (visible && among("!#$%&'*+-.^_`|~", c))) kinds |= kTokenChar;
  if (code == '\t' || (code >= 0x20 && code != 0x7f)) kinds |= kValueChar;
  if (visible && !among("\"#<>?\\^`{}", c)) kinds |= kPathChar;
  if (visible && !among("\"#<>", c)) kinds |= kQueryChar;
  if (digit || letter || (visible && among("-._~!$&'()*+,;=", c))) kinds |= kHostChar;
  if (digit || (code >= 'a' && code <= 'f') || (code >= 'A' && code <= 'F')) kinds |= kHexDigit;
  if (digit) kinds |= kDigit;
  return static_cast<std::uint8_t>(kinds);
}

constexpr std::array<std::uint8_t, 256> build() {
  std::array<std::uint8_t, 256> table{};
  for (unsigned code = 0; code < 256; ++code) table[code] = classes_of(code);
  return table;
}
}  // namespace

constexpr std::array<std::uint8_t, 256> kCharClasses = build();

namespace {
#ifdef __SSE2__
__m128i sixteen(const char* at) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at)); }

// Which of sixteen bytes are control bytes other than HTAB.
unsigned controls(__m128i bytes) {
  const auto is = [&](char c) { return _mm_cmpeq_epi8(bytes, _mm_set1_epi8(c)); };
  const __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1f)), bytes);
  return static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(_mm_andnot_si128(is('\t'), low), is(0x7f))));
}
#endif
}  // namespace

bool is_field_value(std::string_view text) {
#ifdef __SSE2__
  if (text.size() >= 8) {
    if (text.size() < 16) {  // the first and the last eight, which may overlap
      std::uint64_t first = 0, last = 0;
      std::memcpy(&first, text.data(), 8);
      std::memcpy(&last, text.data() + text.size() - 8, 8);
      return controls(_mm_set_epi64x(static_cast<long long>(first), static_cast<long long>(last))) == 0;
    }
    for (std::size_t at = 0; at + 16 <= text.size(); at += 16) {
      if (controls(sixteen(text.data() + at)) != 0) return false;
    }
    return controls(sixteen(text.data() + text.size() - 16)) == 0;
  }
#endif
  return all_chars(text, kValueChar);
}

const char* token_end(const char* at, const char* end) {
#ifdef __SSE2__
  // Names are letters and hyphens, and perhaps digits; what else may stand in one is looked up below.
  for (; end - at >= 16; at += 16) {
    const __m128i bytes = sixteen(at);
    const auto within = [&](__m128i some, char first, char last) {
      const __m128i moved = _mm_sub_epi8(some, _mm_set1_epi8(first));
      return _mm_cmpeq_epi8(_mm_min_epu8(moved, _mm_set1_epi8(static_cast<char>(last - first))), moved);
    };
    const __m128i letters = within(_mm_or_si128(bytes, _mm_set1_epi8(0x20)), 'a', 'z');
    const __m128i others = _mm_or_si128(within(bytes, '0', '9'), _mm_cmpeq_epi8(bytes, _mm_set1_epi8('-')));
    const auto good = static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(letters, others)));
    if (good == 0xffff) continue;
    at += std::countr_one(good);
    break;
  }
#endif
  while (at < end && is_char(*at, kTokenChar)) ++at;
  return at;
}

const char* field_value_end(const char* at, const char* end) {
#ifdef __SSE2__
  for (; end - at >= 16; at += 16) {
    if (const unsigned found = controls(sixteen(at)); found != 0) return at + std::countr_zero(found);
  }
#endif
  while (at < end && is_char(*at, kValueChar)) ++at;
  return at;
}

std::size_t find_pair(std::string_view text, char first, char second, std::size_t from) {
#ifdef __SSE2__
  for (; from + 17 <= text.size(); from += 16) {
    const __m128i here = _mm_cmpeq_epi8(sixteen(text.data() + from), _mm_set1_epi8(first));
    const __m128i behind = _mm_cmpeq_epi8(sixteen(text.data() + from + 1), _mm_set1_epi8(second));
    const auto found = static_cast<unsigned>(_mm_movemask_epi8(_mm_and_si128(here, behind)));
    if (found != 0) return from + static_cast<std::size_t>(std::countr_zero(found));
  }
#endif
  for (; from + 1 < text.size(); ++from) {
    if (text[from] == first && text[from + 1] == second) return from;
  }
  return text.npos;
}

}  // namespace spillway
