// The class table is computed at compile time from the grammar's own words, so that it can be read beside the RFCs.
#include "http/syntax.h"

#include <bit>
#include <cstring>

#include "http/lanes.h"

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

bool same_bytes(std::string_view a, std::string_view b) {
  std::size_t at = 0;
  std::uint64_t differing = 0;
#ifdef __SSE2__
  __m128i lanes = _mm_setzero_si128();
  for (; at + 16 <= a.size(); at += 16) {
    lanes = _mm_or_si128(lanes, _mm_xor_si128(sixteen(a.data() + at), sixteen(b.data() + at)));
  }
  differing = _mm_movemask_epi8(_mm_cmpeq_epi8(lanes, _mm_setzero_si128())) == 0xffff ? 0 : 1;
#endif
  for (; at < a.size(); ++at) differing |= static_cast<unsigned char>(a[at] ^ b[at]);
  return differing == 0;
}

const char* token_end(const char* at, const char* end) {
#ifdef __SSE2__
  // Names are letters and hyphens, and perhaps digits; what else may stand in one is looked up below.
  for (; end - at >= 16; at += 16) {
    const unsigned good = name_bytes(sixteen(at));
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

}  // namespace spillway
