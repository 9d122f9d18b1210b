// Generation-checked tickets: a 64-bit name {worker:8, slot:24, generation:32} for something that may be gone by the
// time the name is used. Threads pass tickets, never pointers; whoever keeps the slots counts their generations from 1
// up, so that no ticket is 0.
#pragma once
#include <cstdint>

namespace spillway {

struct Ticket {
  static std::uint64_t pack(std::uint32_t worker, std::uint32_t slot, std::uint32_t generation) {
    return (std::uint64_t{worker & 0xff} << 56) | (std::uint64_t{slot & 0xffffff} << 32) | generation;
  }
  static std::uint32_t worker(std::uint64_t ticket) { return static_cast<std::uint32_t>(ticket >> 56); }
  static std::uint32_t slot(std::uint64_t ticket) { return static_cast<std::uint32_t>(ticket >> 32) & 0xffffff; }
  static std::uint32_t generation(std::uint64_t ticket) { return static_cast<std::uint32_t>(ticket); }
};

}  // namespace spillway
