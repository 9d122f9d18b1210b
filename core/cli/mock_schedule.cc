#include "cli/mock_schedule.h"

namespace spillway {

std::uint64_t MockSchedule::after(std::uint64_t last_due_ms, std::uint32_t gap_ms, std::uint64_t now_ms) {
  const std::uint64_t due_ms = last_due_ms + gap_ms;
  return due_ms < now_ms ? now_ms + gap_ms : due_ms;
}

void* MockSchedule::take(std::uint64_t now_ms) {
  if (all_.empty() || all_.begin()->first > now_ms) return nullptr;
  void* const who = all_.begin()->second;
  all_.erase(all_.begin());
  return who;
}

}  // namespace spillway
