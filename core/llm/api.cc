#include "llm/api.h"

namespace spillway {

std::string_view to_string(Api api) {
  switch (api) {
    case Api::chat: return "chat";
    case Api::completions: return "completions";
    case Api::embeddings: return "embeddings";
    case Api::models: return "models";
    case Api::messages: return "messages";
    case Api::responses: return "responses";
    case Api::ollama: return "ollama";
    case Api::gemini: return "gemini";
    case Api::embed: return "embed";
    case Api::count_tokens: return "count_tokens";
    case Api::realtime: return "realtime";
    case Api::other: return "other";
  }
  return "other";
}

}  // namespace spillway
