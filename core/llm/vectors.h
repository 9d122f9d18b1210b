// The two spellings of an embedding's vector: a JSON list of numbers, and base64 of little-endian float32, which
// OpenAI's libraries ask for (ecosystem.md 1.6). Thread: any.
#pragma once
#include <string>
#include <string_view>

#include "llm/node.h"

namespace spillway::llm {

// Each as the other, as JSON; empty: it is no vector.
std::string floats_to_base64(const Node& list);
std::string base64_to_floats(std::string_view base64);

}  // namespace spillway::llm
