#include "conf/day_time.h"

#include <algorithm>
#include <cstddef>
#include <string>

namespace spillway {

namespace {

// "HH:MM" in minutes; nullopt: it is something else.
std::optional<int> minutes_of(std::string_view text) {
  const auto digit = [&](std::size_t i) { return text[i] - '0'; };
  if (text.size() != 5 || text[2] != ':') return {};
  for (const std::size_t i : {0u, 1u, 3u, 4u}) {
    if (text[i] < '0' || text[i] > '9') return {};
  }
  const int hours = digit(0) * 10 + digit(1), minutes = digit(3) * 10 + digit(4);
  if (hours > 23 || minutes > 59) return {};
  return hours * 60 + minutes;
}

}  // namespace

std::optional<std::int64_t> parse_clock(std::string_view text) {
  constexpr int kDayMinutes = 24 * 60;
  const auto local = minutes_of(text.substr(0, 5));
  if (!local) return {};
  const std::string_view zone = text.substr(5);
  int ahead = 0;  // of UTC
  if (zone != "Z") {
    const auto offset = zone.empty() ? std::nullopt : minutes_of(zone.substr(1));
    if (!offset || (zone[0] != '+' && zone[0] != '-')) return {};
    ahead = zone[0] == '-' ? -*offset : *offset;
  }
  return std::int64_t{(*local - ahead + 2 * kDayMinutes) % kDayMinutes} * 60'000;
}

std::optional<Hours> parse_hours(std::string_view text) {
  constexpr std::size_t kDash = 5;  // behind HH:MM
  if (text.size() < kDash + 1 || text[kDash] != '-') return {};
  const auto to = parse_clock(text.substr(kDash + 1));
  const auto from =
      parse_clock(std::string(text.substr(0, kDash)).append(text.substr(std::min(text.size(), 2 * kDash + 1))));
  if (!from || !to || *from == *to) return {};
  return Hours{*from, *to};
}

bool Hours::has(std::int64_t wall_ms) const {
  const std::int64_t at = (wall_ms % kDayMs + kDayMs) % kDayMs;
  return from_ms < to_ms ? from_ms <= at && at < to_ms : from_ms <= at || at < to_ms;
}

}  // namespace spillway
