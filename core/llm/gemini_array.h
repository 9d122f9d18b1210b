// Gemini's other form of a stream, for clients that do not say alt=sse: the same events as the elements of one JSON
// array that goes on. Owner: one answer. Memory: one event, and what came of the next. Thread: any.
#pragma once
#include <string>
#include <string_view>

#include "http/sse.h"

namespace spillway::llm {

class GeminiArray {
 public:
  explicit GeminiArray(std::size_t event_bytes_max) : events_(event_bytes_max) {}
  // The same as elements. The array ends only where the answer did: `last`.
  std::string framed(std::string_view events, bool last);

 private:
  SseReader events_;
  bool begun_ = false;
};

}  // namespace spillway::llm
