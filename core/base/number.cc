#include "base/number.h"

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <limits>

namespace spillway {

namespace {

std::size_t digits(std::string_view text, std::size_t at) {
  while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
  return at;
}

}  // namespace

std::optional<double> take_real(std::string_view& text) {
  const std::size_t first = !text.empty() && text[0] == '-' ? 1 : 0;
  std::size_t end = digits(text, first);
  if (end == first) return std::nullopt;
  if (end + 1 < text.size() && text[end] == '.' && digits(text, end + 1) > end + 1) end = digits(text, end + 1);
  if (end < text.size() && (text[end] | 0x20) == 'e') {
    std::size_t power = end + 1;
    if (power < text.size() && (text[power] == '+' || text[power] == '-')) ++power;
    if (digits(text, power) > power) end = digits(text, power);
  }
  const double value = std::strtod(std::string(text.substr(0, end)).c_str(), nullptr);
  constexpr double kMax = std::numeric_limits<double>::max();
  if (value > kMax || value < -kMax) return std::nullopt;
  text.remove_prefix(end);
  return value;
}

std::optional<double> read_real(std::string_view text) {
  const std::optional<double> value = take_real(text);
  return text.empty() ? value : std::nullopt;
}

std::string real_text(double number) {
  if (std::isnan(number)) return "NaN";
  if (std::isinf(number)) return number > 0 ? "+Inf" : "-Inf";
  if (number == 0 && !std::signbit(number)) return "0";
  char text[32];
  // The usual figure, a few digits with at most nine behind the point, needs no trying: with at most fifteen digits
  // in all, the text that reads back equal is the only one.
  constexpr double kScale = 1e9, kLeast = 1e-4, kMost = 1e6;
  if (number >= kLeast && number < kMost) {
    auto scaled = static_cast<std::uint64_t>(number * kScale + 0.5);  // NOLINT: positive, and libm stays out
    if (static_cast<double>(scaled) / kScale == number) {
      char* end = text + sizeof text;
      char* out = end;
      for (int place = 0; scaled != 0 || place <= 9; ++place, scaled /= 10) {
        if (place == 9 && out != end) *--out = '.';
        if (place >= 9 || scaled % 10 != 0 || out != end) *--out = static_cast<char>('0' + scaled % 10);
      }
      return std::string(out, end);
    }
  }
  for (const int digits : {15, 16, 17}) {  // 17 always suffice (IEEE 754)
    std::snprintf(text, sizeof text, "%.*g", digits, number);
    if (std::strtod(text, nullptr) == number) break;
  }
  return text;
}

std::string plain_number(double number) {
  char text[32];
  const bool fits = number > -1e15 && number < 1e15;
  const bool whole = fits && number == static_cast<double>(static_cast<std::int64_t>(number));
  std::snprintf(text, sizeof text, whole ? "%.0f" : "%g", number);
  return text;
}

double binary_logarithm(double number) {
  if (!(number > 0) || number > std::numeric_limits<double>::max()) return 0;
  double exponent = 0;
  while (number >= 2) {
    number /= 2;
    ++exponent;
  }
  while (number < 1) {
    number *= 2;
    --exponent;
  }
  if (number == 1) return exponent;
  // ln m = 2 atanh((m - 1) / (m + 1)); the argument is at most 1/3, so 18 terms are beyond a double.
  const double s = (number - 1) / (number + 1), squared = s * s;
  double sum = 0;
  for (int k = 17; k >= 0; --k) sum = sum * squared + 1.0 / (2 * k + 1);
  constexpr double kTwoOverLn2 = 2.8853900817779268147;
  return exponent + kTwoOverLn2 * s * sum;
}

}  // namespace spillway
