// One row per API family: where things are and how errors look. OpenAI is the only row so far; config refuses others.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "llm/facts.h"

namespace spillway {

struct Dialect {
  std::string_view name;         // as in the config
  std::string_view auth_header;  // field that carries the provider key
  std::string_view auth_prefix;  // in front of the key
  std::string_view models_path;
};
const Dialect* find_dialect(std::string_view name);
std::string_view dialect_names();  // "openai", for error messages

// A client's path to what it asks for: "/v1/chat/completions" is chat, with the path to use behind the provider's
// base_url ("/chat/completions"). Not ok: outside /v1. Doubled /v1/v1 and a missing one are other paths: 404.
struct Operation {
  bool ok = false;
  Api api = Api::other;
  std::string_view below;     // path under /v1, starts with '/'
  std::string_view model_id;  // of /v1/models/{id}, still encoded; ids may hold '/'
};
Operation operation_of(std::string_view path);

// `{"error":{"message","type","param","code"}}`; empty param and code are null.
std::string error_body(std::string_view message, std::string_view type, std::string_view param, std::string_view code);
// The same as a stream's last event: `data: {...}\n\n`.
std::string error_event(std::string_view message, std::string_view type, std::string_view code);

}  // namespace spillway
