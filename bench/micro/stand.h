// A worker as the server makes it, with its config, policies, pool and clients, but with wires in memory where it has
// sockets: what is measured over it is the product's own time and no system call but the clock's.
//
// One Stand at a time: tickets of waiting policies have one table per process. Thread: one.
#pragma once
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "net/stream.h"
#include "proxy/client.h"
#include "proxy/generation.h"
#include "proxy/shared.h"
#include "proxy/worker.h"

namespace spillway::micro {

// A stream that counts what is written to it, and says what it is told to say.
class Wire final : public Stream {
 public:
  static Wire& create(StreamPtr& owner);
  bool write(std::span<const std::string_view> pieces) override;
  void pause() override {}
  void resume() override {}
  void shutdown() override {}
  void reset() override {}
  std::size_t queued_bytes() const override { return 0; }
  std::string_view peer() const override { return "127.0.0.1"; }
  bool encrypted() const override { return false; }

  void say(std::string_view bytes) { events_->on_data(bytes); }  // the peer sends
  std::size_t writes() const { return writes_; }
  std::size_t bytes() const { return bytes_; }
  const std::string& first() const { return first_; }  // the beginning of what was written last

 private:
  void close() override;
  std::size_t writes_ = 0, bytes_ = 0;
  std::string first_;
};

enum class Form { plain, chain };

class Stand {
 public:
  explicit Stand(Form form);
  ~Stand();
  Worker& worker() { return *worker_; }
  Shared& shared() { return shared_; }
  const Generation& generation() const { return *generation_; }
  const Route& route() const { return *generation_->routes.front(); }
  void turn() { worker_->loop().turn(); }

 private:
  SystemClock clock_;
  Shared shared_;
  std::shared_ptr<const Generation> generation_;  // why: Generation::build gives it so
  std::unique_ptr<Worker> worker_;
};

// One client, and one connection to the provider that is already open.
class Line {
 public:
  explicit Line(Stand& stand);
  // A request up to what goes to the provider, and an answer up to what goes to the client; both whole. Each dies
  // unless the other side was written to: a figure of refusals would look splendid.
  void ask(std::string_view request);
  void answer(std::string_view bytes);
  void answer_from_store(std::string_view request);  // asked, and answered without the provider
  Wire& client() { return *client_wire_; }
  Wire& upstream() { return *upstream_wire_; }

 private:
  Wire* client_wire_ = nullptr;
  Wire* upstream_wire_ = nullptr;
  std::unique_ptr<Client> client_;
};

}  // namespace spillway::micro
