#include "proxy/client.h"

#include <algorithm>
#include <utility>

#include "proxy/client_upload.h"
#include "proxy/request.h"
#include "proxy/shared.h"
#include "proxy/worker.h"

namespace spillway {

Client::Client(Worker& worker, StreamPtr stream, SharedLimits limits)
    : worker_(worker), stream_(std::move(stream)), reader_(std::move(limits)), deadline_(worker.loop(), *this) {
  stream_->set_events(this);
  stream_->resume();
  deadline_.arm(static_cast<std::uint64_t>(worker_.generation().config.limits.head_timeout_ms));
}

Client::~Client() = default;

void Client::on_data(std::string_view bytes) {
  switch (phase_) {
    case Phase::closed: return;
    case Phase::linger:
      lingered_ += static_cast<std::uint32_t>(bytes.size());
      if (lingered_ > kLingerBytes) close();
      return;
    case Phase::busy:
      if (tunnel_) return request_->on_client_bytes(bytes);
      return uploads() ? upload(bytes) : keep(bytes);
    default: return consume(bytes);
  }
}

// A large body goes where it is to lie at once. Not a byte of what follows it does: the body may be gone by then.
std::span<char> Client::room() {
  if (phase_ != Phase::body || upload_ != nullptr || reader_.head().framing != Framing::length) return {};
  const auto left = static_cast<std::size_t>(reader_.head().length) - body_.size();
  const std::span<char> room = body_.room();
  return room.first(std::min({left, room.size(), kReadBytes}));
}

void Client::keep(std::string_view bytes) {
  if (pipelined_ == nullptr) pipelined_ = std::make_unique<std::string>();
  pipelined_->append(bytes);
  if (pipelined_->size() >= kPipelinedBytes) stream_->pause();
}

std::string Client::kept() {
  const auto early = std::exchange(pipelined_, nullptr);
  return early == nullptr ? std::string() : std::move(*early);
}

void Client::consume(std::string_view bytes) {
  consuming_ = true;
  while (!bytes.empty() && phase_ != Phase::busy && step(bytes)) {
  }
  consuming_ = false;
  if (phase_ == Phase::busy && !bytes.empty()) return keep(bytes);
  // Who has stopped speaking will not finish what it began, and we need not wait for the timeout to know.
  if (half_closed_ && (phase_ == Phase::idle || phase_ == Phase::head || phase_ == Phase::body)) return linger();
  mind_clock();
}

// A message that arrives in one read needs no deadline; what is still to come gets one when it begins.
void Client::mind_clock() {
  if (phase_ == timed_ || (phase_ != Phase::head && phase_ != Phase::body)) return;
  timed_ = phase_;
  const Limits& limits = worker_.generation().config.limits;
  if (phase_ == Phase::head) return deadline_.arm(static_cast<std::uint64_t>(limits.head_timeout_ms));
  const std::uint64_t announced = reader_.head().framing == Framing::length ? reader_.head().length : 0;
  deadline_.arm(static_cast<std::uint64_t>(limits.body_timeout_ms) + announced / (16 * 1024) * 1000);
}

// False: these bytes are done with.
bool Client::step(std::string_view& in) {
  if (phase_ == Phase::linger || phase_ == Phase::closed) return false;
  if (phase_ == Phase::idle) phase_ = Phase::head;
  Result<Step> next = reader_.next(in);
  if (!next) {
    refuse(reader_.refusal().status, reader_.refusal().detail);
    return false;
  }
  switch (*next) {
    case Step::more: return false;
    case Step::head: begin_message(); return true;
    case Step::body: return take_body(reader_.body());
    case Step::end: begin_request(); return true;
  }
  return false;
}

// False: the request has begun, or was refused.
bool Client::take_body(std::string_view piece) {
  if (piece.data() == body_.room().data()) {
    body_.wrote(piece.size());
  } else {
    body_.append(piece);
  }
  return !form_ || take_form(piece);
}

void Client::begin_message() {
  const RequestHead& head = reader_.head();
  phase_ = Phase::body;
  body_ = worker_.spare_body();
  if (head.framing == Framing::none) return;
  // Whoever may not come in need not send us megabytes first; a small body is read, so that the connection stays.
  const bool small = head.framing == Framing::length && head.length <= kPipelinedBytes;
  turned_away_ = !small && worker_.overload(0) != Worker::Overload::none;
  if (turned_away_ || !Request::may_enter(worker_.generation(), head)) {
    begin_request();
    return;
  }
  form_ = head.length > kFormBytes || head.framing == Framing::chunked;
  if (form_ && !begin_form()) return;
  if (head.framing == Framing::length && upload_ == nullptr) {
    body_.reserve(static_cast<std::size_t>(head.length) + kSpareBytes);
  }
  if (head.expect_continue) stream_->write("HTTP/1.1 100 Continue\r\n\r\n");
}

void Client::begin_request() {
  const bool whole = !reader_.mid_message();
  phase_ = timed_ = Phase::busy;
  deadline_.disarm();
  ++requests_;
  if (body_.capacity() < body_.size() + kSpareBytes) body_.reserve(body_.size() + kSpareBytes);
  const bool last = requests_ >= static_cast<std::uint32_t>(worker_.generation().config.limits.requests_per_connection);
  const bool keep_alive = whole && !last && reader_.head().keep_alive && !worker_.leaving();
  request_ = std::make_unique<Request>(worker_, *this, keep_alive);
  request_->start();
}

void Client::forget_body() {
  worker_.keep_body(std::move(body_));
  body_ = {};
}

void Client::forget_head() {
  if (!reader_.mid_message()) reader_.forget();
}

bool Client::write(std::span<const std::string_view> pieces) {
  if (phase_ != Phase::busy) return true;
  const bool room = stream_->write(pieces);
  if (!room) deadline_.arm(static_cast<std::uint64_t>(worker_.generation().config.limits.write_stall_ms));
  return room;
}

void Client::done(bool keep_alive) {
  worker_.loop().bury(std::move(request_));
  if (phase_ != Phase::busy) return;
  deadline_.disarm();
  turned_away_ = false;
  upload_.reset();
  forget_body();
  const bool last = half_closed_ && pipelined_ == nullptr && !consuming_;
  if (!keep_alive || last || worker_.leaving()) return linger();
  phase_ = timed_ = Phase::idle;
  reader_.forget();
  deadline_.put_off(static_cast<std::uint64_t>(worker_.generation().config.limits.idle_ms));
  stream_->resume();
  if (!consuming_ && pipelined_ != nullptr) consume(kept());
}

void Client::tunnel() {
  tunnel_ = true;
  stream_->resume();
  const std::string early = kept();
  if (!early.empty()) request_->on_client_bytes(early);
  if (half_closed_) request_->on_client_half_closed();
}

void Client::break_off() {
  worker_.loop().bury(std::move(request_));
  if (phase_ != Phase::busy) return;
  stream_->reset();
  close();
}

void Client::on_drained() {
  if (phase_ == Phase::busy) deadline_.disarm();
  if (request_ != nullptr) request_->on_client_drained();
}

void Client::on_eof() {
  if (phase_ == Phase::closed) return;
  half_closed_ = true;
  if (phase_ == Phase::busy && tunnel_) return request_->on_client_half_closed();
  if (phase_ == Phase::busy && uploads()) return request_->on_upload_failed(400, "the body ended in the middle");
  if (phase_ == Phase::busy) return probe();
  if (phase_ == Phase::linger && stream_->queued_bytes() > 0) return;  // it may still be reading
  close();
}

void Client::probe() {
  const std::string_view harmless = request_->probe();
  if (harmless.empty()) return;
  probe_ = std::make_unique<Deadline>(worker_.loop(), static_cast<Deadline::Events&>(*this));
  probe_->arm(kProbeMs);
  stream_->write(harmless);
}

void Client::on_broken(const Error&) {
  if (phase_ == Phase::closed) return;
  close();
}

void Client::on_deadline(Deadline& deadline) {
  if (&deadline == probe_.get()) {
    if (phase_ == Phase::busy) stream_->write(request_->probe());
    return;
  }
  if (phase_ == Phase::busy && upload_moves()) return;
  switch (phase_) {
    case Phase::head:
    case Phase::body:
      if (requests_ == 0 && !reader_.mid_message()) return close();
      return refuse(408, "the request did not arrive in time");
    default: return close();  // idle or lingered enough, or a client that takes nothing
  }
}

std::size_t Client::held_bytes() const {
  const std::size_t own = stream_->queued_bytes() + body_.capacity() + (pipelined_ == nullptr ? 0 : pipelined_->size());
  return own + (request_ != nullptr ? request_->held_bytes() : 0);
}

}  // namespace spillway
