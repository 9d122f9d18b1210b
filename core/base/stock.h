// Objects at rest with their buffers, for whoever needs one next on this thread: thousands of connections share the few
// that are warm. T has renew(arguments), which makes it as if new. At most kKept are kept; under AddressSanitizer none,
// so that it sees who uses what was put back. Thread: any; an object may be put back on another one.
#pragma once
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace spillway {

template <class T>
class Stock {
 public:
  template <class... Arguments>
  static std::unique_ptr<T> take(const Arguments&... arguments) {
    std::vector<std::unique_ptr<T>>& rest = at_rest();
    if (rest.empty()) return std::make_unique<T>(arguments...);
    std::unique_ptr<T> one = std::move(rest.back());
    rest.pop_back();
    one->renew(arguments...);
    return one;
  }
  static void put_back(std::unique_ptr<T> one) {
    if (at_rest().size() < kKept) at_rest().push_back(std::move(one));
  }

 private:
#ifdef __SANITIZE_ADDRESS__
  static constexpr std::size_t kKept = 0;
#else
  static constexpr std::size_t kKept = 64;
#endif
  static std::vector<std::unique_ptr<T>>& at_rest() {
    thread_local std::vector<std::unique_ptr<T>> rest;
    return rest;
  }
};

}  // namespace spillway
