// Classes of ASCII characters that more than one format shares. Thread: any.
#pragma once

namespace spillway {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
constexpr bool is_hex(char c) { return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'f'); }
constexpr int hex_value(char c) { return c <= '9' ? c - '0' : lower(c) - 'a' + 10; }  // of a hex digit

}  // namespace spillway
