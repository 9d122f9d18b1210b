// The admin listener: metrics, health, status, quota, pools, explain, reload. On the main loop, on addresses of its own
// (default 127.0.0.1:4001), plain HTTP. Owner: cli/serve. Thread: main.
//
// It reads through AdminSource, which proxy's Server offers by way of cli (folders on one floor do not see each other).
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "net/loop.h"
#include "net/stream.h"

namespace spillway {

class AdminSource {
 public:
  class Reader {
   public:
    virtual void on_text(const std::string& text) = 0;

   protected:
    ~Reader() = default;
  };
  virtual std::string metrics() = 0;
  virtual bool ready() = 0;
  virtual void status(Reader& reader) = 0;  // JSON, in this or a later turn; forget() withdraws the reader
  // What a policy says to an operator's words, as JSON; empty: it is not in use, or does not know them.
  virtual void command(std::string_view policy, std::string_view words, Reader& reader) = 0;
  // What would happen to this request body of this [[key]] (empty: none) with these tags; JSON, or empty: nobody can be
  // asked just now.
  virtual void explain(std::string_view body, std::string_view key, std::string_view tags, Reader& reader) = 0;
  virtual std::string pools() = 0;   // JSON
  virtual bool refresh_pools() = 0;  // begun; false: there are none, or the server is draining
  virtual void forget(Reader& reader) = 0;
  virtual bool reload() = 0;  // begun; false: one is running or the server is draining

 protected:
  ~AdminSource() = default;
};

class AdminListener final : private Listener::Events {
 public:
  AdminListener(Loop& loop, AdminSource& source);
  ~AdminListener();
  Status start(const std::vector<std::string>& addresses);
  void stop();  // idempotent
  std::uint16_t port() const { return listeners_.empty() ? 0 : listeners_.front()->port(); }

 private:
  class Peer;
  friend class Peer;
  static constexpr std::size_t kPeersMax = 256;
  void on_accepted(StreamPtr stream) override;
  void forget(Peer& peer);

  Loop& loop_;
  AdminSource& source_;
  std::vector<Listener::Ptr> listeners_;
  std::vector<std::unique_ptr<Peer>> peers_;
};

}  // namespace spillway
