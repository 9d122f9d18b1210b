#include "policy/cell_table.h"

#include <utility>

namespace spillway {

namespace {

std::size_t place_of(std::int32_t scope, std::uint64_t id, std::size_t size) {
  const std::uint64_t mixed = (id + static_cast<std::uint64_t>(scope)) * 0x9e3779b97f4a7c15ull;
  return static_cast<std::size_t>(mixed >> 32) & (size - 1);
}

}  // namespace

const CellTable::Entry* CellTable::find(std::int32_t scope, std::uint64_t id) const {
  if (slots_.empty()) return nullptr;
  for (std::size_t at = place_of(scope, id, slots_.size());; at = (at + 1) & (slots_.size() - 1)) {
    const Entry& entry = slots_[at];
    if (entry.scope < 0) return nullptr;
    if (entry.id == id && entry.scope == scope) return &entry;
  }
}

void CellTable::keep(std::int32_t scope, std::uint64_t id, std::size_t n, std::uint64_t* cells) {
  if ((used_ + 1) * 2 > slots_.size()) {
    std::vector<Entry> old(slots_.empty() ? 32 : slots_.size() * 2);
    std::swap(old, slots_);
    used_ = 0;
    for (const Entry& entry : old) {
      if (entry.scope >= 0) keep(entry.scope, entry.id, entry.n, entry.cells);
    }
  }
  std::size_t at = place_of(scope, id, slots_.size());
  while (slots_[at].scope >= 0) at = (at + 1) & (slots_.size() - 1);
  slots_[at] = {id, scope, n, cells};
  ++used_;
}

}  // namespace spillway
