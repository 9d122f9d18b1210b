// The soft memory limit: looks at the resident memory now and then and sets the step that is in force (R2). Without a
// limit, configured or of the cgroup, it only watches whether allocations failed (base/reserve.h).
//
// Owner: Server. Thread: the main loop; the step itself is an atomic of Shared that everybody reads.
#pragma once
#include <cstdint>
#include <string_view>

#include "base/reserve.h"
#include "conf/config.h"
#include "net/loop.h"
#include "proxy/shared.h"

namespace spillway {

Pressure pressure_of(std::uint64_t resident_bytes, std::uint64_t limit_bytes, const Limits& limits);
// What failed allocations ask for. Single ones are no shortage yet; who has lost a quarter of the reserve before it
// could be made good refuses, and with half of it gone drops.
Pressure pressure_of_reserve(std::size_t slices_left);
// Of the text of memory.max (cgroup v2) or memory.limit_in_bytes (v1); 0: there is no limit.
std::uint64_t read_memory_limit(std::string_view text);
std::uint64_t cgroup_memory_limit();  // of this process; 0: none
std::uint64_t resident_memory();      // of this process, in bytes

class MemoryWatch final : private Deadline::Events, private ReserveAlarm {
 public:
  static constexpr std::uint64_t kTickMs = 100;
  static constexpr std::uint64_t kFailingMs = 1000;
  static constexpr int kTrimTicks = 10;  // between two requests to the allocator to give memory back

  class Events {
   public:
    virtual void on_memory_short() = 0;  // every kTickMs while the last step is in force

   protected:
    ~Events() = default;
  };
  MemoryWatch(Loop& loop, Shared& shared, Events& events);
  void set(const Limits& limits);  // of the newest generation
  ~MemoryWatch() { set_reserve_alarm(nullptr); }
  void stop();  // once; the loop runs on until it is done

 private:
  void ring() noexcept override { uv_async_send(&failed_); }
  void on_deadline(Deadline&) override { look(); }
  void look();
  Shared& shared_;
  Events& events_;
  Loop& loop_;
  Deadline tick_;
  uv_async_t failed_{};  // an allocation
  Pressure failing_ = Pressure::none;
  std::uint64_t failing_until_ms_ = 0;
  Gauge& gauge_;
  Limits limits_;
  std::uint64_t limit_bytes_ = 0;
  int ticks_to_trim_ = 0;
};

}  // namespace spillway
