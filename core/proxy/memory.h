// The soft memory limit: looks at the resident memory now and then and sets the step that is in force (R2).
//
// Owner: Server. Thread: the main loop; the step itself is an atomic of Shared that everybody reads. Without a limit,
// configured or of the cgroup, it does nothing at all.
#pragma once
#include <cstdint>
#include <string_view>

#include "conf/config.h"
#include "net/loop.h"
#include "proxy/shared.h"

namespace spillway {

Pressure pressure_of(std::uint64_t resident_bytes, std::uint64_t limit_bytes, const Limits& limits);
// Of the text of memory.max (cgroup v2) or memory.limit_in_bytes (v1); 0: there is no limit.
std::uint64_t read_memory_limit(std::string_view text);
std::uint64_t cgroup_memory_limit();  // of this process; 0: none
std::uint64_t resident_memory();      // of this process, in bytes

class MemoryWatch final : private Deadline::Events {
 public:
  static constexpr std::uint64_t kTickMs = 100;
  static constexpr int kTrimTicks = 10;  // between two requests to the allocator to give memory back

  class Events {
   public:
    virtual void on_memory_short() = 0;  // every kTickMs while the last step is in force

   protected:
    ~Events() = default;
  };
  MemoryWatch(Loop& loop, Shared& shared, Events& events);
  void set(const Limits& limits);  // of the newest generation
  void stop() { tick_.disarm(); }

 private:
  void on_deadline(Deadline& deadline) override;
  Shared& shared_;
  Events& events_;
  Deadline tick_;
  Gauge& gauge_;
  Limits limits_;
  std::uint64_t limit_bytes_ = 0;
  int ticks_to_trim_ = 0;
};

}  // namespace spillway
