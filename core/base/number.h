// Decimal numbers as text. std::from_chars and to_chars for doubles would pull in libm, and strtod alone reads far more
// than a decimal number, so the grammar is ours and the conversion strtod's. Thread: any (the locale stays "C").
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace spillway {

// Takes `-12.5e3` from the front of `text` (no plus, no white space, no hex, no "inf"); nullopt when there is none or
// it is too large for a double.
std::optional<double> take_real(std::string_view& text);

// The same for the whole of `text`.
std::optional<double> read_real(std::string_view text);

// The shortest decimal text that reads back as `number`; "NaN", "+Inf" and "-Inf" for what is no number.
std::string real_text(double number);

// For messages: whole numbers below 1e15 as digits, others with six of them.
std::string plain_number(double number);

// log2 of a positive finite number to within a few units of the last place, exact for powers of two. Our own, because
// libm would be a second dynamic library.
double binary_logarithm(double number);

}  // namespace spillway
