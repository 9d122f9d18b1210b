// What the wire formats call the same things: reasons to stop, counts of tokens, degrees of effort. Rows instead of
// code. Thread: any.
#pragma once
#include <string_view>

#include "json/write.h"
#include "llm/message.h"
#include "llm/node.h"

namespace spillway::llm {

// `none` for an empty word. A word we do not know is a stop: the answer is there. OpenAI chat's rows hold what its
// many imitators say.
Finish finish_of(Wire wire, std::string_view word);
std::string_view finish_word(Wire wire, Finish finish);

// The usage object of a wire, as the last one told; absent fields leave what was known. Absurd numbers are not told.
void read_tokens(Wire wire, const Node& usage, Tokens& tokens);
void write_tokens(Wire wire, const Tokens& tokens, JsonWriter& json);  // of the three OpenAI wires and Anthropic

Effort effort_of(std::string_view word);  // unset: no such word
std::string_view word_of(Effort effort);
std::int64_t budget_of(Effort effort);          // thinking tokens, for models that count them
Effort effort_for_budget(std::int64_t tokens);  // the degree whose budget it reaches

}  // namespace spillway::llm
