#include "llm/tool_slots.h"

namespace spillway::llm {

// An id that is not that of the last call with the same number begins another one: some number all their calls 0.
int ToolSlots::find(std::int32_t given, std::string_view id) {
  for (int i = count() - 1; i >= 0; --i) {
    Slot& slot = at(i);
    const bool same_id = !id.empty() && slot.id == id, may_be = id.empty() || slot.id.empty();
    const bool same_number = given < 0 || slot.given < 0 || slot.given == given;
    if (!same_number || (!same_id && !may_be)) continue;
    if (slot.id.empty()) slot.id = id;
    return i;
  }
  if (slots_.size() == kMost) return -1;
  Slot& slot = slots_.emplace_back();
  slot.given = given;
  slot.id = id;
  return count() - 1;
}

}  // namespace spillway::llm
