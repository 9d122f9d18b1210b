#include "base/reserve.h"

#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <new>
#include <string_view>

namespace spillway {

namespace {

constexpr std::string_view kSpent = "spillway: out of memory, and the reserve is spent\n";

std::array<std::atomic<void*>, kReserveSlices> slices;
std::atomic<ReserveAlarm*> alarm_of_all;
std::atomic<bool> installed = false;

void give_back_one() {
  for (std::atomic<void*>& slice : slices) {
    if (void* memory = slice.exchange(nullptr)) {
      ::munmap(memory, kReserveSliceBytes);
      if (ReserveAlarm* alarm = alarm_of_all.load()) alarm->ring();
      return;
    }
  }
  // Nothing here may allocate. The process ends, whether or not somebody reads why.
  [[maybe_unused]] const ssize_t told = ::write(STDERR_FILENO, kSpent.data(), kSpent.size());
  std::abort();
}

}  // namespace

void install_reserve() {
  installed = true;
  refill_reserve();
  std::set_new_handler(give_back_one);
}

void set_reserve_alarm(ReserveAlarm* alarm) { alarm_of_all.store(alarm); }

std::size_t reserve_left() {
  if (!installed) return kReserveSlices;
  std::size_t left = 0;
  for (const std::atomic<void*>& slice : slices) left += slice.load() != nullptr ? 1 : 0;
  return left;
}

void refill_reserve() {
  if (!installed) return;
  for (std::atomic<void*>& slice : slices) {
    if (slice.load() != nullptr) continue;
    void* memory = ::mmap(nullptr, kReserveSliceBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return;
    slice.store(memory);
  }
}

}  // namespace spillway
