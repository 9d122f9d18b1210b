// Makes outgoing connections: resolves off the loop, races IPv6 and IPv4 (RFC 8305, 250 ms apart), then TLS if asked.
//
// Names are cached for kFreshMs and looked up again in the background after that; when a name server fails, the old
// answer serves for kStaleMs. Literals skip the resolver. Thread: the loop's. Owner: a Worker.
#pragma once
#include <cstdint>
#include <memory>
#include <string>

#include "net/loop.h"
#include "net/stream.h"

namespace spillway {

class TlsClient;

struct DialTarget {
  std::string host;  // name or literal (v6 without brackets)
  std::uint16_t port = 0;
  TlsClient* tls = nullptr;  // null: plain. Must outlive the dial.
};

class Dialer {
 public:
  static constexpr std::uint64_t kFreshMs = 30'000;
  static constexpr std::uint64_t kStaleMs = 3'600'000;
  static constexpr std::uint64_t kRaceMs = 250;

  class Events {
   public:
    virtual void on_dialed(StreamPtr stream) = 0;  // paused, without Events
    virtual void on_dial_failed(const Error& error) = 0;

   protected:
    ~Events() = default;
  };

  static std::unique_ptr<Dialer> create(Loop& loop);
  virtual ~Dialer() = default;

  // Exactly one event follows, in a later turn, unless cancelled. Returns a number for cancel(), never 0.
  virtual std::uint64_t dial(const DialTarget& target, std::uint64_t timeout_ms, Events& events) = 0;
  virtual void cancel(std::uint64_t dial) = 0;
  // Cancels all; the Dialer may be destroyed once idle() (its handles and look-ups have come back).
  virtual void close() = 0;
  virtual bool idle() const = 0;
};

}  // namespace spillway
