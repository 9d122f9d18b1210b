// The class table is computed at compile time from the grammar's own words, so that it can be read beside the RFCs.
#include "http/syntax.h"

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

bool all_chars(std::string_view text, CharClass kind) {
  for (const char c : text) {
    if (!is_char(c, kind)) return false;
  }
  return true;
}

bool is_token(std::string_view text) { return !text.empty() && all_chars(text, kTokenChar); }

// Without a table and an early way out, so that the compiler can look at sixteen bytes at once.
bool is_field_value(std::string_view text) {
  unsigned char bad = 0;
  for (const char c : text) {
    const unsigned char code = static_cast<unsigned char>(c);
    const bool control = (code < 0x20 && code != '\t') || code == 0x7f;
    bad = static_cast<unsigned char>(bad | static_cast<unsigned char>(control));
  }
  return bad == 0;
}

}  // namespace spillway
