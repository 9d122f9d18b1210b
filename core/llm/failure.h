// What a client is told when it gets no answer: one row per case, spelled as each wire format spells it (statuses,
// types and codes that its libraries know). Thread: any.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "llm/message.h"

namespace spillway::llm {

enum class Case : std::uint8_t {
  bad_request,
  context_too_long,
  bad_key,
  model_forbidden,
  unknown_model,
  unknown_path,
  too_large,
  rate_limited,
  budget_spent,
  upstreams_limited,
  none_healthy,
  upstream_error,
  upstream_auth,
  upstream_timeout,
  draining,
  broken_stream,
};
inline constexpr std::size_t kCases = 16;

struct Failure {
  Case what = Case::upstream_error;
  std::string message, param;
  std::string code;        // instead of the row's own
  std::string request_id;  // Anthropic shows it
  int status = 0;          // instead of the row's own, for those that show it
};

int status_of(Wire wire, Case what);
bool repeat_cannot_help(Case what);  // x-should-retry: false
std::string error_body(Wire wire, const Failure& failure);
// The last event of a stream that has begun, framed. A stream that is translated is ended by Translation::fail, which
// knows what its client has seen.
std::string error_event(Wire wire, const Failure& failure);

}  // namespace spillway::llm
