#include "llm/parameters.h"

#include <algorithm>
#include <iterator>

namespace spillway {

namespace {

struct Row {
  std::string_view key;
  Parameters bit;
};
// The names of supported_parameters (O-2) first in each group; a request may spell them otherwise.
constexpr Row kRows[] = {
    {"structured_outputs", kStructuredOutputs},
    {"seed", 1 << 1},
    {"stop", 1 << 2},
    {"logprobs", 1 << 3},
    {"top_logprobs", 1 << 4},
    {"logit_bias", 1 << 5},
    {"prediction", 1 << 6},
    {"reasoning", 1 << 7},
    {"reasoning_effort", 1 << 7},
    {"web_search_options", 1 << 8},
    {"verbosity", 1 << 9},
    {"tool_choice", 1 << 10},
};

Parameters parameter_of(std::string_view key) {
  const auto* row = std::find_if(std::begin(kRows), std::end(kRows), [&](const Row& one) { return one.key == key; });
  return row == std::end(kRows) ? 0 : row->bit;
}

}  // namespace

Parameters parameter_asked(std::string_view key, std::string_view value) {
  if (key == "model" || key == "messages" || key == "stream") return 0;  // most requests have nothing else
  const Parameters bit = parameter_of(key);
  if (bit == 0 || value == "null") return 0;
  return key == "tool_choice" && (value == R"("auto")" || value == R"("none")") ? 0 : bit;
}

Parameters missing_parameters(const std::vector<std::string>& supported) {
  Parameters missing = 0, taken = 0;
  for (const Row& row : kRows) missing |= row.bit;
  for (const std::string& name : supported) taken |= parameter_of(name);
  return missing & ~taken;
}

std::string_view name_of(Parameters parameters) {
  for (const Row& row : kRows) {
    if ((parameters & row.bit) != 0) return row.key;
  }
  return {};
}

}  // namespace spillway
