// Reads a JSON text in one pass, checking all of it and noting where its tokens start, for JsonScanner: what nearly all
// texts need. A string is crossed 64 bytes at once; everything else is looked at once.
//
// It only ever says that a text is valid. What it does not say so of is wrong, or has so much text that is not ASCII
// that an index made first is cheaper: both are judged elsewhere. Private to core/json; any thread.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "json/scan.h"

namespace spillway::json {

class Pass {
 public:
  static constexpr std::size_t kForeignMost = 64;  // characters beyond ASCII

  // At least JsonScanner::kPadding bytes behind `text` are readable; `index` and `links` have room for text.size().
  // Links are by the token of a bracket that opens: the one that closes it.
  // cppcheck-suppress uninitMemberVar ; a level is written when it is opened
  Pass(std::string_view text, std::uint32_t* index, std::uint32_t* links, bool halves_pass)
      : text_(text), end_(text.data() + text.size()), index_(index), links_(links), halves_pass_(halves_pass) {}

  bool valid();  // once
  std::uint32_t count() const { return count_; }
  bool any_key_escaped() const { return key_escaped_; }

 private:
  // Each gets where something begins and says where it ends; nullptr when it is not right.
  const char* string(const char* at);  // behind its opening quote
  const char* long_string(const char* at);
  const char* escape_or_foreign(const char* at);
  const char* scalar(const char* at) const;

  const std::string_view text_;
  const char* const end_;
  std::uint32_t* const index_;
  std::uint32_t* const links_;
  std::uint32_t count_ = 0;
  std::size_t foreign_ = 0;
  const bool halves_pass_;
  bool escaped_ = false;  // the string that is read
  bool key_escaped_ = false;
  // Of each level, the token that opened it and, in the lowest bit, whether it is an array. Written when it is opened:
  // there are no bytes to clear for each text.
  std::size_t opened_[JsonScanner::kDepthMax + 1];
};

}  // namespace spillway::json
