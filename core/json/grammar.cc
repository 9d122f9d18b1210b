// The scalar rules of JSON. See grammar.h.
#include "json/grammar.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstring>

#include "base/number.h"

namespace spillway::json {
namespace {

constexpr std::uint32_t kNoUnit = 0xFFFFFFFF;

std::size_t digits(std::string_view token, std::size_t at) {
  while (at < token.size() && is_digit(token[at])) ++at;
  return at;
}

// The UTF-16 unit of "\uXXXX" at `at`, which points at the backslash; kNoUnit if there is none.
std::uint32_t unit_at(std::string_view inside, std::size_t at) {
  if (inside.size() < at + 6 || inside[at] != '\\' || inside[at + 1] != 'u') return kNoUnit;
  std::uint32_t unit = 0;
  for (std::size_t i = at + 2; i < at + 6; ++i) {
    if (!is_hex(inside[i])) return kNoUnit;
    unit = unit << 4 | static_cast<std::uint32_t>(hex_value(inside[i]));
  }
  return unit;
}

bool is_high(std::uint32_t unit) { return unit >= 0xD800 && unit <= 0xDBFF; }
bool is_low(std::uint32_t unit) { return unit >= 0xDC00 && unit <= 0xDFFF; }

void append_utf8(std::string& out, std::uint32_t point) {
  const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (point < 0x80) return put(point);
  if (point < 0x800) {
    put(0xC0 | point >> 6);
  } else {
    if (point < 0x10000) {
      put(0xE0 | point >> 12);
    } else {
      put(0xF0 | point >> 18);
      put(0x80 | (point >> 12 & 0x3F));
    }
    put(0x80 | (point >> 6 & 0x3F));
  }
  put(0x80 | (point & 0x3F));
}

// Eight bytes at once; the first byte of the text is the lowest on every machine we build for.
static_assert(std::endian::native == std::endian::little);
constexpr std::uint64_t kOnes = 0x0101010101010101;
constexpr std::uint64_t kHighBits = 0x80 * kOnes;

std::uint64_t eight_bytes(const char* from) {
  std::uint64_t word = 0;
  std::memcpy(&word, from, sizeof word);
  return word;
}

// The next backslash at or behind `at`. In prose they are far apart, where memchr is fastest; in quoted code they are
// close, where calling it is what costs.
std::size_t next_backslash(std::string_view inside, std::size_t at) {
  for (int near = 0; near < 4 && at + 8 <= inside.size(); ++near, at += 8) {
    const std::uint64_t zero_if_same = eight_bytes(inside.data() + at) ^ '\\' * kOnes;
    const std::uint64_t found = (zero_if_same - kOnes) & ~zero_if_same & kHighBits;
    if (found != 0) return at + static_cast<std::size_t>(std::countr_zero(found)) / 8;
  }
  if (at >= inside.size()) return kNone;
  const void* found = std::memchr(inside.data() + at, '\\', inside.size() - at);
  return found == nullptr ? kNone : static_cast<std::size_t>(static_cast<const char*>(found) - inside.data());
}

}  // namespace

std::size_t escape_length(std::string_view inside, std::size_t at, bool halves_pass) {
  if (at + 1 >= inside.size()) return 0;
  if (kShortEscapes[static_cast<unsigned char>(inside[at + 1])]) return 2;
  const std::uint32_t unit = unit_at(inside, at);
  if (unit == kNoUnit) return 0;
  if (is_high(unit) && is_low(unit_at(inside, at + 6))) return 12;
  return (is_high(unit) || is_low(unit)) && !halves_pass ? 0 : 6;
}

std::size_t utf8_sequence(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(at);
  if (lead < 0x80) return 1;
  const std::size_t length = lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
  if (length == 0 || text.size() - at < length) return 0;
  for (std::size_t i = at + 1; i < at + length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  const unsigned char second = byte(at + 1);
  if (lead == 0xE0 && second < 0xA0) return 0;  // overlong
  if (lead == 0xED && second > 0x9F) return 0;  // surrogates
  if (lead == 0xF0 && second < 0x90) return 0;  // overlong
  if (lead == 0xF4 && second > 0x8F) return 0;  // beyond U+10FFFF
  return length;
}

bool is_number(std::string_view token) {
  std::size_t at = !token.empty() && token[0] == '-' ? 1 : 0;
  std::size_t end = digits(token, at);
  if (end == at || (token[at] == '0' && end > at + 1)) return false;
  if (end < token.size() && token[end] == '.') {
    at = end + 1;
    end = digits(token, at);
    if (end == at) return false;
  }
  if (end < token.size() && (token[end] | 0x20) == 'e') {
    at = end + 1;
    if (at < token.size() && (token[at] == '+' || token[at] == '-')) ++at;
    end = digits(token, at);
    if (end == at) return false;
  }
  return end == token.size();
}

std::int64_t whole_number(std::string_view token, std::int64_t otherwise) {
  std::int64_t whole = 0;
  const char* end = token.data() + token.size();
  const auto plain = std::from_chars(token.data(), end, whole);
  if (plain.ec == std::errc() && plain.ptr == end) return whole;
  const double real = read_real(token).value_or(1e300);
  // Beyond 2^53 a double no longer tells neighbouring integers apart.
  if (real < -9007199254740992.0 || real > 9007199254740992.0) return otherwise;
  whole = static_cast<std::int64_t>(real);
  return static_cast<double>(whole) == real ? whole : otherwise;
}

std::size_t find_bad_escape(std::string_view inside, bool halves_pass) {
  std::size_t at = 0;
#ifdef __SSE2__
  // All backslashes of 32 bytes at once; the usual escape behind each costs a look at the table.
  const __m128i backslash = _mm_set1_epi8('\\');
  const auto backslashes = [&](std::size_t from) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(inside.data() + from));
    return static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, backslash)));
  };
  for (std::size_t block = 0; block + 32 < inside.size(); block += 32) {  // a byte behind it is there as well
    std::uint32_t found = backslashes(block) | backslashes(block + 16) << 16;
    if (at > block) found = at - block < 32 ? found & ~std::uint32_t{0} << (at - block) : 0;
    while (found != 0) {
      const auto bit = static_cast<std::size_t>(std::countr_zero(found));
      const std::size_t length = kShortEscapes[static_cast<unsigned char>(inside[block + bit + 1])]
                                     ? 2
                                     : escape_length(inside, block + bit, halves_pass);
      if (length == 0) return block + bit;
      at = block + bit + length;
      found = bit + length < 32 ? found & ~std::uint32_t{0} << (bit + length) : 0;
    }
    at = std::max(at, block + 32);
  }
#endif
  while ((at = next_backslash(inside, at)) != kNone) {
    const std::size_t length = escape_length(inside, at, halves_pass);
    if (length == 0) return at;
    at += length;
  }
  return kNone;
}

std::size_t find_bad_byte(std::string_view inside) {
  std::size_t at = 0;
  while (at < inside.size()) {
    if (at + 8 <= inside.size()) {
      const std::uint64_t word = eight_bytes(inside.data() + at);
      if (((word | (word - 0x20 * kOnes)) & kHighBits) == 0) {  // eight of ASCII without control bytes
        at += 8;
        continue;
      }
    }
    const auto byte = static_cast<unsigned char>(inside[at]);
    if (byte < 0x20) return at;
    const std::size_t length = byte < 0x80 ? 1 : utf8_sequence(inside, at);
    if (length == 0) return at;
    at += length;
  }
  return kNone;
}

void append_unescaped(std::string& out, std::string_view inside) {
  std::size_t at = 0;
  std::size_t stop = 0;
  while ((stop = next_backslash(inside, at)) != kNone) {
    out.append(inside, at, stop - at);
    at = stop + 2;
    switch (inside[stop + 1]) {
      case 'b': out += '\b'; continue;
      case 'f': out += '\f'; continue;
      case 'n': out += '\n'; continue;
      case 'r': out += '\r'; continue;
      case 't': out += '\t'; continue;
      case 'u': break;
      default: out += inside[stop + 1]; continue;
    }
    const std::uint32_t unit = unit_at(inside, stop);
    const std::uint32_t low = is_high(unit) ? unit_at(inside, stop + 6) : kNoUnit;
    at = stop + (is_low(low) ? 12 : 6);
    if (is_low(low)) {
      append_utf8(out, 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00));
    } else {
      append_utf8(out, is_high(unit) || is_low(unit) ? 0xFFFD : unit);
    }
  }
  if (at < inside.size()) out.append(inside, at);
}

Error invalid_at(std::string_view what, std::size_t at, Source source) {
  return {Kind::invalid, source, Retry::no, std::string(what) + " at byte " + std::to_string(at)};
}

}  // namespace spillway::json
