// What Gemini's answers and streams share. Private to core/llm.
#pragma once
#include "llm/codec.h"

namespace spillway::llm {

// `words`: text came with it, or before it.
Finish gemini_finish(const Node& candidate, const Node& feedback, bool words);
void write_gemini_part(const Part& part, JsonWriter& json);
void write_gemini_tokens(const Tokens& tokens, JsonWriter& json);

}  // namespace spillway::llm
