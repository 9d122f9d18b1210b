// One row per API family: where things are, which wire format it is, how the key goes along.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "llm/facts.h"
#include "llm/message.h"
#include "llm/operation.h"

namespace spillway {

struct Dialect {
  std::string_view name;         // as in the config
  std::string_view auth_header;  // field that carries the provider key
  std::string_view auth_prefix;  // in front of the key
  llm::Wire wire;
  // Where chats go, behind base_url; `*` stands for the model. The second is for streams.
  std::string_view chat_path, stream_path;
  std::string_view embed_path;  // empty: no embeddings that we could ask for
};
inline constexpr std::string_view kAnthropicVersion = "2023-06-01";  // what its every request must name

const Dialect* find_dialect(std::string_view name);
const Dialect& dialect_of(llm::Wire wire);  // that providers speak
std::string dialect_names();                // for error messages
// The path of a chat with that model, percent-encoded into it where the dialect has it there; of embeddings likewise.
std::string chat_path(const Dialect& dialect, std::string_view model, bool stream);
std::string embed_path(const Dialect& dialect, std::string_view model);

// The wire format of a client that asks for this operation; none: passed through, nobody translates it.
std::optional<llm::Wire> wire_of(Api api);

// `{"error":{"message","type","param","code"}}`; empty param and code are null.
std::string error_body(std::string_view message, std::string_view type, std::string_view param, std::string_view code);
// The same as a stream's last event: `data: {...}\n\n`.
std::string error_event(std::string_view message, std::string_view type, std::string_view code);

}  // namespace spillway
