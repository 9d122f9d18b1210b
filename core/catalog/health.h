// How well a model has been answering, by what /models/{id}/endpoints says of its endpoints (Q-6 to Q-9, O-3).
//
// Uptime leaves rate-limited requests out, so health does not replace cooling down (Q-9a). Thread: any.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/error.h"

namespace spillway {

struct ModelHealth {
  bool gated = false;           // not to be picked by itself
  std::optional<double> score;  // 0 to 100; none when gated, or when nobody has measured anything yet
};

enum class HealthRule : std::uint8_t {
  project,  // live endpoints only, percent only, a new or idle model is open
  compat,   // as seed 001 computed it, its guesses included
};

// Below it a model is gated, in percent.
inline constexpr double kUptimeGate = 90.0;

// `body` is the answer of a provider. An error is what counts as a failed fetch: no JSON, no `data` object; with
// `project` also endpoints that are no list (D-6), with `compat` also what ended the original's whole pass.
Result<ModelHealth> read_health(std::string_view body, HealthRule rule);

// Half and half where there is health, rounded half to even.
int blend(int static_points, const ModelHealth& health);

}  // namespace spillway
