// The scalar rules of JSON (RFC 8259) that both of this folder's readers share: strings, numbers, UTF-8.
//
// Pure functions over text, any thread. Private to core/json.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/ascii.h"
#include "base/error.h"

namespace spillway::json {

constexpr std::size_t kNone = std::string_view::npos;

constexpr bool is_space(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

// By the byte behind a backslash: an escape of these two.
inline constexpr auto kShortEscapes = [] {
  std::array<bool, 256> table{};
  for (const char c : {'"', '\\', '/', 'b', 'f', 'n', 'r', 't'}) table[static_cast<unsigned char>(c)] = true;
  return table;
}();

// Bytes of the well-formed UTF-8 sequence that starts at `at`; 0 if it is none (overlong, surrogate, beyond U+10FFFF,
// cut off).
std::size_t utf8_sequence(std::string_view text, std::size_t at);

// Whether the whole token is a number of the grammar. Its size does not matter: 1e999 and 26 digits are numbers.
bool is_number(std::string_view token);

// A number that is whole and fits, also spelled 1e3 or 4.0; `otherwise` if not.
std::int64_t whole_number(std::string_view token, std::int64_t otherwise);

// Bytes of the escape whose backslash is at `at`; 0 if it is wrong. A surrogate half alone is wrong unless
// `halves_pass`. The text may go on behind the string.
std::size_t escape_length(std::string_view text, std::size_t at, bool halves_pass);

// The first wrong escape in a string's inside (between the quotes), kNone if all are right. UTF-8 and raw control
// bytes are not looked at. A surrogate half alone is wrong unless `halves_pass`.
std::size_t find_bad_escape(std::string_view inside, bool halves_pass);

// The first raw control byte or broken UTF-8 sequence of a string's inside, kNone if there is none.
std::size_t find_bad_byte(std::string_view inside);

// Appends what the string means. Its escapes were checked; a surrogate half alone becomes U+FFFD.
void append_unescaped(std::string& out, std::string_view inside);

Error invalid_at(std::string_view what, std::size_t at, Source source);

}  // namespace spillway::json
