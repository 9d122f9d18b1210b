// The part of fit.h that is about messages. Private to core/llm.
#pragma once
#include "llm/fit.h"

namespace spillway::llm {

constexpr std::int64_t budget_least() { return 1024; }  // Anthropic's fewest thinking tokens

// Whether the target can be given what the messages hold.
bool fit_content(const ChatRequest& request, const Target& target, Refusal& why);
void fit_history(ChatRequest& request, const Target& target, JsonScanner& scanner);

}  // namespace spillway::llm
