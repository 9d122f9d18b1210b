// A TLS client and a TLS server on the two ends of a pipe, for the tests.
#pragma once
#include <memory>
#include <optional>
#include <string>

#include "net/tls.h"
#include "unit/net/certificates.h"
#include "unit/net/loopback.h"
#include "unit/net/pipe.h"

namespace spillway {

inline std::string pattern(std::size_t n) {
  std::string text(n, '\0');
  for (std::size_t i = 0; i < n; ++i) text[i] = static_cast<char>('a' + i % 23);
  return text;
}

class TlsEnds : public TlsClient::Events {
 public:
  explicit TlsEnds(const std::string& certificate = "good", std::size_t pipe_chunk = 4096)
      : TlsEnds(certificate, pipe_chunk, {.ca_file = Certificates::get().ca()}) {}
  TlsEnds(const std::string& certificate, std::size_t pipe_chunk, const TlsClient::Options& options)
      : chunk(pipe_chunk), tls_client(std::move(*TlsClient::create(options))) {
    load(certificate);
  }
  ~TlsEnds() {
    handshake.reset();
    client.stream.reset();
    server.stream.reset();
    wind_up(loop);
  }
  void load(const std::string& certificate) {
    const Certificates& made = Certificates::get();
    tls_server = std::move(*TlsServer::create(made.certificate(certificate), made.key(certificate)));
  }
  // Begins a connection, giving up the one before.
  void begin(const std::string& name) {
    refused.reset();
    client.received.clear();
    server.received.clear();
    client.broken.reset();
    server.broken.reset();
    auto [left, right] = make_pipe(loop, chunk);
    server.take(tls_server->wrap(loop, std::move(right)));
    client.stream.reset();
    handshake = tls_client->secure(loop, std::move(left), name, *this);
    EXPECT_FALSE(refused || client.stream) << "an event inside secure()";
  }
  bool connect(const std::string& name) {
    begin(name);
    run_until(loop, [&] { return refused || client.stream; });
    return client.stream != nullptr;
  }
  std::string why() const { return refused ? refused->detail : "no event"; }
  void on_secured(StreamPtr stream) override {
    handshake.reset();
    if (close_at_once) return;
    client.take(std::move(stream));
  }
  void on_refused(const Error& error) override {
    refused = error;
    handshake.reset();
  }

  const std::size_t chunk;
  Loop loop;
  std::unique_ptr<TlsClient> tls_client;
  std::unique_ptr<TlsServer> tls_server;
  std::unique_ptr<TlsClient::Handshake> handshake;
  Peer client, server;
  std::optional<Error> refused;
  bool close_at_once = false;
};

}  // namespace spillway
