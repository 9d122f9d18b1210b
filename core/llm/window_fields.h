// What a provider's head told of its windows, as another wire's clients expect to read it (ecosystem.md 1.2).
// Thread: any.
#pragma once
#include "http/writer.h"
#include "llm/message.h"
#include "llm/told.h"

namespace spillway::llm {

// Nothing for wires that have no such fields, and of windows that were not told.
void write_windows(Wire client, const Windows& windows, std::int64_t wall_ms, HeadWriter& writer);

}  // namespace spillway::llm
