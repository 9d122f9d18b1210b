// Numbers for models that stay the same over refreshes and machines. Thread: any; one StableIds per catalogue.
#pragma once
#include <cstdint>
#include <string_view>
#include <unordered_set>

namespace spillway {

// BLAKE2b with a digest of six bytes, read big-endian.
std::uint64_t hash48(std::string_view id);

// Gives each id the slot its hash names, or the next one below that is free: who comes first in the catalogue's order
// keeps the slot.
class StableIds {
 public:
  static constexpr std::int64_t kOffset = -10'000, kImageOffset = -20'000;
  static constexpr std::uint64_t kSlots = 9'000'000;

  explicit StableIds(std::int64_t offset = kOffset) : offset_(offset) {}
  std::int64_t take(std::string_view id);

 private:
  std::int64_t offset_;
  std::unordered_set<std::int64_t> taken_;
};

}  // namespace spillway
