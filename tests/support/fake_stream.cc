// The Wire, the FakeStream and the FakeDialer.
#include "support/fake_stream.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace spillway {

bool Wire::give(std::string_view bytes) {
  if (closed || paused) return false;
  stream->events_->on_data(bytes);
  return true;
}

bool Wire::eof() {
  if (closed || paused) return false;
  stream->events_->on_eof();
  return true;
}

bool Wire::fail(std::string detail) {
  if (closed) return false;
  stream->events_->on_broken({Kind::closed, Source::us, Retry::no, std::move(detail)});
  return true;
}

FakeStream::FakeStream(Loop& loop, Wire& wire) : loop_(loop), wire_(wire) { wire_.stream = this; }

bool FakeStream::write(std::span<const std::string_view> pieces) {
  for (const std::string_view piece : pieces) wire_.written += piece;
  return wire_.queued <= kHighMark;
}

void FakeStream::close() {
  wire_.closed = true;
  events_ = nullptr;
  loop_.bury(std::unique_ptr<Mortal>(this));
}

StreamPtr make_fake_stream(Loop& loop, Wire& wire) {
  return StreamPtr(std::make_unique<FakeStream>(loop, wire).release());
}

std::uint64_t FakeDialer::dial(const DialTarget& target, std::uint64_t timeout_ms, Events& events) {
  last = target;
  last_timeout_ms = timeout_ms;
  waiting_.push_back({++dials, &events});
  return dials;
}

void FakeDialer::cancel(std::uint64_t dial) {
  std::erase_if(waiting_, [&](const Waiting& one) { return one.dial == dial; });
}

Wire& FakeDialer::succeed() {
  CHECK(!waiting_.empty());
  const Waiting first = waiting_.front();
  waiting_.pop_front();
  wires_.emplace_back();
  first.events->on_dialed(make_fake_stream(loop_, wires_.back()));
  return wires_.back();
}

void FakeDialer::refuse(const Error& error) {
  CHECK(!waiting_.empty());
  const Waiting first = waiting_.front();
  waiting_.pop_front();
  first.events->on_dial_failed(error);
}

}  // namespace spillway
