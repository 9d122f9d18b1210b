// Time, injectable so that tests can fix it.
//
// Monotonic microseconds drive timeouts, cooldowns and breakers; wall time only calendars (quota days), expiry and the
// log (semantics.md D-22). Thread: a SystemClock may be used from any thread.
#pragma once
#include <cstdint>

namespace spillway {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual std::uint64_t now_us() const = 0;  // monotonic, starts above 0
  // The same a few milliseconds late, for a tenth of the price: to see whether something took far too long.
  virtual std::uint64_t late_us() const { return now_us(); }
  virtual std::int64_t wall_ms() const = 0;  // Unix epoch
};

class SystemClock final : public Clock {
 public:
  std::uint64_t now_us() const override;
  std::uint64_t late_us() const override;
  std::int64_t wall_ms() const override;
};

}  // namespace spillway
