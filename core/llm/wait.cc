// parse_wait_ms: every way a provider says when to come back (semantics.md N-1).
#include <algorithm>
#include <array>
#include <ctime>
#include <optional>

#include "base/ascii.h"
#include "base/number.h"
#include "http/headers.h"
#include "llm/classify.h"

namespace spillway {

namespace {

constexpr double kEpochMs = 1e12, kEpochS = 1e9;  // O-6: above these a number is an instant
constexpr double kWaitMsMax = 1e13;

// Up, so that nobody comes back too early; but what double arithmetic adds to "59.56s" is no millisecond.
std::int64_t rounded_up(double ms) {
  const auto whole = static_cast<std::int64_t>(ms);
  return ms - static_cast<double>(whole) > 1e-3 ? whole + 1 : whole;
}

// "1h2m3.5s", "500ms", "55s": parts in falling order of size are not demanded, an unknown unit is.
std::optional<double> duration_ms(std::string_view text) {
  double sum = 0;
  if (text.empty()) return std::nullopt;
  while (!text.empty()) {
    const std::optional<double> n = take_real(text);
    if (!n || *n < 0) return std::nullopt;
    constexpr std::array<std::pair<std::string_view, double>, 5> kUnits = {
        {{"ms", 1}, {"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1000}}};
    const auto unit =
        std::find_if(kUnits.begin(), kUnits.end(), [&](const auto& one) { return text.starts_with(one.first); });
    if (unit == kUnits.end()) return std::nullopt;
    sum += *n * unit->second;
    text.remove_prefix(unit->first.size());
  }
  return sum;
}

// The end of an RFC 3339 time, ".5Z" or "+02:00", as milliseconds to add; nullopt if it is something else.
std::optional<std::int64_t> tail_ms(std::string_view tail) {
  std::int64_t ms = 0;
  if (tail.starts_with('.')) {
    tail.remove_prefix(1);
    for (std::int64_t worth = 100; !tail.empty() && is_digit(tail[0]); worth /= 10, tail.remove_prefix(1))
      ms += worth * (tail[0] - '0');
  }
  if (tail.empty() || tail == "Z" || tail == "z") return ms;
  const auto digit = [&](std::size_t i) { return static_cast<std::int64_t>(tail[i] - '0'); };
  if (tail.size() != 6 || (tail[0] != '+' && tail[0] != '-') || tail[3] != ':') return std::nullopt;
  for (const std::size_t i : {1u, 2u, 4u, 5u}) {
    if (!is_digit(tail[i])) return std::nullopt;
  }
  const std::int64_t offset_ms = ((digit(1) * 10 + digit(2)) * 60 + digit(4) * 10 + digit(5)) * 60'000;
  return tail[0] == '-' ? ms + offset_ms : ms - offset_ms;
}

std::optional<std::int64_t> instant_ms(std::string_view text) {
  const std::string copy(text);
  // IMF-fixdate, RFC 850, asctime (RFC 9110 5.6.7), RFC 3339.
  constexpr std::array<const char*, 4> kForms = {"%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT",
                                                 "%a %b %e %H:%M:%S %Y", "%Y-%m-%dT%H:%M:%S"};
  for (const char* form : kForms) {
    std::tm parts{};
    const char* rest = ::strptime(copy.c_str(), form, &parts);
    if (rest == nullptr) continue;
    const std::string_view tail(rest, static_cast<std::size_t>(copy.c_str() + copy.size() - rest));
    const std::optional<std::int64_t> more = form == kForms.back() ? tail_ms(tail) : std::optional<std::int64_t>(0);
    if (!more || (form != kForms.back() && !tail.empty())) continue;
    return static_cast<std::int64_t>(::timegm(&parts)) * 1000 + *more;
  }
  return std::nullopt;
}

}  // namespace

std::int64_t parse_wait_ms(std::string_view text, std::int64_t wall_ms) {
  text = trim(text);
  if (text.empty() || text.size() > 64) return -1;
  std::string_view rest = text;
  const std::optional<double> bare = take_real(rest);
  if (bare && rest.empty()) {
    if (*bare < 0 || *bare > kWaitMsMax) return -1;
    const double now = static_cast<double>(wall_ms);
    if (*bare > kEpochMs) return static_cast<std::int64_t>(std::max(0.0, *bare - now));
    if (*bare > kEpochS) return static_cast<std::int64_t>(std::max(0.0, *bare * 1000 - now));
    return rounded_up(*bare * 1000);
  }
  if (const std::optional<double> ms = duration_ms(text); ms && *ms <= kWaitMsMax) return rounded_up(*ms);
  if (const std::optional<std::int64_t> at = instant_ms(text)) return std::max<std::int64_t>(0, *at - wall_ms);
  return -1;
}

}  // namespace spillway
