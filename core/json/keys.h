// The keys of one object, to find out whether one is there twice. They compare as what they mean, escapes resolved.
// Lifetime: points into the text. Thread: any.
#pragma once
#include <algorithm>
#include <array>
#include <forward_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace spillway {

class JsonKeys {
 public:
  // What JsonSteps::key_text() gave: a key that it put into `room` is copied.
  std::string_view keep(std::string_view key, const std::string& room) {
    if (key.data() == room.data()) key = copies_.emplace_front(key);
    if (count_ < kUsual) return few_[count_++] = key;
    if (many_.empty()) many_.assign(few_.begin(), few_.end());
    return many_.emplace_back(key);
  }
  std::optional<std::string_view> twice() {
    const std::span<std::string_view> all =
        many_.empty() ? std::span(few_).first(count_) : std::span<std::string_view>(many_);
    std::sort(all.begin(), all.end());
    const auto found = std::adjacent_find(all.begin(), all.end());
    return found == all.end() ? std::nullopt : std::optional(*found);
  }

 private:
  static constexpr std::size_t kUsual = 16;
  std::array<std::string_view, kUsual> few_;
  std::size_t count_ = 0;
  std::vector<std::string_view> many_;  // all of them, once they are more
  std::forward_list<std::string> copies_;
};

}  // namespace spillway
