// See pass.h.
#include "json/pass.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <bit>
#include <cstring>

#include "json/grammar.h"

namespace spillway::json {

namespace {

// Which of sixteen bytes may not stand in a string as they are: quotes, backslashes, control bytes and, for they are to
// be checked, those beyond ASCII. Subtracting makes control bytes negative, as the last are already.
#ifdef __SSE2__
std::uint64_t specials_of_16(const char* at) {
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
  const __m128i quote = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
  const __m128i backslash = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
  const __m128i low = _mm_subs_epi8(bytes, _mm_set1_epi8(0x20));
  return static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(quote, backslash), low)));
}
#else
std::uint64_t specials_of_16(const char* at) {
  std::uint64_t found = 0;
  for (unsigned i = 0; i < 16; ++i) {
    const auto byte = static_cast<unsigned char>(at[i]);
    found |= (byte < 0x20 || byte >= 0x80 || byte == '"' || byte == '\\' ? std::uint64_t{1} : 0) << i;
  }
  return found;
}
#endif

constexpr int kBlock = 64;
static_assert(kBlock <= JsonScanner::kPadding);

// From inside a string to the first byte that is not simply part of it, or to `end` or beyond: the closing quote, or
// what is rare. Prose has a line break or a quote every few lines: such escapes are crossed here.
const char* cross(const char* at, const char* end, bool& escaped) {
  while (at < end) {
    const char* next = at + kBlock;
    std::uint64_t found = 0;
    for (int i = 0; i < kBlock; i += 16) found |= specials_of_16(at + i) << i;
    while (found != 0) {
      const int bit = std::countr_zero(found);
      const char* const stop = at + bit;
      if (*stop != '\\' || !kShortEscapes[static_cast<unsigned char>(stop[1])]) return stop;
      escaped = true;
      found &= ~(std::uint64_t{3} << bit);
      if (bit == kBlock - 1) ++next;
    }
    at = next;
  }
  return at;
}

const char* behind_space(const char* at, const char* end) {
  while (at < end && static_cast<unsigned char>(*at) <= ' ' && is_space(*at)) ++at;
  return at;
}

}  // namespace

// What moves with every token is local, so that it stays in registers.
bool Pass::valid() {
  const char* const from = text_.data();
  const char* at = behind_space(from, end_);
  std::uint32_t* token = index_;
  const auto note = [&] { *token++ = static_cast<std::uint32_t>(at++ - from); };
  std::size_t depth = 0, members = 0;
  bool key = false;  // comes next
  while (true) {
    if (at >= end_) return false;
    if (key) {
      if (*at != '"' || ++members > JsonScanner::kMembersMax) return false;
      note();
      escaped_ = false;
      if ((at = string(at)) == nullptr) return false;
      key_escaped_ = key_escaped_ || escaped_;
      if ((at = behind_space(at, end_)) == end_ || *at != ':') return false;
      note();
      if ((at = behind_space(at, end_)) == end_) return false;
      key = false;
    }
    const char first = *at;
    note();
    if (first == '"') {
      if ((at = string(at)) == nullptr) return false;
    } else if (first == '{' || first == '[') {
      if (++depth > JsonScanner::kDepthMax) return false;
      opened_[depth] = static_cast<std::size_t>(token - index_ - 1) * 2 + (first == '[' ? 1 : 0);
      if ((at = behind_space(at, end_)) == end_) return false;
      key = first == '{' && *at != '}';
      if (key || (first == '[' && *at != ']')) continue;
    } else if ((at = scalar(at - 1)) == nullptr) {
      return false;
    }
    while (true) {  // what closes, then a comma or the end
      at = behind_space(at, end_);
      if (depth == 0 || at == end_) break;
      const bool in_array = (opened_[depth] & 1) != 0;
      if (*at == ',') {
        note();
        at = behind_space(at, end_);
        key = !in_array;
        break;
      }
      if (*at != (in_array ? ']' : '}')) return false;
      links_[opened_[depth--] / 2] = static_cast<std::uint32_t>(token - index_);
      note();
    }
    if (depth > 0) continue;
    count_ = static_cast<std::uint32_t>(token - index_);
    return at == end_;
  }
}

// Keys and most values end within the first sixteen bytes.
const char* Pass::string(const char* at) {
  if (const std::uint64_t found = specials_of_16(at); found != 0) {
    at += std::countr_zero(found);
    if (*at == '"' && at < end_) return at + 1;
  }
  return long_string(at);
}

const char* Pass::long_string(const char* at) {
  while (true) {
    at = cross(at, end_, escaped_);
    if (at >= end_) return nullptr;
    if (*at == '"') return at + 1;
    if ((at = escape_or_foreign(at)) == nullptr) return nullptr;
  }
}

const char* Pass::escape_or_foreign(const char* at) {
  const auto offset = static_cast<std::size_t>(at - text_.data());
  std::size_t length = 0;
  if (*at == '\\') {
    escaped_ = true;
    length = escape_length(text_, offset, halves_pass_);
  } else if (static_cast<unsigned char>(*at) >= 0x80 && ++foreign_ <= kForeignMost) {
    length = utf8_sequence(text_, offset);
  }
  return length == 0 ? nullptr : at + length;
}

// Most are small and whole numbers.
const char* Pass::scalar(const char* at) const {
  const auto word = [&](std::string_view text) {
    const bool same =
        static_cast<std::size_t>(end_ - at) >= text.size() && std::memcmp(at, text.data(), text.size()) == 0;
    return same ? at + text.size() : nullptr;
  };
  switch (*at) {
    case 't': return word("true");
    case 'f': return word("false");
    case 'n': return word("null");
    default: break;
  }
  const char* const from = at;
  while (at < end_ && is_digit(*at)) ++at;
  const auto goes_on = [](char c) { return c == '.' || (c | 0x20) == 'e' || c == '-' || c == '+' || is_digit(c); };
  if (*from != '0' && at != from && (at == end_ || !goes_on(*at))) return at;
  while (at < end_ && goes_on(*at)) ++at;
  return is_number({from, static_cast<std::size_t>(at - from)}) ? at : nullptr;
}

}  // namespace spillway::json
