// Which operation a client's path names, in whose API, and what stands in the path besides. Thread: any.
#pragma once
#include <string>
#include <string_view>

#include "llm/api.h"
#include "llm/message.h"

namespace spillway {

// "/v1/chat/completions" is chat, with the path to use behind the provider's base_url ("/chat/completions"). Clients
// that are given a base without /v1, or one with it to which they add their own, mean the usual operations all the
// same, and only those (ecosystem.md 1.1). Not ok: nothing of ours.
struct Operation {
  bool ok = false;
  Api api = Api::other;
  llm::Wire wire = llm::Wire::openai_chat;  // that the client speaks: its errors are told so, also when nothing is ok
  bool stream = false;                      // Gemini's path says it
  std::string_view below;                   // path under /v1 (Ollama's: all of it), starts with '/'
  std::string_view model_id;                // of a model in the path, still encoded; ids may hold '/'

  // Gemini's and Ollama's requests: where the model stands, and what streams, is not as in OpenAI's or Anthropic's.
  bool native() const { return wire == llm::Wire::gemini || wire == llm::Wire::ollama; }
};
Operation operation_of(std::string_view path);

// What to say of a path that is nothing of ours: what it may have meant.
std::string no_such_path(std::string_view path);

}  // namespace spillway
