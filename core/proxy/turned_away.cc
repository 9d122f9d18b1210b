// Refused or ended because the gateway has too much to do, not for anything in the request.
#include "proxy/client.h"
#include "proxy/request.h"
#include "proxy/shared.h"
#include "proxy/worker.h"

namespace spillway {

namespace {

constexpr std::int64_t kAgainMs = 1000;  // what Retry-After says: requests end and memory is freed all the time

Refused overloaded(std::string message) {
  return {503, "server_error", "overloaded", std::move(message), {}, kAgainMs};
}

}  // namespace

bool Request::admitted() {
  const Worker::Overload overload = worker_.overload(1);
  if (overload == Worker::Overload::none && !client_.turned_away()) return true;
  const bool memory = overload == Worker::Overload::memory;
  LimitsHit& hit = worker_.shared().limits_hit();
  (memory ? hit.memory : hit.requests).add();
  refuse(overloaded(memory ? "the gateway is short of memory, try again later"
                           : "the gateway is at its limit of requests, try again later"));
  return false;
}

std::size_t Request::held_bytes() const { return unpacked_.capacity() + (relay_ ? relay_->held_bytes() : 0); }

void Request::on_shed() {
  worker_.shared().limits_hit().dropped.add();
  if (phase_ == Phase::attempt || phase_ == Phase::relay) {
    attempt_->cancel();
    Verdict nobodys;
    nobodys.fault = Fault::client_gone;  // says nothing about the provider
    nobodys.message = "dropped by the gateway: memory is short";
    report(nobodys);
  }
  if (!committed_) return refuse(overloaded("the gateway is short of memory, try again later"));
  record_.error = "dropped by the gateway: memory is short";
  finish(EndReason::refused, Parting::reset);
}

}  // namespace spillway
