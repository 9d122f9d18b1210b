#include "upstream/attempt.h"

#include <utility>

namespace spillway {

Attempt::Attempt(Pool& pool, const Endpoint& endpoint, const AttemptTimes& times, Events& events)
    : pool_(pool), endpoint_(endpoint), times_(times), events_(events), deadline_(pool.loop(), *this) {}

Attempt::~Attempt() { cancel(); }

void Attempt::start(bool head_request, std::span<const std::string_view> pieces, Sends sends) {
  CHECK(phase_ == Phase::fresh);
  head_request_ = head_request;
  sends_ = sends;
  owing_ = sends == Sends::begin;
  pieces_ = pieces;
  if (owing_) return dial();
  if (Connection* idle = pool_.take(endpoint_)) return send(*idle);
  dial();
}

void Attempt::dial() {
  phase_ = Phase::dial;
  Result<TlsClient*> tls = pool_.tls_for(endpoint_);
  if (!tls) return fail(tls.error());
  dial_ = pool_.dialer().dial({endpoint_.url.host, endpoint_.url.port, *tls}, times_.connect_ms, *this);
}

void Attempt::on_dialed(StreamPtr stream) {
  dial_ = 0;
  send(pool_.adopt(endpoint_, std::move(stream)));
}

void Attempt::on_dial_failed(const Error& error) {
  dial_ = 0;
  fail(error);
}

void Attempt::send(Connection& connection) {
  phase_ = Phase::wait;
  connection_ = &connection;
  const bool room = connection.exchange(*this, head_request_, pieces_, sends_);
  if (paused_) return connection.pause();
  if (owing_ && room) return events_.on_writable();
  deadline_.arm(times_.first_byte_ms);
}

void Attempt::on_response_byte() {
  any_byte_ = true;
  if (phase_ == Phase::read && !paused_) deadline_.put_off(times_.idle_ms);
}

void Attempt::on_response_head(const ResponseHead& head) { events_.on_head(head); }
void Attempt::on_response_body(std::string_view bytes) { events_.on_body(bytes); }

void Attempt::on_response_end() {
  connection_ = nullptr;
  phase_ = Phase::over;
  deadline_.disarm();
  events_.on_end();
}

void Attempt::on_response_broken(const Error& error) {
  const bool stale = connection_->reused() && !any_byte_ && !retried_;
  connection_ = nullptr;
  if (stale) {
    // The pooled connection was closed under us before the provider saw the request, so this is no second request.
    retried_ = true;
    deadline_.disarm();
    return dial();
  }
  fail(error);
}

bool Attempt::write(std::span<const std::string_view> pieces) {
  if (connection_ == nullptr) return false;
  if (phase_ == Phase::read && !paused_) deadline_.put_off(times_.idle_ms);
  const bool room = connection_->write(pieces);
  if (owing_ && !room && phase_ == Phase::wait) deadline_.arm(times_.first_byte_ms);  // for it to take some
  return room;
}

void Attempt::sent() {
  owing_ = false;
  if (connection_ == nullptr) return;
  connection_->sent();
  if (phase_ == Phase::wait && !paused_) deadline_.arm(times_.first_byte_ms);
}

void Attempt::shutdown() {
  if (connection_ != nullptr) connection_->shutdown();
}

void Attempt::on_request_drained() {
  if (owing_ && phase_ == Phase::wait) deadline_.disarm();
  events_.on_writable();
}

void Attempt::content() {
  if (phase_ != Phase::wait) return;
  phase_ = Phase::read;
  if (!paused_) deadline_.arm(times_.idle_ms);
}

void Attempt::forget_fields() {
  if (connection_ != nullptr) connection_->forget_fields();
}

void Attempt::pause() {
  if (phase_ == Phase::over || std::exchange(paused_, true)) return;
  deadline_.disarm();
  if (connection_ != nullptr) connection_->pause();
}

void Attempt::resume() {
  if (!std::exchange(paused_, false) || connection_ == nullptr) return;
  deadline_.arm(phase_ == Phase::read ? times_.idle_ms : times_.first_byte_ms);
  connection_->resume();
}

void Attempt::cancel() {
  if (phase_ == Phase::over) return;
  phase_ = Phase::over;
  deadline_.disarm();
  if (dial_ != 0) pool_.dialer().cancel(std::exchange(dial_, 0));
  if (connection_ != nullptr) std::exchange(connection_, nullptr)->abandon();
}

void Attempt::on_deadline(Deadline&) {
  const bool reading = phase_ == Phase::read;
  const std::uint64_t limit_ms = reading ? times_.idle_ms : times_.first_byte_ms;
  fail({Kind::timeout, Source::upstream, Retry::yes,
        (owing_    ? "the provider took nothing of the request for "
         : reading ? "the provider sent nothing for "
                   : "no answer from the provider in ") +
            std::to_string(limit_ms) + " ms"});
}

// NOLINTNEXTLINE(performance-unnecessary-value-param): what it is part of may end in cancel()
void Attempt::fail(Error error) {
  cancel();
  events_.on_failed(error);
}

}  // namespace spillway
