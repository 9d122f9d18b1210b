// Pointers to shared cells by scope and identity: one small look-up on the hot path instead of Cells' lock. One per
// policy and worker, so one thread.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace spillway {

class CellTable {
 public:
  struct Entry {
    std::uint64_t id = 0;
    std::int32_t scope = -1;  // -1: free
    std::size_t n = 0;
    std::uint64_t* cells = nullptr;
  };
  const Entry* find(std::int32_t scope, std::uint64_t id) const;  // nullptr: not kept yet
  void keep(std::int32_t scope, std::uint64_t id, std::size_t n, std::uint64_t* cells);

 private:
  std::vector<Entry> slots_;  // a power of two, open addressing, at most half full
  std::size_t used_ = 0;
};

}  // namespace spillway
