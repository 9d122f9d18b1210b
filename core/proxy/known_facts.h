// What of a request's facts policies may read as numbers, for a real request and a supposed one. Thread: the worker's.
#pragma once
#include <cstdint>
#include <optional>

#include "llm/facts.h"
#include "policy/host.h"

namespace spillway {

inline std::optional<std::int64_t> known_number(const Facts& facts, spw_fact fact) {
  switch (fact) {
    case SPW_STREAM: return facts.stream;
    case SPW_PROMPT_TOKENS: return static_cast<std::int64_t>(facts.prompt_tokens);
    case SPW_MAX_TOKENS: return facts.max_tokens;
    case SPW_TOOLS: return facts.tools;
    case SPW_IMAGES: return facts.images;
    case SPW_RESPONSE_FORMAT: return facts.response_format;
    case SPW_HAS_TEMPERATURE: return facts.has_temperature;
    case SPW_TEMPERATURE_MILLI: return static_cast<std::int64_t>(facts.temperature * 1000);
    case SPW_HAS_SEED: return facts.has_seed;
    default: return std::nullopt;
  }
}

}  // namespace spillway
