// Finds which of a few known keys one is, by one comparison: a key's length, first and last letter say which it can be.
// Made when it is compiled, which fails if no factors part them all. Thread: any.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace spillway {

template <std::size_t N>
class KeyTable {
 public:
  consteval explicit KeyTable(const std::array<std::string_view, N>& keys) : keys_(keys) {
    for (first_ = 1; first_ < kPlaces; ++first_) {
      for (last_ = 0; last_ < kPlaces; ++last_) {
        if (fits()) return;
      }
    }
    throw "these keys do not part by length, first and last letter";
  }
  // Its place in the list; N if it is not there.
  constexpr std::size_t find(std::string_view key) const {
    if (key.empty()) return N;
    const std::size_t at = places_[place_of(key)];
    return at < N && keys_[at] == key ? at : N;
  }

 private:
  static constexpr std::size_t kPlaces = 64;
  static_assert(N <= kPlaces / 2);
  constexpr std::size_t place_of(std::string_view key) const {
    const auto byte = [](char c) { return static_cast<std::size_t>(static_cast<unsigned char>(c)); };
    return (key.size() + first_ * byte(key.front()) + last_ * byte(key.back())) % kPlaces;
  }
  consteval bool fits() {
    places_.fill(N);
    for (std::size_t at = 0; at < N; ++at) {
      std::uint8_t& place = places_[place_of(keys_[at])];
      if (place != N) return false;
      place = static_cast<std::uint8_t>(at);
    }
    return true;
  }
  std::array<std::string_view, N> keys_;
  std::array<std::uint8_t, kPlaces> places_{};
  std::size_t first_ = 1, last_ = 0;
};

}  // namespace spillway
