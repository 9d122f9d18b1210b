// What Ollama's answers and streams share, and what else is said in its words. Thread: any.
#pragma once
#include "llm/codec.h"

namespace spillway::llm {

// One line of a stream, or the whole answer: the message's words, and the counts behind the last one.
struct OllamaLine {
  std::string_view model, time, text, thinking;
  std::string calls;        // the list's JSON without brackets
  std::string_view reason;  // empty: more comes
  Tokens tokens;
};
std::string ollama_time(std::int64_t unix_s);  // RFC 3339 in UTC
void write_ollama(const OllamaLine& line, const Asked& asked, JsonWriter& json);
void write_ollama_call(std::string_view name, std::string_view arguments, JsonWriter& json);

}  // namespace spillway::llm
