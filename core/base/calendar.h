// Moments as text, in UTC. Thread: any.
#pragma once
#include <cstdint>
#include <string>

namespace spillway {

inline constexpr const char* kRfc3339 = "%Y-%m-%dT%H:%M:%SZ";

// `unix_s` by strftime's `format`, at most 63 bytes; empty for a year that has more than 32 bits.
std::string utc_text(std::int64_t unix_s, const char* format = kRfc3339);

}  // namespace spillway
