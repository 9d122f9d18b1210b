// One whole HTTP exchange for the proxy's own purposes, a policy's question or a catalogue: the answer is collected,
// bounded, and redirects are not followed.
//
// Owner: whoever asks. Exactly one event follows a start() that succeeded, unless cancelled. Destroy it only from
// outside its own callbacks, or bury it. Thread: the loop's.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "upstream/attempt.h"

namespace spillway {

struct FetchWish {
  std::string method = "GET", url;
  std::string headers;  // lines
  std::string body;
  std::int64_t timeout_ms = 10'000;  // for all of it
  std::size_t body_max = 8u << 20;   // of the answer
};

class Fetch final : private Attempt::Events, private Deadline::Events {
 public:
  class Events {
   public:
    virtual void on_fetched(Fetch& fetch) = 0;

   protected:
    ~Events() = default;
  };

  Fetch(Pool& pool, FetchWish wish, Events& events);
  // With `like`, its TLS settings and credential go along. An error when the URL or a header is unusable, or when it
  // failed at once; then nothing follows.
  Status start(const Endpoint* like = nullptr);
  void cancel();  // without a word

  // When it has come:
  int status() const { return status_; }  // 0: there is no answer, and body() says why
  const std::string& type() const { return type_; }
  const std::string& body() const { return body_; }

 private:
  void on_head(const ResponseHead& head) override;
  void on_body(std::string_view bytes) override;
  void on_end() override;
  void on_failed(const Error& error) override;
  void on_deadline(Deadline& deadline) override;
  Status write_head(const Url& url, std::string_view query);
  void fail(std::string why);

  Pool& pool_;
  FetchWish wish_;
  Events& events_;
  Deadline deadline_;
  Endpoint endpoint_;
  std::optional<Attempt> attempt_;
  std::string head_, type_, body_;
  std::array<std::string_view, 2> pieces_;
  int status_ = 0;
  bool starting_ = false;
  std::optional<Error> early_;
};

// The header line with a provider's credential; empty when it has none. Of a provider's own headers as well.
std::string credential_lines(const Endpoint& endpoint);

}  // namespace spillway
