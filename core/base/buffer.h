// A byte queue with a bound: appended at the end, consumed at the front, memory given back when it empties.
// Thread: its owner's.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace spillway {

class Buffer {
 public:
  void append(std::string_view bytes);
  void consume(std::size_t n);  // n <= size()
  void clear();                 // also frees
  std::string_view view() const { return {bytes_.data() + at_, bytes_.size() - at_}; }
  std::size_t size() const { return bytes_.size() - at_; }
  bool empty() const { return size() == 0; }

 private:
  std::string bytes_;
  std::size_t at_ = 0;
};

}  // namespace spillway
