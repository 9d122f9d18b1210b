// Named arrays of zeroed 64-bit cells, shared by all workers and config generations, never moved and never freed.
// Plugins keep breaker and quota state in them, with atomics. Look-ups lock; users keep the pointer. Thread: any.
#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace spillway {

class Cells {
 public:
  static constexpr std::size_t kArraysMax = 100'000;
  static constexpr std::size_t kCellsMax = 512;  // in one array
  static constexpr std::size_t kNameBytesMax = 1024;
  // The same array for the same name; nullptr when n differs from the first time or a limit is reached.
  std::uint64_t* find(std::string_view name, std::size_t n);

 private:
  struct Array {
    std::size_t n;
    std::unique_ptr<std::uint64_t[]> cells;
  };
  std::mutex lock_;
  std::unordered_map<std::string, Array> arrays_;
};

}  // namespace spillway
