// The keys of one object, to find out whether one is there twice. They compare as what they mean, escapes resolved.
// Lifetime: points into the text. Thread: any.
#pragma once
#include <algorithm>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace spillway {

class JsonKeys {
 public:
  JsonKeys() { all_.reserve(kUsual); }
  // What JsonSteps::key_text() gave: a key that it put into `room` is copied.
  std::string_view keep(std::string_view key, const std::string& room) {
    if (key.data() == room.data()) key = copies_.emplace_back(key);
    return all_.emplace_back(key);
  }
  std::optional<std::string_view> twice() {
    std::sort(all_.begin(), all_.end());
    const auto found = std::adjacent_find(all_.begin(), all_.end());
    return found == all_.end() ? std::nullopt : std::optional(*found);
  }

 private:
  static constexpr std::size_t kUsual = 16;
  std::vector<std::string_view> all_;
  std::deque<std::string> copies_;
};

}  // namespace spillway
