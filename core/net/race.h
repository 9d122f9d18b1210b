// Connects to the first address that answers (RFC 8305): IPv6 and IPv4 in turn, the next one started when the last
// failed or after a gap, all of them left running until one wins. Private to net/. Owner: a dial. Thread: the loop's.
// Destroying it cancels.
#pragma once
#include <cstdint>
#include <vector>

#include "net/address.h"
#include "net/loop.h"
#include "net/tcp.h"

namespace spillway {

inline constexpr std::size_t kAddressesMax = 8;  // tried per dial

// IPv6 first, then one of each family in turn, at most kAddressesMax.
Addresses interleave(const Addresses& addresses);

class Race final : private TcpStream::Connecting, private Deadline::Events {
 public:
  class Events {
   public:
    virtual void on_won(StreamPtr stream) = 0;
    virtual void on_lost(int status) = 0;  // why the last address failed

   protected:
    ~Events() = default;
  };
  // Exactly one event follows, in a later turn. `addresses` is not empty.
  Race(Loop& loop, const Addresses& addresses, std::uint64_t gap_ms, Events& events);

 private:
  void on_connected(TcpStream& stream, int status) override;
  void on_deadline(Deadline& deadline) override;
  void start_next();
  void note_failure(int status);

  Loop& loop_;
  Events& events_;
  const std::uint64_t gap_ms_;
  const Addresses addresses_;
  std::size_t next_ = 0;
  std::vector<TcpStream::Ptr> running_;
  Deadline gap_;
  int last_failure_ = 0;
};

}  // namespace spillway
