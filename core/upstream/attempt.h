// One try at one endpoint: lease or dial, send, read the response, mind the clocks.
//
// Owner: a Request (or a Fetch). Speaks up through Events: on_head, on_body..., then exactly one of on_end and
// on_failed. A request on a pooled connection that the provider had already closed, with no byte back, is sent once
// more on a fresh connection, unseen. After cancel() nothing is reported. Destroy it only from outside its own
// callbacks, or bury it. Thread: the loop's.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/recycled.h"
#include "net/dial.h"
#include "net/loop.h"
#include "upstream/pool.h"

namespace spillway {

struct AttemptTimes {
  std::uint64_t connect_ms = 5'000;
  std::uint64_t first_byte_ms = 60'000;  // from sending to content(): see there
  std::uint64_t idle_ms = 60'000;        // between bytes after that
};

class Attempt final : public Mortal,
                      public Recycled<Attempt>,
                      private Connection::User,
                      private Dialer::Events,
                      private Deadline::Events {
 public:
  class Events {
   public:
    virtual void on_head(const ResponseHead& head) = 0;
    virtual void on_body(std::string_view bytes) = 0;
    virtual void on_end() = 0;
    virtual void on_failed(const Error& error) = 0;
    virtual void on_writable() {}  // there is room for write() (again)

   protected:
    ~Events() = default;
  };

  // `endpoint` and `events` must outlive the attempt.
  Attempt(Pool& pool, const Endpoint& endpoint, const AttemptTimes& times, Events& events);
  ~Attempt() override;
  // The request as it goes on the wire; the list is the caller's too, and stays until the answer's first byte.
  // What has only begun goes on a fresh connection, because it could not be sent again; on_writable() asks for more.
  void start(bool head_request, std::span<const std::string_view> pieces, Sends sends = Sends::whole);
  // More of a request, or of a switched protocol, where it is a sign of life. False: wait for on_writable().
  bool write(std::span<const std::string_view> pieces);
  void sent();      // all of the request: from here the answer is waited for
  void shutdown();  // of a switched protocol: nothing more will be written
  // The answer has begun for good: from here only silence counts. Until then first_byte_ms runs, whatever arrives
  // (T-2: comments are no first byte).
  void content();
  void forget_fields();  // of the answer's head, while its body still comes
  void pause();          // the client is slow: stop reading, and stop the clock
  void resume();
  void cancel();  // idempotent; closes the connection if one is in use

 private:
  enum class Phase : std::uint8_t { fresh, dial, wait, read, over };
  void on_dialed(StreamPtr stream) override;
  [[gnu::cold]] void on_dial_failed(const Error& error) override;
  void on_response_byte() override;
  void on_response_head(const ResponseHead& head) override;
  void on_response_body(std::string_view bytes) override;
  void on_response_end() override;
  void on_request_drained() override;
  [[gnu::cold]] void on_response_broken(const Error& error) override;
  [[gnu::cold]] void on_deadline(Deadline& deadline) override;
  void dial();
  void send(Connection& connection);
  [[gnu::cold]] void fail(Error error);

  Pool& pool_;
  const Endpoint& endpoint_;
  const AttemptTimes times_;
  Events& events_;
  Deadline deadline_;
  std::span<const std::string_view> pieces_;
  Connection* connection_ = nullptr;
  std::uint64_t dial_ = 0;
  Phase phase_ = Phase::fresh;
  bool head_request_ = false;
  Sends sends_ = Sends::whole;
  bool owing_ = false;  // a part of the request
  bool any_byte_ = false;
  bool retried_ = false;
  bool paused_ = false;
};

}  // namespace spillway
