// Generation-checked tickets: a 64-bit name {worker:8, slot:24, generation:32} for something that may be gone by the
// time the name is used. Threads pass tickets, never pointers. A Slots table itself belongs to one thread.
#pragma once
#include <cstdint>
#include <vector>

#include "base/error.h"

namespace spillway {

struct Ticket {
  static std::uint64_t pack(std::uint32_t worker, std::uint32_t slot, std::uint32_t generation) {
    return (std::uint64_t{worker & 0xff} << 56) | (std::uint64_t{slot & 0xffffff} << 32) | generation;
  }
  static std::uint32_t worker(std::uint64_t ticket) { return static_cast<std::uint32_t>(ticket >> 56); }
  static std::uint32_t slot(std::uint64_t ticket) { return static_cast<std::uint32_t>(ticket >> 32) & 0xffffff; }
  static std::uint32_t generation(std::uint64_t ticket) { return static_cast<std::uint32_t>(ticket); }
};

template <typename T>
class Slots {
 public:
  // Returns a ticket that finds `item` until it is released. Never 0.
  std::uint64_t take(std::uint32_t worker, T* item) {
    if (free_.empty()) {
      CHECK(slots_.size() < 0xffffff);
      free_.push_back(static_cast<std::uint32_t>(slots_.size()));
      slots_.push_back({nullptr, 1});
    }
    const std::uint32_t at = free_.back();
    free_.pop_back();
    slots_[at].item = item;
    return Ticket::pack(worker, at, slots_[at].generation);
  }
  T* find(std::uint64_t ticket) const {
    const std::uint32_t at = Ticket::slot(ticket);
    if (at >= slots_.size() || slots_[at].generation != Ticket::generation(ticket)) return nullptr;
    return slots_[at].item;
  }
  void release(std::uint64_t ticket) {
    const std::uint32_t at = Ticket::slot(ticket);
    if (find(ticket) == nullptr) return;
    slots_[at].item = nullptr;
    if (++slots_[at].generation == 0) slots_[at].generation = 1;
    free_.push_back(at);
  }
  std::size_t used() const { return slots_.size() - free_.size(); }

 private:
  struct Slot {
    T* item;
    std::uint32_t generation;
  };
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_;
};

}  // namespace spillway
