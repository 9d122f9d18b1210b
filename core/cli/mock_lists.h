// What the synthetic provider answers besides chats: which models it has, how long a prompt is, which version it is,
// in the shape of the wire that asks. Whole responses. Pure.
#pragma once
#include <string>
#include <string_view>

#include "llm/message.h"

namespace spillway {

std::string mock_models(llm::Wire wire);
std::string mock_version();                                      // Ollama's
std::string mock_count(llm::Wire wire, std::size_t body_bytes);  // of a prompt's tokens

}  // namespace spillway
