// Look-ups lock; the cells themselves are only ever touched with atomics, by those who found them. Thread: any.
#include "state/cells.h"

#include <utility>

namespace spillway {

std::uint64_t* Cells::find(std::string_view name, std::size_t n) {
  if (n == 0 || n > kCellsMax || name.empty() || name.size() > kNameBytesMax) return nullptr;
  const std::lock_guard hold(lock_);
  const auto there = arrays_.find(std::string(name));
  if (there != arrays_.end()) return there->second.n == n ? there->second.cells.get() : nullptr;
  if (arrays_.size() >= kArraysMax) return nullptr;
  Array array{n, std::make_unique<std::uint64_t[]>(n)};  // zeroed
  return arrays_.emplace(name, std::move(array)).first->second.cells.get();
}

}  // namespace spillway
