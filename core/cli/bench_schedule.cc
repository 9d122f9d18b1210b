#include "cli/bench_schedule.h"

namespace spillway::bench {

std::uint64_t Schedule::due_ns(std::uint64_t n) const {
  return static_cast<std::uint64_t>(static_cast<double>(n * threads_ + index_) * 1e9 / rate_ + 0.5);  // NOLINT: no libm
}

std::uint64_t Schedule::before(std::uint64_t time_ns) const {
  const double all = static_cast<double>(time_ns) * rate_ / 1e9;
  auto n = static_cast<std::uint64_t>(all / static_cast<double>(threads_));
  // Rounding may be off by one on either side.
  while (n > 0 && due_ns(n - 1) >= time_ns) --n;
  while (due_ns(n) < time_ns) ++n;
  return n;
}

std::uint64_t share(std::uint64_t whole, std::uint64_t parts, std::uint64_t index) {
  return whole / parts + (index < whole % parts ? 1 : 0);
}

}  // namespace spillway::bench
