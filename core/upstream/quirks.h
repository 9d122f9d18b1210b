// What providers that speak OpenAI's chat do differently, a row for each host that is known to (semantics.md section
// 10). Thread: any.
#pragma once
#include <string_view>

#include "llm/fit.h"

namespace spillway {

struct Quirks {
  enum class MaxTokens : std::uint8_t { either, old_only, new_only };  // max_tokens, max_completion_tokens
  std::string_view preset, host;
  llm::Lacks lacks = 0;
  llm::ToolIds tool_ids = llm::ToolIds::any;
  MaxTokens max_tokens = MaxTokens::either;
  bool logs = true;         // takes logprobs, top_logprobs, logit_bias
  bool alternates = false;  // wants user and assistant in turn
  bool mistral = false;     // no stream_options, tool_choice "any", random_seed
  // Without all of these words a request may go there as it came; none: none may.
  std::string_view words[4] = {};
  // Where a prompt with a suffix goes, as in conf/presets.h; empty: nowhere.
  std::string_view fills = "completions";
  bool completes() const { return fills == "completions"; }  // else a prompt without one becomes a chat
  bool any() const { return !preset.empty(); }
  bool may_matter(std::string_view body) const;
};

// By the provider's preset, else its host; of others: none.
const Quirks& quirks_of(std::string_view preset, std::string_view host);

}  // namespace spillway
