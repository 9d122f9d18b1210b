// When nobody answered: one clear refusal (DESIGN.md section 2, ecosystem.md 1.5).
#include <algorithm>

#include "base/log.h"
#include "proxy/client.h"
#include "proxy/request.h"
#include "proxy/translated.h"
#include "proxy/worker.h"

namespace spillway {

namespace {

// The client's own mistake, as a provider sees it: its words are passed on.
bool client_fault(Fault fault) {
  return fault == Fault::bad_request || fault == Fault::context_length || fault == Fault::content_policy ||
         fault == Fault::unsupported || fault == Fault::not_found;
}

// What the client is told when the last provider failed in this way (ecosystem.md 1.5).
struct Row {
  Fault fault;
  int status;
  const char *code, *message;
  bool our_fault;  // the gateway's key or account: trying again cannot help
};
constexpr Row kRows[] = {
    {Fault::auth, 502, "provider_auth_failed", "the provider did not accept the gateway's key", true},
    {Fault::no_credit, 502, "provider_credit_exhausted", "the gateway's account at the provider has no credit", true},
    {Fault::in_flight_budget, 502, "provider_credit_exhausted", "the gateway's account at the provider has no credit",
     true},
    {Fault::timeout, 504, "upstream_timeout", "no provider answered in time", false},
};
constexpr Row kOther = {Fault::none, 502, "upstream_error", "no provider gave an answer", false};

const Row& row_of(Fault fault) {
  const auto* row = std::find_if(std::begin(kRows), std::end(kRows), [&](const Row& r) { return r.fault == fault; });
  return row == std::end(kRows) ? kOther : *row;
}

}  // namespace

void Request::give_up() {
  const std::string why = plan_.reasons(Plan::Of::all);
  record_.reason = why;
  const Fault fault = last_verdict_.fault;
  if (!why.empty()) answer_fields_.emplace_back("x-spillway-reason", why);
  // Who should count does not, or not now; nobody need wait for a number that can be estimated.
  if (operation_.api == Api::count_tokens && fault != Fault::bad_request) return answer_estimate();
  if (client_fault(fault)) return pass_on_refusal();
  const std::string tail = why.empty() ? std::string() : " (" + why + ")";
  const std::int64_t soon_ms = std::max<std::int64_t>(plan_.soonest_wait_ms(), 1000);
  if (plan_.all_throttled()) {
    std::string message = "every provider for `" + facts_.model + "` is rate-limited or out of quota" + tail;
    return refuse({429, "rate_limit_error", "upstream_rate_limited", std::move(message), {}, soon_ms});
  }
  if (fault == Fault::none && translated_ != nullptr && !translated_->refusal.message.empty()) {
    const llm::Refusal& unfit = translated_->refusal;
    return refuse({400, "invalid_request_error", unfit.code, unfit.message, unfit.param});
  }
  if (fault == Fault::none) {
    std::string message = "no provider for `" + facts_.model + "` can take the request now" + tail;
    return refuse({503, "server_error", "no_upstream_available", std::move(message), {}, soon_ms});
  }
  const Row& row = row_of(fault);
  std::string message = row.message;
  if (!row.our_fault) message += ": " + redact(last_verdict_.message);
  const bool credit = row.our_fault && fault != Fault::auth;
  refuse(
      {row.status, "server_error", row.code, message + tail, {}, credit ? plan_.soonest_wait_ms() : -1, row.our_fault});
}

// The client's own mistake is told in the provider's words.
void Request::pass_on_refusal() {
  const Fault fault = last_verdict_.fault;
  const int status = last_verdict_.status >= 400 && last_verdict_.status < 500 ? last_verdict_.status : 400;
  const bool alike = translated_ == nullptr || translated_->foreign.way.kind != Way::Kind::translate;
  const bool verbatim = !early_ && alike && last_verdict_.status == status && error_body_.starts_with('{') &&
                        error_type_.find("json") != std::string::npos;
  record_.error = redact(last_verdict_.message);
  record_.end = EndReason::refused;
  if (verbatim) {
    answer_fields_.emplace_back("x-spillway-trail", record_.trail());
    return answer(status, error_type_, redact(error_body_));
  }
  const std::string_view code = fault == Fault::context_length ? "context_length_exceeded"
                                : fault == Fault::not_found    ? "model_not_found"
                                                               : "";
  // What a provider says by 413 has a status of its own, which goes with the code.
  const int told = fault == Fault::context_length ? 400 : status;
  refuse({told, "invalid_request_error", code, redact(last_verdict_.message), {}});
}

}  // namespace spillway
