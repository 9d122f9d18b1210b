// The memory is longer than the line while that is written: text is copied sixteen bytes at once, and looked at on the
// way. See line.h.
#include "json/line.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>

#include "base/number.h"

namespace spillway {

namespace {
constexpr std::size_t kUsual = 2048;
constexpr std::size_t kLanes = 16;
constexpr std::size_t kNumberMost = 32;

// Whether eight bytes may all stand in a string as they are.
bool plain_eight(std::uint64_t word) {
  constexpr std::uint64_t kOnes = 0x0101010101010101, kHighs = 0x80 * kOnes;
  const auto has = [&](std::uint64_t byte) {
    const std::uint64_t zero_if_same = word ^ byte * kOnes;
    return (zero_if_same - kOnes) & ~zero_if_same;
  };
  return ((word | (word - 0x20 * kOnes) | has('"') | has('\\') | has(0x7F)) & kHighs) == 0;
}

// Copies a text of 1 to 16 bytes, from both ends, if it may stand in a string as it is.
bool copy_short(std::string_view text, char* to) {
  const std::size_t n = text.size();
  const char* const from = text.data();
  if (n >= 8) {
    std::uint64_t first = 0, last = 0;
    std::memcpy(&first, from, 8);
    std::memcpy(&last, from + n - 8, 8);
    std::memcpy(to, &first, 8);
    std::memcpy(to + n - 8, &last, 8);
    return plain_eight(first) && plain_eight(last);
  }
  if (n >= 4) {
    std::uint32_t first = 0, last = 0;
    std::memcpy(&first, from, 4);
    std::memcpy(&last, from + n - 4, 4);
    std::memcpy(to, &first, 4);
    std::memcpy(to + n - 4, &last, 4);
    return plain_eight(std::uint64_t{last} << 32 | first);
  }
  to[0] = from[0];
  to[n / 2] = from[n / 2];
  to[n - 1] = from[n - 1];
  const auto byte = [&](std::size_t at) { return std::uint64_t{static_cast<unsigned char>(from[at])}; };
  return plain_eight(byte(0) | byte(n / 2) << 8 | byte(n - 1) << 16 | 0x2020202020000000);
}

#ifdef __SSE2__
// Copies sixteen bytes and says which of them may not stand in a string as they are.
unsigned copy_lanes(const char* from, char* to) {
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(to), bytes);
  const auto is = [&](char c) { return _mm_cmpeq_epi8(bytes, _mm_set1_epi8(c)); };
  const __m128i low = _mm_cmplt_epi8(bytes, _mm_set1_epi8(0x20));  // signed: also what is not ASCII
  const __m128i special = _mm_or_si128(_mm_or_si128(is('"'), is('\\')), _mm_or_si128(is(0x7f), low));
  return static_cast<unsigned>(_mm_movemask_epi8(special));
}
#endif

// Copies what may stand in a string as it is, at most kLanes - 1 bytes too much, and says how many bytes that are.
std::size_t copy_plain(std::string_view text, char* to) {
  std::size_t at = 0;
#ifdef __SSE2__
  const auto until = [&](unsigned found) { return at + static_cast<std::size_t>(std::countr_zero(found)); };
  if (text.size() > kLanes) {
    for (; at + kLanes < text.size(); at += kLanes) {
      if (const unsigned found = copy_lanes(text.data() + at, to + at); found != 0) return until(found);
    }
    at = text.size() - kLanes;  // some of these are known to be right
    const unsigned found = copy_lanes(text.data() + at, to + at);
    return found != 0 ? until(found) : text.size();
  }
#endif
  if (text.empty() || (text.size() <= kLanes && copy_short(text, to))) return text.size();
  for (; at < text.size(); ++at) {
    const auto c = static_cast<unsigned char>(text[at]);
    if (c < 0x20 || c >= 0x7f || c == '"' || c == '\\') break;
    to[at] = text[at];
  }
  return at;
}

}  // namespace

JsonLine::JsonLine(std::string& memory) : memory_(memory) {
  if (memory_.size() < kUsual) memory_.resize(kUsual);
  at_ = memory_.data();
  end_ = at_ + memory_.size();
}

void JsonLine::need(std::size_t bytes) {
  if (static_cast<std::size_t>(end_ - at_) >= bytes) return;
  const auto used = static_cast<std::size_t>(at_ - memory_.data());
  memory_.resize(2 * (used + bytes));
  at_ = memory_.data() + used;
  end_ = memory_.data() + memory_.size();
}

void JsonLine::put(std::string_view bytes) {
  std::memcpy(at_, bytes.data(), bytes.size());
  at_ += bytes.size();
}

void JsonLine::comma() {
  need(1);
  if (!first_) *at_++ = ',';
  first_ = false;
}

JsonLine& JsonLine::open(char bracket) {
  comma();
  need(1);
  *at_++ = bracket;
  first_ = true;
  return *this;
}

JsonLine& JsonLine::close(char bracket) {
  need(1);
  *at_++ = bracket;
  first_ = false;
  return *this;
}

JsonLine& JsonLine::key(const JsonKey& name) {
  need(JsonKey::kRoom);
  const std::size_t skipped = first_ ? 1 : 0;               // its comma
  std::memcpy(at_, name.text() + skipped, JsonKey::kRoom);  // of one size for all, which takes no call
  at_ += name.size() - skipped;
  first_ = true;  // the value that follows takes no comma
  return *this;
}

JsonLine& JsonLine::any_key(std::string_view name) {
  comma();
  quoted(name);
  need(1);
  *at_++ = ':';
  first_ = true;
  return *this;
}

void JsonLine::quoted(std::string_view value) {
  need(value.size() + 2 + kLanes);
  *at_++ = '"';
  const std::size_t plain = copy_plain(value, at_);
  at_ += plain;
  if (plain < value.size()) return escaped(value.substr(plain));
  *at_++ = '"';
}

// What a client chose may be anything.
void JsonLine::escaped(std::string_view rest) {
  std::string text;
  append_json_string(text, rest);
  need(text.size());
  put(std::string_view(text).substr(1));
}

JsonLine& JsonLine::text(std::string_view value) {
  comma();
  quoted(value);
  return *this;
}

JsonLine& JsonLine::number(std::int64_t value) {
  comma();
  need(kNumberMost);
  at_ = std::to_chars(at_, at_ + kNumberMost, value).ptr;
  return *this;
}

JsonLine& JsonLine::real(double value) { return std::isfinite(value) ? raw(real_text(value)) : null(); }

JsonLine& JsonLine::hundredths(std::int64_t value) {
  comma();
  need(kNumberMost);
  const auto positive = static_cast<std::uint64_t>(value < 0 ? -value : value);
  if (value < 0) *at_++ = '-';
  at_ = std::to_chars(at_, at_ + kNumberMost - 4, positive / 100).ptr;
  const char tenth = static_cast<char>('0' + positive / 10 % 10), last = static_cast<char>('0' + positive % 10);
  if (tenth == '0' && last == '0') return *this;
  *at_++ = '.';
  *at_++ = tenth;
  if (last != '0') *at_++ = last;
  return *this;
}

JsonLine& JsonLine::raw(std::string_view json) {
  comma();
  need(json.size());
  put(json);
  return *this;
}

std::string_view JsonLine::end() {
  need(1);
  *at_++ = '\n';
  return {memory_.data(), static_cast<std::size_t>(at_ - memory_.data())};
}

}  // namespace spillway
