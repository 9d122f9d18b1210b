// How a connection ends: in good order, refused in the middle of a request, or at once.
#include <utility>

#include "http/writer.h"
#include "llm/dialect.h"
#include "proxy/client.h"
#include "proxy/foreign.h"
#include "proxy/request.h"
#include "proxy/shared.h"
#include "proxy/worker.h"

namespace spillway {

// Sends what is queued and FIN, then reads on for a moment: closing with unread bytes would reset the connection, and
// the reset could overtake our answer.
void Client::linger() {
  phase_ = Phase::linger;
  probe_.reset();
  stream_->resume();
  stream_->shutdown();
  const auto stall_ms = static_cast<std::uint64_t>(worker_.generation().config.limits.write_stall_ms);
  deadline_.arm(stream_->queued_bytes() > 0 ? stall_ms : kLingerMs);
}

// The connection ends: what follows a bad request cannot be told from its rest.
void Client::refuse(int status, std::string_view message) {
  const bool ours = status == 503;
  const std::string_view code = ours ? "overloaded" : status == 413 ? "request_too_large" : "";
  std::string body = error_body(message, ours ? "server_error" : "invalid_request_error", {}, code);
  // Whose head was read gets it in the words of its own API; a body's size is looked at when that is done.
  const bool known = phase_ == Phase::body || status == 413;
  const Operation asked = known ? operation_of(reader_.head().path) : Operation();
  if (asked.native() || asked.wire == llm::Wire::anthropic) {
    body = llm::error_body(asked.wire, {case_of(status, code), std::string(message), {}, {}, {}, status});
  }
  std::string head;
  HeadWriter writer(head);
  writer.status(status);
  writer.field("content-type", "application/json");
  writer.field("content-length", body.size());
  writer.field("connection", "close");
  writer.end();
  phase_ = Phase::busy;
  const std::string_view pieces[] = {head, body};
  write(pieces);
  worker_.shared()
      .metrics()
      .counter("spillway_bad_requests_total", "Requests refused before they were understood.",
               labels({{"code", std::to_string(status)}}))
      .add();
  linger();
}

void Client::drain() {
  if (phase_ == Phase::idle || (phase_ == Phase::head && !reader_.mid_message())) close();
}

bool Client::close_if_idle() {
  if (phase_ != Phase::idle || requests_ == 0) return false;
  close();
  return true;
}

void Client::shed() {
  if (request_ != nullptr) return request_->on_shed();
  if (phase_ == Phase::body) return refuse(503, "the gateway is short of memory, try again later");
  close();
}

void Client::close_now() {
  if (phase_ == Phase::closed) return;
  if (request_ != nullptr) request_->on_shutdown();
  close();
}

void Client::close() {
  phase_ = Phase::closed;
  deadline_.disarm();
  probe_.reset();
  if (request_ != nullptr) {
    request_->on_client_gone();
    worker_.loop().bury(std::move(request_));
  }
  stream_.reset();
  worker_.forget(*this);
}

}  // namespace spillway
