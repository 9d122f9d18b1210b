// Bytes in one piece that grow at the end, also in place: room for more is memory that nobody has written yet, and that
// costs nothing before it is. Owner: whoever has it. Thread: its owner's.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include "base/error.h"

namespace spillway {

class Bytes {
 public:
  Bytes() = default;
  Bytes(Bytes&& other) noexcept { *this = std::move(other); }
  Bytes& operator=(Bytes&& other) noexcept {
    bytes_ = std::move(other.bytes_);
    size_ = std::exchange(other.size_, 0);
    capacity_ = std::exchange(other.capacity_, 0);
    return *this;
  }

  std::string_view view() const { return {bytes_.get(), size_}; }
  std::size_t size() const { return size_; }
  std::size_t capacity() const { return capacity_; }

  void reserve(std::size_t capacity) {
    if (capacity <= capacity_) return;
    auto larger = std::make_unique_for_overwrite<char[]>(capacity);
    if (size_ > 0) std::memcpy(larger.get(), bytes_.get(), size_);
    bytes_ = std::move(larger);
    capacity_ = capacity;
  }
  void append(std::string_view more) {
    if (more.size() > capacity_ - size_) reserve(std::max(size_ + more.size(), 2 * capacity_));
    if (!more.empty()) std::memcpy(bytes_.get() + size_, more.data(), more.size());
    size_ += more.size();
  }
  // What is left of the capacity; and that some of it was written.
  std::span<char> room() { return {bytes_.get() + size_, capacity_ - size_}; }
  void wrote(std::size_t n) {
    CHECK(n <= capacity_ - size_);
    size_ += n;
  }
  void clear() { size_ = 0; }  // keeps the memory

 private:
  std::unique_ptr<char[]> bytes_;
  std::size_t size_ = 0, capacity_ = 0;
};

}  // namespace spillway
