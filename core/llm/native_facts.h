// What a request in Ollama's or Gemini's own words asks for, as the same Facts that OpenAI's have (facts.h): policies
// and limits need not know who speaks what. Thread: any, one scanner each.
#pragma once
#include <string_view>

#include "llm/facts.h"
#include "llm/operation.h"

namespace spillway {

// As inspect(), for an operation that is native(). `facts.prompt_bytes` is 0 where nothing is said, which Ollama takes
// for a wish to load the model. The model of Gemini's is in the path, so its model_at is nowhere.
Result<Facts> inspect_native(JsonScanner& scanner, const Operation& operation, std::string_view body, std::size_t room,
                             BadRequest& why);

}  // namespace spillway
