// Streams and a Dialer without sockets. The far end of a FakeStream is a Wire, which the test owns: it sees what was
// written and plays the peer. Events are given from outside the loop's callbacks, one call each, as the loop would.
#pragma once
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "net/dial.h"
#include "net/loop.h"
#include "net/stream.h"

namespace spillway {

class FakeStream;

// Must outlive its stream. What the peer says while the stream is paused waits until it is resumed and told again.
struct Wire {
  std::string written;
  std::size_t queued = 0;  // what the stream is to claim as not yet sent
  bool paused = true;
  bool closed = false;
  FakeStream* stream = nullptr;

  std::string take() { return std::exchange(written, {}); }
  bool give(std::string_view bytes);  // false: closed, or paused so that nobody hears
  bool eof();
  bool fail(std::string detail);
};

class FakeStream final : public Stream, public Mortal {
 public:
  FakeStream(Loop& loop, Wire& wire);
  ~FakeStream() override = default;
  bool write(std::span<const std::string_view> pieces) override;
  void pause() override { wire_.paused = true; }
  void resume() override { wire_.paused = false; }
  void shutdown() override {}
  void reset() override {}
  std::size_t queued_bytes() const override { return wire_.queued; }
  std::string_view peer() const override { return "wire"; }
  bool encrypted() const override { return false; }

 private:
  friend struct Wire;
  void close() override;
  Loop& loop_;
  Wire& wire_;
};

StreamPtr make_fake_stream(Loop& loop, Wire& wire);

// Dials wait until the test says how they end.
class FakeDialer final : public Dialer {
 public:
  explicit FakeDialer(Loop& loop) : loop_(loop) {}
  std::uint64_t dial(const DialTarget& target, std::uint64_t timeout_ms, Events& events) override;
  void cancel(std::uint64_t dial) override;
  void close() override { waiting_.clear(); }
  bool idle() const override { return waiting_.empty(); }

  std::size_t waiting() const { return waiting_.size(); }
  Wire& succeed();  // the oldest dial gets a stream; its wire lives as long as the dialer
  void refuse(const Error& error);

  DialTarget last;  // what was dialed last
  std::uint64_t last_timeout_ms = 0;
  std::uint64_t dials = 0;

 private:
  struct Waiting {
    std::uint64_t dial;
    Events* events;
  };
  Loop& loop_;
  std::deque<Waiting> waiting_;
  std::deque<Wire> wires_;
};

}  // namespace spillway
