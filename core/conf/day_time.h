// Times of the day as they are written in a config, with the zone they are meant in. Thread: any.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace spillway {

inline constexpr std::int64_t kDayMs = 86'400'000;

// "HH:MM" and a zone ("Z", "+HH:MM", "-HH:MM") as milliseconds of the UTC day.
std::optional<std::int64_t> parse_clock(std::string_view text);

// "08:00-18:00Z": from the first to before the second, over midnight when that is earlier.
struct Hours {
  std::int64_t from_ms = 0, to_ms = 0;  // of the UTC day
  bool has(std::int64_t wall_ms) const;
};
std::optional<Hours> parse_hours(std::string_view text);

}  // namespace spillway
