#include "catalog/price.h"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <string_view>

#include "base/ascii.h"
#include "http/headers.h"

namespace spillway {

namespace {

// Takes digits from the front; true when there was one other than 0.
bool take_digits(std::string_view& text, bool& any) {
  bool nonzero = false;
  while (!text.empty() && is_digit(text.front())) {
    any = true;
    nonzero |= text.front() != '0';
    text.remove_prefix(1);
  }
  return nonzero;
}

bool take_exponent(std::string_view text) {
  if (text.empty()) return true;
  if (text.front() != 'e' && text.front() != 'E') return false;
  text.remove_prefix(1);
  if (!text.empty() && (text.front() == '+' || text.front() == '-')) text.remove_prefix(1);
  return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

Price read_decimal(std::string_view text) {
  const bool minus = text.starts_with('-');
  if (minus || text.starts_with('+')) text.remove_prefix(1);
  const std::string_view number = text;
  bool any = false;
  bool nonzero = take_digits(text, any);
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    nonzero |= take_digits(text, any);
  }
  if (!any || !take_exponent(text)) return {Price::Is::unusable, 0, {}, false};
  if (!nonzero) return {Price::Is::zero, 0, {}, false};
  // The grammar is checked above; std::from_chars would pull in libm. Out of range leaves 0, which is not free either.
  double usd = std::strtod(std::string(number).c_str(), nullptr);
  if (usd > std::numeric_limits<double>::max()) usd = 0;
  return {minus ? Price::Is::negative : Price::Is::positive, minus ? -usd : usd, {}, false};
}

}  // namespace

Price read_price(const JsonValue& json) {
  if (json.is(JsonType::null)) return {};
  Price price{Price::Is::unusable, 0, {}, false};
  if (json.is(JsonType::string) || json.is(JsonType::number)) price = read_decimal(trim(json.text));
  price.spelled = trim(json.text);
  price.quoted = json.is(JsonType::string);
  return price;
}

}  // namespace spillway
