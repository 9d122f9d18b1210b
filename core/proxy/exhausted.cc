// When nobody answered: one clear refusal (DESIGN.md section 2, ecosystem.md 1.5).
#include <algorithm>

#include "base/log.h"
#include "proxy/client.h"
#include "proxy/request.h"
#include "proxy/worker.h"

namespace spillway {

namespace {

// The client's own mistake, as a provider sees it: its words are passed on.
bool client_fault(Fault fault) {
  return fault == Fault::bad_request || fault == Fault::context_length || fault == Fault::content_policy ||
         fault == Fault::unsupported || fault == Fault::not_found;
}

}  // namespace

void Request::give_up() {
  const std::string why = plan_.reasons(Plan::Of::all);
  record_.reason = why;
  const Fault fault = last_verdict_.fault;
  if (!why.empty()) answer_fields_.emplace_back("x-spillway-reason", why);
  if (client_fault(fault)) {
    const int status = last_verdict_.status >= 400 && last_verdict_.status < 500 ? last_verdict_.status : 400;
    const bool verbatim =
        last_verdict_.status == status && error_body_.starts_with('{') && error_type_.find("json") != std::string::npos;
    record_.error = last_verdict_.message;
    record_.end = EndReason::refused;
    if (verbatim) {
      answer_fields_.emplace_back("x-spillway-trail", record_.trail());
      return answer(status, error_type_, redact(error_body_));
    }
    const std::string_view code = fault == Fault::context_length ? "context_length_exceeded"
                                  : fault == Fault::not_found    ? "model_not_found"
                                                                 : "";
    return refuse({status, "invalid_request_error", code, redact(last_verdict_.message), {}});
  }
  const std::string tail = why.empty() ? std::string() : " (" + why + ")";
  if (plan_.all_throttled()) {
    return refuse({429,
                   "rate_limit_error",
                   "upstream_rate_limited",
                   "every provider for `" + facts_.model + "` is rate-limited or out of quota" + tail,
                   {},
                   std::max<std::int64_t>(plan_.soonest_wait_ms(), 1000)});
  }
  switch (fault) {
    case Fault::auth:
      return refuse({502,
                     "server_error",
                     "provider_auth_failed",
                     "the provider did not accept the gateway's key" + tail,
                     {},
                     -1,
                     true});
    case Fault::no_credit:
    case Fault::in_flight_budget:
      return refuse({502,
                     "server_error",
                     "provider_credit_exhausted",
                     "the gateway's account at the provider has no credit" + tail,
                     {},
                     plan_.soonest_wait_ms(),
                     true});
    case Fault::timeout:
      return refuse({504,
                     "server_error",
                     "upstream_timeout",
                     "no provider answered in time: " + redact(last_verdict_.message) + tail,
                     {}});
    case Fault::none:
      return refuse({503,
                     "server_error",
                     "no_upstream_available",
                     "no provider for `" + facts_.model + "` can take the request now" + tail,
                     {},
                     std::max<std::int64_t>(plan_.soonest_wait_ms(), 1000)});
    default:
      return refuse({502,
                     "server_error",
                     "upstream_error",
                     "no provider gave an answer: " + redact(last_verdict_.message) + tail,
                     {}});
  }
}

}  // namespace spillway
