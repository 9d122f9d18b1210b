#include "llm/terms.h"

#include <algorithm>

namespace spillway::llm {

namespace {

struct Reason {
  Wire wire;
  std::string_view word;
  Finish finish;
};

// The first row of a wire with some finish is how that wire is told of it.
constexpr Reason kReasons[] = {
    {Wire::openai_chat, "stop", Finish::stop},
    {Wire::openai_chat, "length", Finish::length},
    {Wire::openai_chat, "tool_calls", Finish::tool_calls},
    {Wire::openai_chat, "content_filter", Finish::content_filter},
    {Wire::openai_chat, "error", Finish::error},
    {Wire::openai_chat, "function_call", Finish::tool_calls},
    {Wire::openai_chat, "tool_use", Finish::tool_calls},
    {Wire::openai_chat, "tool_call", Finish::tool_calls},
    {Wire::openai_chat, "model_length", Finish::length},
    {Wire::openai_chat, "max_tokens", Finish::length},
    {Wire::openai_chat, "MAX_TOKENS", Finish::length},
    {Wire::openai_chat, "max_length", Finish::length},
    {Wire::openai_chat, "model_context_window_exceeded", Finish::length},
    {Wire::openai_chat, "safety", Finish::content_filter},
    {Wire::openai_chat, "SAFETY", Finish::content_filter},
    {Wire::openai_chat, "RECITATION", Finish::content_filter},
    {Wire::openai_chat, "refusal", Finish::content_filter},
    {Wire::openai_completions, "stop", Finish::stop},
    {Wire::openai_completions, "length", Finish::length},
    {Wire::openai_completions, "content_filter", Finish::content_filter},
    {Wire::openai_responses, "completed", Finish::stop},
    {Wire::openai_responses, "max_output_tokens", Finish::length},
    {Wire::openai_responses, "content_filter", Finish::content_filter},
    {Wire::openai_responses, "failed", Finish::error},
    {Wire::openai_responses, "cancelled", Finish::error},
    {Wire::anthropic, "end_turn", Finish::stop},
    {Wire::anthropic, "max_tokens", Finish::length},
    {Wire::anthropic, "tool_use", Finish::tool_calls},
    {Wire::anthropic, "refusal", Finish::content_filter},
    {Wire::anthropic, "stop_sequence", Finish::stop},
    {Wire::anthropic, "pause_turn", Finish::stop},
    {Wire::anthropic, "model_context_window_exceeded", Finish::length},
    {Wire::gemini, "STOP", Finish::stop},
    {Wire::gemini, "MAX_TOKENS", Finish::length},
    {Wire::gemini, "SAFETY", Finish::content_filter},
    {Wire::gemini, "RECITATION", Finish::content_filter},
    {Wire::gemini, "BLOCKLIST", Finish::content_filter},
    {Wire::gemini, "PROHIBITED_CONTENT", Finish::content_filter},
    {Wire::gemini, "SPII", Finish::content_filter},
    {Wire::gemini, "MALFORMED_FUNCTION_CALL", Finish::error},
    {Wire::gemini, "UNEXPECTED_TOOL_CALL", Finish::error},
    {Wire::gemini, "TOO_MANY_TOOL_CALLS", Finish::error},
    {Wire::gemini, "OTHER", Finish::error},
    {Wire::gemini, "LANGUAGE", Finish::error},
    {Wire::ollama, "stop", Finish::stop},
    {Wire::ollama, "length", Finish::length},
    {Wire::ollama, "load", Finish::stop},
    {Wire::ollama, "unload", Finish::stop},
    {Wire::cohere, "COMPLETE", Finish::stop},
    {Wire::cohere, "MAX_TOKENS", Finish::length},
    {Wire::cohere, "TOOL_CALL", Finish::tool_calls},
    {Wire::cohere, "ERROR", Finish::error},
    {Wire::cohere, "STOP_SEQUENCE", Finish::stop},
    {Wire::cohere, "TIMEOUT", Finish::error},
};

constexpr std::int64_t kTokensMax = 1'000'000'000'000;

// How a count of a wire adds to ours: `into` is set by the first of its rows and grows by those that follow.
struct Count {
  Wire wire;
  std::string_view outer, name;  // outer: the object inside usage it stands in, or empty
  std::int64_t Tokens::*into;
  bool adds = false;
};

constexpr Count kCounts[] = {
    {Wire::openai_chat, "", "prompt_tokens", &Tokens::input},
    {Wire::openai_chat, "", "completion_tokens", &Tokens::output},
    {Wire::openai_chat, "prompt_tokens_details", "cached_tokens", &Tokens::cached},
    {Wire::openai_chat, "prompt_tokens_details", "cache_write_tokens", &Tokens::cache_write},
    {Wire::openai_chat, "completion_tokens_details", "reasoning_tokens", &Tokens::reasoning},
    {Wire::openai_responses, "", "input_tokens", &Tokens::input},
    {Wire::openai_responses, "", "output_tokens", &Tokens::output},
    {Wire::openai_responses, "input_tokens_details", "cached_tokens", &Tokens::cached},
    {Wire::openai_responses, "input_tokens_details", "cache_write_tokens", &Tokens::cache_write},
    {Wire::openai_responses, "output_tokens_details", "reasoning_tokens", &Tokens::reasoning},
    {Wire::anthropic, "", "input_tokens", &Tokens::input},
    {Wire::anthropic, "", "cache_read_input_tokens", &Tokens::cached},
    {Wire::anthropic, "", "cache_creation_input_tokens", &Tokens::cache_write},
    {Wire::anthropic, "", "output_tokens", &Tokens::output},
    {Wire::anthropic, "output_tokens_details", "thinking_tokens", &Tokens::reasoning},
    {Wire::gemini, "", "promptTokenCount", &Tokens::input},
    {Wire::gemini, "", "toolUsePromptTokenCount", &Tokens::input, true},
    {Wire::gemini, "", "cachedContentTokenCount", &Tokens::cached},
    {Wire::gemini, "", "candidatesTokenCount", &Tokens::output},
    {Wire::gemini, "", "thoughtsTokenCount", &Tokens::output, true},
    {Wire::gemini, "", "thoughtsTokenCount", &Tokens::reasoning},
    {Wire::ollama, "", "prompt_eval_count", &Tokens::input},
    {Wire::ollama, "", "eval_count", &Tokens::output},
    {Wire::cohere, "tokens", "input_tokens", &Tokens::input},
    {Wire::cohere, "tokens", "output_tokens", &Tokens::output},
    {Wire::cohere, "", "cached_tokens", &Tokens::cached},
};

struct Degree {
  Effort effort;
  std::string_view word;
  std::int64_t budget;
};
constexpr Degree kDegrees[] = {
    {Effort::none, "none", 0},        {Effort::minimal, "minimal", 512}, {Effort::low, "low", 1024},
    {Effort::medium, "medium", 4096}, {Effort::high, "high", 16384},     {Effort::xhigh, "xhigh", 32768},
    {Effort::max, "max", 65536},
};

// The many who imitate OpenAI's chat also name its completions' reasons and counts.
Wire family(Wire wire) { return wire == Wire::openai_completions ? Wire::openai_chat : wire; }

}  // namespace

Finish finish_of(Wire wire, std::string_view word) {
  if (word.empty()) return Finish::none;
  for (const Reason& one : kReasons) {
    if (one.wire == family(wire) && one.word == word) return one.finish;
  }
  if (wire == Wire::gemini && word.starts_with("IMAGE_")) return Finish::content_filter;
  return Finish::stop;
}

std::string_view finish_word(Wire wire, Finish finish) {
  std::string_view stop;
  for (const Reason& one : kReasons) {
    if (one.wire != wire) continue;
    if (one.finish == finish) return one.word;
    if (stop.empty()) stop = one.word;
  }
  return stop;
}

void read_tokens(Wire wire, const Node& usage, Tokens& tokens) {
  if (!usage.is(JsonType::object)) return;
  if (wire == Wire::gemini) tokens = {};  // each of its events tells all there is
  bool told = false;
  const std::int64_t cached = tokens.cached, written = tokens.cache_write;
  for (const Count& one : kCounts) {
    if (one.wire != family(wire)) continue;
    const std::int64_t n = (one.outer.empty() ? usage : usage[one.outer])[one.name].integer(-1);
    if (n < 0 || n > kTokensMax) continue;
    std::int64_t& into = tokens.*one.into;
    into = one.adds ? std::max<std::int64_t>(into, 0) + n : n;
    told = told || one.into == &Tokens::input;
  }
  if (wire != Wire::anthropic) return;
  // Its input does not include what the cache gave and took. An event that repeats only some of the three must not
  // count the others twice.
  if (told) {
    tokens.input += tokens.cached + tokens.cache_write;
  } else if (tokens.input >= 0) {
    tokens.input += tokens.cached - cached + tokens.cache_write - written;
  }
}

void write_tokens(Wire wire, const Tokens& tokens, JsonWriter& json) {
  const std::int64_t input = std::max<std::int64_t>(tokens.input, 0), output = std::max<std::int64_t>(tokens.output, 0);
  json.open('{');
  if (wire == Wire::anthropic) {
    json.member("input_tokens"sv, std::max<std::int64_t>(input - tokens.cached - tokens.cache_write, 0));
    json.member("cache_read_input_tokens"sv, tokens.cached).member("cache_creation_input_tokens"sv, tokens.cache_write);
    json.member("output_tokens"sv, output);
    if (tokens.reasoning > 0) {
      json.key("output_tokens_details"sv).open('{').member("thinking_tokens"sv, tokens.reasoning).close('}');
    }
    json.close('}');
    return;
  }
  const bool responses = wire == Wire::openai_responses;
  const auto details = [&] {
    json.open('{')
        .member("cached_tokens"sv, tokens.cached)
        .member("cache_write_tokens"sv, tokens.cache_write)
        .close('}');
  };
  if (responses) {
    json.member("input_tokens"sv, input).key("input_tokens_details"sv);
    details();
    json.member("output_tokens"sv, output).key("output_tokens_details"sv);
    json.open('{').member("reasoning_tokens"sv, tokens.reasoning).close('}').member("total_tokens"sv, input + output);
  } else {
    json.member("prompt_tokens"sv, input)
        .member("completion_tokens"sv, output)
        .member("total_tokens"sv, input + output);
    json.key("prompt_tokens_details"sv);
    details();
    json.key("completion_tokens_details"sv).open('{').member("reasoning_tokens"sv, tokens.reasoning).close('}');
  }
  json.close('}');
}

Effort effort_of(std::string_view word) {
  for (const Degree& one : kDegrees) {
    if (one.word == word) return one.effort;
  }
  return Effort::unset;
}

std::string_view word_of(Effort effort) {
  for (const Degree& one : kDegrees) {
    if (one.effort == effort) return one.word;
  }
  return {};
}

std::int64_t budget_of(Effort effort) {
  for (const Degree& one : kDegrees) {
    if (one.effort == effort) return one.budget;
  }
  return -1;
}

Effort effort_for_budget(std::int64_t tokens) {
  if (tokens == 0) return Effort::none;
  if (tokens < 0) return Effort::unset;
  Effort best = Effort::low;
  for (const Degree& one : kDegrees) {
    if (one.effort >= Effort::low && one.effort <= Effort::high && one.budget <= tokens) best = one.effort;
  }
  return best;
}

}  // namespace spillway::llm
