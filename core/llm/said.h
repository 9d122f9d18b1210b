// What an error says, whoever wrote it (semantics.md section 10): OpenAI's object, OpenRouter's metadata, Gemini's
// details (also in a one-element array), Mistral's and Cohere's bare message, NIM's and FastAPI's detail, Ollama's
// string, plain text.
//
// Words are kept by who chose them, because a 400 often quotes the client: what somebody put into a prompt or a field
// must not be able to close an account's quota or to count against a provider. Thread: any. Lifetime: points into
// `root`.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "json/scan.h"

namespace spillway {

struct Said {
  bool error = false;                   // there is an error inside
  std::int64_t code = -1;               // a numeric one
  std::string codes = "\n";             // codes and types, lower case, each between line ends
  std::string text;                     // sentences of the provider we asked, lower case
  std::string raw;                      // of a provider behind that one (OpenRouter's metadata.raw), lower case
  std::string message;                  // to be shown
  const JsonValue* metadata = nullptr;  // never null after listen()
  const JsonValue* details = nullptr;
};

// `root` is the parsed `body`, or null if it is no JSON.
Said listen(const JsonValue& root, std::string_view body);

}  // namespace spillway
