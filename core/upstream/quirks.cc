#include "upstream/quirks.h"

namespace spillway {

namespace {

using MaxTokens = Quirks::MaxTokens;
using llm::ToolIds;

constexpr Quirks kQuirks[] = {
    {"openai", "api.openai.com", 0, ToolIds::any, MaxTokens::new_only},
    {"groq", "api.groq.com", llm::kLacksNames | llm::kLacksN, ToolIds::any, MaxTokens::either, false},
    {"mistral", "api.mistral.ai", 0, ToolIds::nine, MaxTokens::old_only, true, false, true},
    {"perplexity", "api.perplexity.ai", llm::kLacksTools, ToolIds::any, MaxTokens::old_only, true, true},
};
constexpr Quirks kNone;

}  // namespace

const Quirks& quirks_of(std::string_view preset, std::string_view host) {
  for (const Quirks& one : kQuirks) {
    if (one.preset == preset || one.host == host) return one;
  }
  return kNone;
}

}  // namespace spillway
