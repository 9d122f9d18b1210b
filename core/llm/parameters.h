// Parameters of a request that shape the answer, as bits, so that a candidate that does not take one of them can be
// left out (P-24). Knobs that only steer the sampling (temperature, top_p, penalties) are not among them: a model
// without them answers all the same. Thread: any.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace spillway {

using Parameters = std::uint32_t;

// Of a request's top-level member, its value as spelled; 0: none of these, or it asks for nothing (null, and a
// tool_choice every model obeys). Several spellings may share a bit.
Parameters parameter_asked(std::string_view key, std::string_view value);
inline constexpr Parameters kStructuredOutputs = 1;  // response_format {"type": "json_schema"}
// Those that a model with this list (OpenRouter's supported_parameters) does not take.
Parameters missing_parameters(const std::vector<std::string>& supported);
// The first of them, for people: "seed".
std::string_view name_of(Parameters parameters);

}  // namespace spillway
