#include "catalog/stable_id.h"

#include "base/blake2b.h"

namespace spillway {

std::uint64_t hash48(std::string_view id) {
  std::uint64_t number = 0;
  for (const char byte : blake2b(id, 6)) number = number << 8 | static_cast<unsigned char>(byte);
  return number;
}

std::int64_t StableIds::take(std::string_view id) {
  std::int64_t slot = offset_ - static_cast<std::int64_t>(hash48(id) % kSlots);
  while (!taken_.insert(slot).second) --slot;
  return slot;
}

}  // namespace spillway
