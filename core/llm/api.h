// The operations of an LLM API, as clients name them by their paths (dialect.h). Thread: any.
#pragma once
#include <cstdint>
#include <string_view>

namespace spillway {

// Which operation a path names (operation.h). `other` is passed through as it is.
enum class Api : std::uint8_t {
  chat,
  completions,
  embeddings,
  models,
  messages,
  responses,
  ollama,        // its native chat and generate
  gemini,        // generateContent, streamed or not
  embed,         // Ollama's and Gemini's embeddings
  count_tokens,  // Anthropic's and Gemini's
  realtime,      // a WebSocket
  other,
};
// As policies, logs and metrics call it.
std::string_view to_string(Api api);

}  // namespace spillway
