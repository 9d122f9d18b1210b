// The tool calls of one stream, told apart however their provider counts them: by index, by id, by neither. What comes
// out is counted from 0 without gaps. Bounded: kMost calls. Thread: any.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::llm {

class ToolSlots {
 public:
  static constexpr std::size_t kMost = 256;

  struct Slot {
    std::int32_t given = -1;  // the provider's number of it
    std::string id, name, signature;
    std::string held;       // arguments that came before its turn
    bool started = false;   // passed on, and so are its arguments
    bool filled = false;    // some arguments came
    bool complete = false;  // no more will come
    bool ended = false;     // passed on as a whole
  };

  // The slot that a piece of a call belongs to, a new one where it is of none so far; -1 if there are too many.
  int find(std::int32_t given, std::string_view id);
  Slot& at(int slot) { return slots_[static_cast<std::size_t>(slot)]; }
  const Slot& at(int slot) const { return slots_[static_cast<std::size_t>(slot)]; }
  int count() const { return static_cast<int>(slots_.size()); }

 private:
  std::vector<Slot> slots_;
};

}  // namespace spillway::llm
