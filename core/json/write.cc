// Writes JSON. See write.h.
#include "json/write.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>

#include "json/grammar.h"

#include "base/number.h"

namespace spillway {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

constexpr auto kPlain = [] {
  std::array<bool, 256> table{};
  for (std::size_t byte = 0x20; byte < 0x7F; ++byte) table[byte] = byte != '"' && byte != '\\';
  return table;
}();

// Whether all of a short text goes as it is, eight bytes at once.
bool is_plain_short(std::string_view text) {
  if (text.empty()) return true;
  const auto plain = [](std::uint64_t word) {
    constexpr std::uint64_t kOnes = 0x0101010101010101, kHighs = 0x80 * kOnes;
    const auto has = [&](std::uint64_t byte) {
      const std::uint64_t zero_if_same = word ^ byte * kOnes;
      return (zero_if_same - kOnes) & ~zero_if_same;
    };
    return ((word | (word - 0x20 * kOnes) | has('"') | has('\\') | has(0x7F)) & kHighs) == 0;
  };
  std::uint64_t first = 0x2020202020202020, last = first;
  std::memcpy(&first, text.data(), std::min<std::size_t>(text.size(), 8));
  if (text.size() > 8) std::memcpy(&last, text.data() + text.size() - 8, 8);
  return plain(first) && plain(last);
}

// Where the first byte at or behind `at` stands that does not go as it is.
std::size_t end_of_plain(std::string_view text, std::size_t at) {
#ifdef __SSE2__
  for (; at + 16 <= text.size(); at += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + at));
    const auto is = [&](char c) { return _mm_cmpeq_epi8(bytes, _mm_set1_epi8(c)); };
    const __m128i low = _mm_cmplt_epi8(bytes, _mm_set1_epi8(0x20));  // signed: also what is not ASCII
    const __m128i special = _mm_or_si128(_mm_or_si128(is('"'), is('\\')), _mm_or_si128(is(0x7F), low));
    if (_mm_movemask_epi8(special) != 0) break;
  }
#endif
  while (at < text.size() && kPlain[static_cast<unsigned char>(text[at])]) ++at;
  return at;
}

void append_unit(std::string& out, unsigned char byte) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out += "\\u00";
  out += kHex[byte >> 4];
  out += kHex[byte & 15];
}

void append_escape(std::string& out, unsigned char byte) {
  switch (byte) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\b': out += "\\b"; return;
    case '\f': out += "\\f"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default: append_unit(out, byte); return;
  }
}

template <typename Number>
void append_number(std::string& out, Number number) {
  char digits[32];
  const auto done = std::to_chars(digits, digits + sizeof digits, number);
  out.append(digits, done.ptr);
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  if (text.size() <= 16 && is_plain_short(text)) {
    out.append(text) += '"';
    return;
  }
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t run = end_of_plain(text, at);
    out.append(text.data() + at, run - at);
    if ((at = run) == text.size()) break;
    const auto byte = static_cast<unsigned char>(text[at]);
    const std::size_t length = json::utf8_sequence(text, at);
    if (length == 0) {
      out += kReplacement;
      ++at;
    } else if (length == 1) {
      append_escape(out, byte);
      ++at;
    } else {
      // C1 control codes (U+0080..U+009F) steer terminals just as C0 ones do, and logs are read in terminals.
      const auto second = static_cast<unsigned char>(text[at + 1]);
      if (byte == 0xC2 && second < 0xA0) {
        append_unit(out, second);
      } else {
        out.append(text, at, length);
      }
      at += length;
    }
  }
  out += '"';
}

void JsonWriter::comma() {
  if (!first_) out_ += ',';
  first_ = false;
}

JsonWriter& JsonWriter::open(char bracket) {
  comma();
  out_ += bracket;
  first_ = true;
  return *this;
}

JsonWriter& JsonWriter::close(char bracket) {
  out_ += bracket;
  first_ = false;
  return *this;
}

JsonWriter& JsonWriter::key(const JsonKey& name) {
  out_ += name.text(first_);
  first_ = true;  // the value that follows takes no comma
  return *this;
}

JsonWriter& JsonWriter::any_key(std::string_view name) {
  comma();
  append_json_string(out_, name);
  out_ += ':';
  first_ = true;
  return *this;
}

JsonWriter& JsonWriter::value(std::string_view text) {
  comma();
  append_json_string(out_, text);
  return *this;
}

JsonWriter& JsonWriter::value(std::int64_t number) {
  comma();
  append_number(out_, number);
  return *this;
}

JsonWriter& JsonWriter::value(std::uint64_t number) {
  comma();
  append_number(out_, number);
  return *this;
}

JsonWriter& JsonWriter::value(double number) {
  if (!std::isfinite(number)) return null();
  comma();
  out_ += real_text(number);
  return *this;
}

JsonWriter& JsonWriter::hundredths(std::int64_t number) {
  comma();
  const auto positive = static_cast<std::uint64_t>(number < 0 ? -number : number);
  if (number < 0) out_ += '-';
  append_number(out_, positive / 100);
  const char tenth = static_cast<char>('0' + positive / 10 % 10), last = static_cast<char>('0' + positive % 10);
  if (tenth == '0' && last == '0') return *this;
  out_ += '.';
  out_ += tenth;
  if (last != '0') out_ += last;
  return *this;
}

JsonWriter& JsonWriter::value(bool flag) { return raw(flag ? "true" : "false"); }
JsonWriter& JsonWriter::null() { return raw("null"); }

JsonWriter& JsonWriter::raw(std::string_view json) {
  comma();
  out_ += json;
  return *this;
}

}  // namespace spillway
