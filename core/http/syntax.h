// Character classes of RFC 9110 and RFC 3986, and what is built of them. Thread: any.
#pragma once
#include <array>
#include <cstdint>
#include <string_view>

namespace spillway {

enum CharClass : std::uint8_t {
  kTokenChar = 1,  // tchar: methods and field names
  kValueChar = 2,  // field values
  kPathChar = 4,   // in a request's path: visible ASCII but for quotes, angle brackets, braces, # ? \ ^ `
  kQueryChar = 8,  // in its query: visible ASCII but for ", #, < and >; browsers leave the others as they are
  kHostChar = 16,  // reg-name without percent-encoding
  kHexDigit = 32,
  kDigit = 64,
};

extern const std::array<std::uint8_t, 256> kCharClasses;

inline bool is_char(char c, CharClass kind) { return (kCharClasses[static_cast<unsigned char>(c)] & kind) != 0; }
// Without an early way out: texts are short, and mostly right. True for empty text.
inline bool all_chars(std::string_view text, CharClass kind) {
  std::uint8_t common = kind;
  for (const char c : text) common &= kCharClasses[static_cast<unsigned char>(c)];
  return common == kind;
}
inline bool is_token(std::string_view text) { return !text.empty() && all_chars(text, kTokenChar); }
bool is_field_value(std::string_view text);  // VCHAR, SP, HTAB and obs-text; may be empty
// Whether two texts of one size are the same, in a time that does not tell where they differ.
bool same_bytes(std::string_view a, std::string_view b);
// The first byte from `at` on that is no token character, or `end`.
const char* token_end(const char* at, const char* end);
// The first byte from `at` on that may not stand in a field value, or `end`.
const char* field_value_end(const char* at, const char* end);

}  // namespace spillway
