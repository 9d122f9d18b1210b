#include "llm/gemini_array.h"

#include <utility>

namespace spillway::llm {

std::string GeminiArray::framed(std::string_view events, bool last) {
  std::string out;
  SseEvent event;
  while (true) {
    const Result<bool> whole = events_.next(events, event);
    if (!whole || !*whole) break;  // what is too large was refused by whoever gave it to us
    if (event.has_data && event.data != "[DONE]")
      out.append(std::exchange(begun_, true) ? ",\r\n" : "[").append(event.data);
  }
  if (last) out += std::exchange(begun_, true) ? "]\r\n" : "[]\r\n";
  return out;
}

}  // namespace spillway::llm
