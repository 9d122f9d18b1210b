// Upstream connections of one worker: kept alive between requests, lent out one exchange at a time.
//
// Ownership: the Pool owns every Connection. A user takes an idle one or has a fresh stream adopted, sends, and hears
// the response through Connection::User; when the exchange ends the connection goes back to the idle list (only after
// one complete, unambiguous response with nothing left over) or is closed. Idle connections keep reading, so a provider
// that hangs up is noticed at once. Thread: the loop's.
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/metrics.h"
#include "http/reader.h"
#include "net/dial.h"
#include "net/loop.h"
#include "net/stream.h"
#include "net/tls.h"
#include "upstream/endpoint.h"

namespace spillway {

class Pool;

// What the pieces of a request are: all of it, its begin (write() and sent() follow), or one for another protocol,
// whose 101 may be answered by write().
enum class Sends : std::uint8_t { whole, begin, upgrade };

class Connection final : public Mortal, private Stream::Events {
 public:
  // One exchange's user. Every call may end the exchange; on_response_end and on_response_broken are the last ones, and
  // the connection is no longer the user's when they run.
  class User {
   public:
    virtual void on_response_byte() = 0;  // anything at all arrived
    virtual void on_response_head(const ResponseHead& head) = 0;
    virtual void on_response_body(std::string_view bytes) = 0;
    virtual void on_response_end() = 0;
    virtual void on_response_broken(const Error& error) = 0;
    virtual void on_request_drained() = 0;  // after a write() that returned false

   protected:
    ~User() = default;
  };

  Connection(Pool& pool, std::uint64_t endpoint_id, StreamPtr stream, SharedLimits limits);
  bool reused() const { return exchanges_ > 1; }
  // Sends a request and reports its response to `user`. The pieces are copied where the kernel does not take them.
  // False: wait for on_request_drained() before a write(). After a 101 its body is what the provider says.
  bool exchange(User& user, bool head_request, std::span<const std::string_view> pieces, Sends sends = Sends::whole);
  bool write(std::span<const std::string_view> pieces) { return stream_->write(pieces); }
  void sent() { owing_ = false; }           // all of the request
  void shutdown() { stream_->shutdown(); }  // of a switched protocol: there is no more of it, and FIN says so
  void pause() { stream_->pause(); }
  void resume() { stream_->resume(); }
  void forget_fields() { reader_.forget_fields(); }  // of the response's head, whose body still comes
  void abandon();                                    // the user goes away: closes the connection, no further calls

 private:
  friend class Pool;
  void on_data(std::string_view bytes) override;
  void on_eof() override;
  void on_drained() override;
  void on_broken(const Error& error) override;
  bool step(std::string_view& in);  // false: stop reading these bytes
  void complete(bool reusable);
  void broken(const Error& error);

  Pool& pool_;
  const std::uint64_t endpoint_id_;
  StreamPtr stream_;
  ResponseReader reader_;
  User* user_ = nullptr;
  std::uint64_t born_ms_;
  std::uint64_t idle_since_ms_ = 0;
  std::uint32_t exchanges_ = 0;
  std::size_t at_ = 0;  // our place in Pool::all_
  bool closed_ = false;
  bool owing_ = false;  // a part of the request
};

class Pool final : private Deadline::Events {
 public:
  struct Options {
    SharedLimits read = std::make_shared<ReadLimits>();  // of responses
    std::uint64_t idle_ms = 60'000;
    std::uint64_t age_ms = 600'000;
    std::size_t idle_connections = 256;        // per endpoint
    std::size_t idle_total = ~std::size_t{0};  // over all endpoints
    Gauge* connections = nullptr;              // counts all of them, over all pools; outlives this one
  };
  Pool(Loop& loop, Dialer& dialer, const Options& options);
  ~Pool();
  void set_options(const Options& options) { options_ = options; }
  Dialer& dialer() { return dialer_; }
  Loop& loop() { return loop_; }

  Connection* take(const Endpoint& endpoint);  // the most recently used idle one, or nullptr
  Connection& adopt(const Endpoint& endpoint, StreamPtr stream);
  // The TLS settings to dial `endpoint` with; nullptr for plain. An error when its CA file cannot be read.
  Result<TlsClient*> tls_for(const Endpoint& endpoint);
  void close();  // all connections; users must have abandoned theirs
  std::size_t size() const { return all_.size(); }
  std::size_t idle() const { return idle_count_; }

 private:
  friend class Connection;
  void on_deadline(Deadline& deadline) override;
  void give_back(Connection& connection);
  void remove(Connection& connection);  // closes and buries
  void forget_idle(Connection& connection);
  bool expired(const Connection& connection) const;  // an idle one

  Loop& loop_;
  Dialer& dialer_;
  Options options_;
  Deadline sweep_;
  std::vector<std::unique_ptr<Connection>> all_;
  std::unordered_map<std::uint64_t, std::vector<Connection*>> idle_;
  std::size_t idle_count_ = 0;
  std::unordered_map<std::string, std::unique_ptr<TlsClient>> tls_;
};

}  // namespace spillway
