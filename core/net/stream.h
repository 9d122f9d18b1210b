// A connection as its user sees it: bytes in, bytes out, back-pressure, one end. TCP and TLS look the same.
//
// Ownership: whoever holds the StreamPtr gives it up by resetting it: the stream stops calling its Events at once,
// closes its handles and destroys itself when libuv is done. What is still queued is dropped, unless shutdown() was
// called before: then it is sent first, for at most a few seconds. Thread: the loop's. A paused stream notices nothing,
// not even that the peer has gone.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"

namespace spillway {

class Loop;

class Stream {
 public:
  static constexpr std::size_t kHighMark = 64 * 1024;  // queued bytes above which write() says "stop"
  static constexpr std::size_t kLowMark = 16 * 1024;   // on_drained() comes at or below this

  // Calls up. Each may close the stream; the stream looks at nothing afterwards but its own closing state.
  class Events {
   public:
    virtual void on_data(std::string_view bytes) = 0;  // valid during the call
    // Where the bytes of the next on_data() are to be put, if not into memory of the loop's: of many they need no copy
    // then. Until that call it stays. Streams that must look at the bytes themselves (TLS) do not ask.
    virtual std::span<char> room() { return {}; }
    virtual void on_eof() = 0;                       // the peer sent FIN (TLS: close_notify); writing still works
    virtual void on_drained() = 0;                   // after a write() that returned false
    virtual void on_broken(const Error& error) = 0;  // reset, or a write failed; nothing more will come

   protected:
    ~Events() = default;
  };

  struct Closer {
    void operator()(Stream* stream) const { stream->close(); }
  };

  void set_events(Events* events) { events_ = events; }

  // Sends the pieces in order: tries at once, copies and queues what the kernel did not take. False: the queue is
  // above kHighMark, so stop producing until on_drained(). Everything given is sent or the stream breaks.
  virtual bool write(std::span<const std::string_view> pieces) = 0;
  bool write(std::string_view bytes) { return write(std::span(&bytes, 1)); }
  virtual void pause() = 0;     // no on_data() from here on, also within the turn; idempotent
  virtual void resume() = 0;    // streams start paused
  virtual void shutdown() = 0;  // FIN (TLS: close_notify first) after what is queued; no write() may follow
  virtual void reset() = 0;     // the coming close sends RST and drops the queue
  virtual std::size_t queued_bytes() const = 0;
  virtual std::string_view peer() const = 0;  // "127.0.0.1", "::1": no port; lives as long as the stream
  virtual bool encrypted() const = 0;

 protected:
  virtual ~Stream() = default;
  virtual void close() = 0;  // reached through Closer; `this` dies in a later turn
  Events* events_ = nullptr;
};

using StreamPtr = std::unique_ptr<Stream, Stream::Closer>;

// A listening socket with SO_REUSEPORT, one per loop and address. Accepts until closed. When the process is out of
// descriptors it leaves connections in the backlog for kRestMs and tries again.
class Listener {
 public:
  static constexpr std::uint64_t kRestMs = 100;
  class Events {
   public:
    virtual void on_accepted(StreamPtr stream) = 0;  // paused, without Events

   protected:
    ~Events() = default;
  };
  struct Closer {
    void operator()(Listener* listener) const { listener->close(); }
  };
  using Ptr = std::unique_ptr<Listener, Closer>;

  // `address` is IPv4:port, [IPv6]:port (IPv6 only) or localhost:port (127.0.0.1); port 0 picks one (see port()).
  // Fails with the system's reason: "cannot listen on 127.0.0.1:4000: address already in use".
  static Result<Ptr> listen(Loop& loop, std::string_view address, Events& events);
  virtual std::uint16_t port() const = 0;
  virtual void pause_accepting(bool paused) = 0;  // connections wait in the backlog meanwhile
  virtual std::uint64_t accept_errors() const = 0;

 protected:
  virtual ~Listener() = default;
  virtual void close() = 0;
};

}  // namespace spillway
