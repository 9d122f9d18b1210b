// Makes a request fit its target: what the target does not take is dropped or refused by name, what it wants otherwise
// is changed, what is good only where it was made (signatures, billing lines) goes no further.
//
// Rows say which parameters which wire lacks; a target adds its own. Thread: any.
#pragma once
#include <string>
#include <vector>

#include "llm/codec.h"

namespace spillway::llm {

// Parameters that a target may lack, as bits.
using Lacks = std::uint32_t;
enum Lack : Lacks {
  kLacksTemperature = 1 << 0,
  kLacksTopP = 1 << 1,
  kLacksTopK = 1 << 2,
  kLacksPenalties = 1 << 3,
  kLacksSeed = 1 << 4,
  kLacksStop = 1 << 5,
  kLacksUser = 1 << 6,
  kLacksTools = 1 << 7,
  kLacksFormat = 1 << 8,
  kLacksEffort = 1 << 9,
  kLacksForcedTools = 1 << 10,  // tool_choice required or named
  kLacksNames = 1 << 11,        // messages[].name (Groq)
  kLacksN = 1 << 12,
};
inline constexpr Lacks kLacksSampling = kLacksTemperature | kLacksTopP | kLacksTopK;

enum class ToolIds : std::uint8_t { any, plain, nine };  // plain: [a-zA-Z0-9_-]+; nine: 9 of [a-zA-Z0-9] (Mistral)

struct Target {
  Wire wire = Wire::openai_chat;
  bool drop_params = true;                 // false: what it does not take is refused
  Lacks lacks = 0;                         // beside what its wire lacks anyway
  std::vector<std::string> lacks_members;  // top-level members that are not modelled: logprobs, logit_bias (Groq)
  std::int64_t max_output = 4096;          // tokens, where a limit must be named and the client names none
  bool image_urls = true;                  // takes images by https URL; data URLs always work
  ToolIds tool_ids = ToolIds::any;
  bool fills = false;       // takes a prompt and a suffix
  bool alternates = false;  // user and assistant in turn, one system message in front (Perplexity)
  bool same_route = false;  // made the signatures of this history
  Spelling spelling;
};

struct Fitted {
  std::vector<std::string> dropped;  // parameters, as OpenAI calls them
};

// False: refused, and why. `scanner` is used for the arguments in the history.
bool fit(ChatRequest& request, const Target& target, JsonScanner& scanner, Fitted& fitted, Refusal& why);

// The same id for the same id, and another for another.
std::string fit_tool_id(std::string_view id, ToolIds rule);

// Claude Code's first system block: it changes from request to request and says nothing (for cache keys, too).
bool is_billing_line(std::string_view text);

inline constexpr std::string_view kLostThoughtSignature = "skip_thought_signature_validator";

}  // namespace spillway::llm
