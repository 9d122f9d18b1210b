// Recognises, without parsing it, a stream event that differs from an earlier one in nothing but words: the same bytes
// around the same strings. Most events of an answer are such, and who has looked at one of them knows all.
//
// What may differ are the contents of string values, but of those that tell one thing from another (kFixed). Owner: one
// answer. Thread: any. Memory: one event of at most kBytesMax.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace spillway::llm {

class PlainForm {
 public:
  static constexpr std::size_t kHolesMax = 8, kBytesMax = 4096;

  // `raw`: an event whose data is one JSON object. Nothing is learned of one that is longer, or of more strings.
  void learn(std::string_view raw);
  void forget() { pieces_ = 0; }
  bool matches(std::string_view raw) const;

 private:
  std::string fixed_;  // what stands between the strings, one piece behind the other
  std::array<std::uint16_t, kHolesMax + 1> ends_{};
  std::size_t pieces_ = 0;  // 0: nothing was learned
};

}  // namespace spillway::llm
