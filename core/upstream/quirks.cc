#include "upstream/quirks.h"

#include <algorithm>

namespace spillway {

namespace {

using MaxTokens = Quirks::MaxTokens;
using llm::ToolIds;

constexpr Quirks kQuirks[] = {
    {"openai",
     "api.openai.com",
     0,
     ToolIds::any,
     MaxTokens::new_only,
     true,
     false,
     false,
     {R"("max_tokens")", R"("tools")"}},
    {"groq",
     "api.groq.com",
     llm::kLacksNames | llm::kLacksN,
     ToolIds::any,
     MaxTokens::either,
     false,
     false,
     false,
     {R"("name")", R"("n")", R"(logprobs")", R"("logit_bias")"},
     ""},
    {"mistral", "api.mistral.ai", 0, ToolIds::nine, MaxTokens::old_only, true, false, true, {}, "fim/completions"},
    {"deepseek",
     "api.deepseek.com",
     0,
     ToolIds::any,
     MaxTokens::either,
     true,
     false,
     false,
     {R"("suffix")"},
     "/beta/completions"},
    {"perplexity", "api.perplexity.ai", llm::kLacksTools, ToolIds::any, MaxTokens::old_only, true, true, false, {}, ""},
};
constexpr Quirks kNone;

}  // namespace

bool Quirks::may_matter(std::string_view body) const {
  if (!any() || words[0].empty()) return any();
  return std::any_of(std::begin(words), std::end(words),
                     [&](std::string_view word) { return !word.empty() && body.find(word) != body.npos; });
}

const Quirks& quirks_of(std::string_view preset, std::string_view host) {
  for (const Quirks& one : kQuirks) {
    if (one.preset == preset || one.host == host) return one;
  }
  return kNone;
}

}  // namespace spillway
