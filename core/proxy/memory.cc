#include "proxy/memory.h"

#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <string>

#include "base/log.h"
#include "base/reserve.h"

namespace spillway {

namespace {

constexpr std::uint64_t kNoLimit = std::uint64_t{1} << 50;  // cgroup v1 writes "none" as a number of about 2^63

std::string first_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

// "0::/system.slice/x.service" -> "/system.slice/x.service"
std::string own_cgroup() {
  std::ifstream file("/proc/self/cgroup");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("0::")) return line.substr(3);
  }
  return {};
}

}  // namespace

Pressure pressure_of(std::uint64_t resident_bytes, std::uint64_t limit_bytes, const Limits& limits) {
  if (limit_bytes == 0) return Pressure::none;
  const auto reached = [&](std::int64_t percent) {
    return static_cast<double>(resident_bytes) * 100 >= static_cast<double>(limit_bytes) * static_cast<double>(percent);
  };
  if (reached(limits.memory_drop_percent)) return Pressure::drop;
  if (reached(limits.memory_refuse_percent)) return Pressure::refuse;
  return reached(limits.memory_no_store_percent) ? Pressure::no_store : Pressure::none;
}

Pressure pressure_of_reserve(std::size_t slices_left) {
  if (slices_left == kReserveSlices) return Pressure::none;
  if (slices_left < kReserveSlices / 2) return Pressure::drop;
  return slices_left < kReserveSlices * 3 / 4 ? Pressure::refuse : Pressure::no_store;
}

std::uint64_t read_memory_limit(std::string_view text) {
  std::uint64_t bytes = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bytes);
  const bool number = error == std::errc() && end == text.data() + text.size();
  return number && bytes < kNoLimit ? bytes : 0;
}

std::uint64_t cgroup_memory_limit() {
  const std::string root = "/sys/fs/cgroup";
  for (const std::string& path :
       {root + own_cgroup() + "/memory.max", root + "/memory.max", root + "/memory/memory.limit_in_bytes"}) {
    if (const std::uint64_t bytes = read_memory_limit(first_line(path)); bytes > 0) return bytes;
  }
  return 0;
}

std::uint64_t resident_memory() {
  const std::string pages = first_line("/proc/self/statm");
  const std::size_t at = pages.find(' ') + 1;
  std::uint64_t resident = 0;
  std::from_chars(pages.data() + at, pages.data() + pages.size(), resident);
  return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

MemoryWatch::MemoryWatch(Loop& loop, Shared& shared, Events& events)
    : shared_(shared),
      events_(events),
      loop_(loop),
      tick_(loop, *this),
      gauge_(shared.metrics().gauge("spillway_memory_step",
                                    "0: memory is enough, 1: no cache inserts, 2: refusing, 3: dropping.")) {
  failed_.data = this;
  const auto failed = [](uv_async_t* handle) noexcept { static_cast<MemoryWatch*>(handle->data)->look(); };
  CHECK(uv_async_init(loop.raw(), &failed_, failed) == 0);
  set_reserve_alarm(this);
}

void MemoryWatch::stop() {
  tick_.disarm();
  uv_close(reinterpret_cast<uv_handle_t*>(&failed_), nullptr);
}

void MemoryWatch::set(const Limits& limits) {
  limits_ = limits;
  limit_bytes_ = limits.memory_bytes > 0 ? static_cast<std::uint64_t>(limits.memory_bytes) : cgroup_memory_limit();
  look();
}

// Goes on looking while there is something that may change: a limit, or a step to take back. What failed allocations
// brought stays for a second, so that a row of them is one step and one line of log.
void MemoryWatch::look() {
  const std::size_t reserve = reserve_left();
  if (reserve < kReserveSlices) {
    failing_ = std::max(failing_, pressure_of_reserve(reserve));
    failing_until_ms_ = loop_.now_ms() + kFailingMs;
  } else if (loop_.now_ms() >= failing_until_ms_) {
    failing_ = Pressure::none;
  }
  const bool asked = limit_bytes_ > 0 || failing_ != Pressure::none;
  const std::uint64_t resident = asked ? resident_memory() : 0;
  const Pressure now = std::max(pressure_of(resident, limit_bytes_, limits_), failing_);
  refill_reserve();
  tick_.disarm();
  if (limit_bytes_ > 0 || now != Pressure::none) tick_.arm(kTickMs);
  const Pressure before = shared_.pressure.exchange(now);
  gauge_.set(static_cast<std::int64_t>(now));
  if (now != before) {
    log_line(now > before ? Level::warn : Level::info, "memory",
             {{"step", static_cast<std::int64_t>(now)},
              {"resident_bytes", static_cast<std::int64_t>(resident)},
              {"limit_bytes", static_cast<std::int64_t>(limit_bytes_)},
              {"reserve_left", static_cast<std::int64_t>(reserve)}});
  }
  if (now == Pressure::none) return;
  // What was freed still counts as ours until the allocator gives it back, and it rarely does so by itself.
  if (--ticks_to_trim_ <= 0) {
    ticks_to_trim_ = kTrimTicks;
    ::malloc_trim(0);
  }
  if (now == Pressure::drop) events_.on_memory_short();
}

}  // namespace spillway
