#include "base/buffer.h"

#include "base/error.h"

namespace spillway {

namespace {
constexpr std::size_t kCompactBytes = 64 * 1024;
}

void Buffer::append(std::string_view bytes) {
  if (at_ >= kCompactBytes && at_ >= bytes_.size() / 2) {
    bytes_.erase(0, at_);
    at_ = 0;
  }
  bytes_.append(bytes);
}

void Buffer::consume(std::size_t n) {
  CHECK(n <= size());
  at_ += n;
  if (at_ == bytes_.size()) clear();
}

void Buffer::clear() {
  std::string().swap(bytes_);
  at_ = 0;
}

}  // namespace spillway
