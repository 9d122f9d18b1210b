// What the tests of net/ share: running a loop until something happened, and a Stream::Events that writes down what it
// was told. Real loopback sockets; a test that waits for something that never comes fails after kPatienceMs.
#pragma once
#include <gtest/gtest.h>

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "net/loop.h"
#include "net/stream.h"

namespace spillway {

inline constexpr std::uint64_t kPatienceMs = 5'000;

class Impatience final : public Deadline::Events {
 public:
  explicit Impatience(Loop& loop, std::uint64_t after_ms) : deadline_(loop, *this) { deadline_.arm(after_ms); }
  void on_deadline(Deadline&) override { over = true; }
  bool over = false;

 private:
  Deadline deadline_;
};

template <typename Condition>
bool run_until(Loop& loop, Condition condition, std::uint64_t patience_ms = kPatienceMs) {
  Impatience impatience(loop, patience_ms);
  while (!condition() && !impatience.over) uv_run(loop.raw(), UV_RUN_ONCE);
  return condition();
}

inline void run_for(Loop& loop, std::uint64_t ms) {
  run_until(
      loop, [] { return false; }, ms);
}

// Takes notes. `on_any` is called after each note, so that a test can act from inside an event.
class Peer : public Stream::Events {
 public:
  Peer() = default;
  explicit Peer(StreamPtr given) { take(std::move(given)); }
  void take(StreamPtr given) {
    stream = std::move(given);
    stream->set_events(this);
    stream->resume();
  }
  std::span<char> room() override { return place; }
  void on_data(std::string_view bytes) override {
    if (!place.empty() && bytes.data() == place.data()) place = place.subspan(bytes.size());
    received.append(bytes);
    ++reads;
    if (echo && !stream->write(bytes)) stream->pause();
    if (close_in == 'd') stream.reset();
    if (pause_in_data) stream->pause();
  }
  void on_eof() override {
    ++eofs;
    if (close_in == 'e') stream.reset();
  }
  void on_drained() override {
    ++drains;
    if (echo) stream->resume();
    if (close_in == 'w') stream.reset();
  }
  void on_broken(const Error& error) override {
    broken = error;
    if (close_in == 'b') stream.reset();
  }

  StreamPtr stream;
  std::string received;
  std::span<char> place;  // for what comes; empty: the loop's
  int reads = 0;
  int eofs = 0;
  int drains = 0;
  std::optional<Error> broken;
  bool echo = false;
  bool pause_in_data = false;
  char close_in = 0;  // d: data, e: eof, w: drained, b: broken
};

class Acceptor : public Listener::Events {
 public:
  void on_accepted(StreamPtr stream) override {
    ++accepted;
    last = std::move(stream);
    if (pause_after_one) listener->pause_accepting(true);
    if (close_after_one) listener.reset();
  }
  Listener::Ptr listener;
  StreamPtr last;
  int accepted = 0;
  bool pause_after_one = false;
  bool close_after_one = false;
};

// Closes the loop and runs it dry: fails if something keeps a handle.
inline void wind_up(Loop& loop) {
  loop.close();
  loop.run();
}

}  // namespace spillway
