// A table of things found by ticket, for tests: the same names as proxy's, on one thread.
#pragma once
#include <cstdint>
#include <vector>

#include "base/error.h"
#include "base/slots.h"

namespace spillway {

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
