// The class table is computed at compile time from the grammar's own words, so that it can be read beside the RFCs.
#include "http/syntax.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

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

// Without an early way out: names are short, and mostly right.
bool all_chars(std::string_view text, CharClass kind) {
  std::uint8_t common = kind;
  for (const char c : text) common &= kCharClasses[static_cast<unsigned char>(c)];
  return common == kind;
}

bool is_token(std::string_view text) { return !text.empty() && all_chars(text, kTokenChar); }

bool is_field_value(std::string_view text) {
  std::size_t at = 0;
#ifdef __SSE2__
  for (; at + 16 <= text.size(); at += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + at));
    const auto is = [&](char c) { return _mm_cmpeq_epi8(bytes, _mm_set1_epi8(c)); };
    const __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1f)), bytes);
    if (_mm_movemask_epi8(_mm_or_si128(_mm_andnot_si128(is('\t'), low), is(0x7f))) != 0) return false;
  }
#endif
  return all_chars(text.substr(at), kValueChar);
}

}  // namespace spillway
