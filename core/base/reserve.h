// Memory kept back for the moment in which there is no more: operator new falls back on it, so that a request in
// flight never meets a failed allocation and a callback never throws through C code. What is used is made good again
// as soon as there is memory; until then the process refuses work (proxy/memory.h). The slices are address space that
// nobody touches: resident memory does not grow by them.
//
// One for the process. Thread: the handler runs in whichever thread allocates; refill_reserve() in one.
#pragma once
#include <cstddef>

namespace spillway {

// Each large enough for glibc's least extension of a heap that cannot grow in place (1 MiB).
inline constexpr std::size_t kReserveSliceBytes = 2 << 20;
inline constexpr std::size_t kReserveSlices = 16;

// Fills it and sets the new-handler: a failed allocation gives one slice back and tries again. When all are used up
// the process says so on standard error and aborts.
void install_reserve();

// Told each time a slice is given back, in the thread whose allocation failed and in the middle of it: ring() must
// neither allocate nor lock. One at a time; null: nobody. It lives as long as there are other threads.
class ReserveAlarm {
 public:
  virtual void ring() noexcept = 0;

 protected:
  ~ReserveAlarm() = default;
};
void set_reserve_alarm(ReserveAlarm* alarm);

std::size_t reserve_left();  // slices; all of them while it is not installed
// Takes back what is missing, as far as there is memory.
void refill_reserve();

}  // namespace spillway
