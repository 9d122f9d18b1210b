#include "cli/bench_connection.h"

#include <algorithm>
#include <utility>

#include "cli/bench_request.h"

namespace spillway::bench {

Connection::Connection(const Setup& setup)
    : setup_(setup), answer_(setup.stream, setup.tally, setup.scanner), deadline_(setup.loop, *this) {}

void Connection::open() {
  phase_ = Phase::dialing;
  dialed_at_ns_ = uv_hrtime();
  dial_ = setup_.dialer.dial(setup_.dial, setup_.timeout_ms, *this);
}

void Connection::on_dialed(StreamPtr stream) {
  dial_ = 0;
  phase_ = Phase::idle;
  setup_.tally.connects.record(uv_hrtime() - dialed_at_ns_);
  ++setup_.tally.connections;
  answer_.connected();
  stream_ = std::move(stream);
  stream_->set_events(this);
  stream_->resume();
  setup_.events.on_open(*this);
}

void Connection::on_dial_failed(const Error& error) {
  dial_ = 0;
  phase_ = Phase::resting;
  deadline_.arm(kRestMs);
  setup_.events.on_dial_failed(*this, error);
}

void Connection::start(std::uint64_t start_ns, std::uint64_t now_ns, bool measured) {
  phase_ = Phase::busy;
  start_ns_ = start_ns;
  measured_ = measured;
  timed_out_ = false;
  answer_.begin(start_ns, measured);
  const std::uint64_t age_ms = (now_ns - start_ns) / 1'000'000;
  deadline_.arm(std::max<std::uint64_t>(1, setup_.timeout_ms - std::min(age_ms, setup_.timeout_ms)));
  stream_->write(setup_.target.request);
}

void Connection::on_data(std::string_view bytes) {
  if (phase_ != Phase::busy) return lost();  // an answer that nobody asked for
  const std::uint64_t now_ns = uv_hrtime();
  if (answer_.feed(bytes, now_ns) == Answer::State::over) ended(now_ns);
}

void Connection::on_eof() {
  if (phase_ != Phase::busy) return lost();
  answer_.eof();
  ended(uv_hrtime());
}

void Connection::on_broken(const Error&) {
  if (phase_ != Phase::busy) return lost();
  answer_.broken();
  ended(uv_hrtime());
}

void Connection::on_deadline(Deadline&) {
  if (phase_ == Phase::resting) return open();
  timed_out_ = true;
  ended(uv_hrtime());
}

void Connection::ended(std::uint64_t now_ns) {
  end_ns_ = now_ns;
  deadline_.disarm();
  phase_ = Phase::idle;
  if (timed_out_ || !answer_.reusable()) lost();
  setup_.events.on_ended(*this);
}

// A server may close an idle connection whenever it likes; that is no failure of a request.
void Connection::lost() {
  stream_.reset();
  open();
}

void Connection::close() {
  phase_ = Phase::closed;
  deadline_.disarm();
  if (dial_ != 0) setup_.dialer.cancel(std::exchange(dial_, 0));
  stream_.reset();
}

}  // namespace spillway::bench
