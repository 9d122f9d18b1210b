// Dialing with TLS over loopback sockets, and the openssl client against our server.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "net/dial.h"
#include "unit/net/tls_ends.h"

namespace spillway {
namespace {

struct SecureCaller : Dialer::Events {
  void on_dialed(StreamPtr given) override { peer.take(std::move(given)); }
  void on_dial_failed(const Error& why) override { error = why; }
  Peer peer;
  std::optional<Error> error;
};

struct SecureAcceptor : Listener::Events {
  void on_accepted(StreamPtr stream) override {
    peer.take(server->wrap(*loop, std::move(stream)));
    peer.echo = true;
  }
  Loop* loop = nullptr;
  TlsServer* server = nullptr;
  Peer peer;
};

struct SecureLine {
  SecureLine() {
    acceptor.loop = &ends.loop;
    acceptor.server = ends.tls_server.get();
    listener = std::move(*Listener::listen(ends.loop, "127.0.0.1:0", acceptor));
    dialer = Dialer::create(ends.loop);
  }
  ~SecureLine() {
    listener.reset();
    caller.peer.stream.reset();
    acceptor.peer.stream.reset();
    dialer->close();
    EXPECT_TRUE(run_until(ends.loop, [&] { return dialer->idle(); }));
    dialer.reset();
  }
  TlsEnds ends;
  SecureAcceptor acceptor;
  Listener::Ptr listener;
  std::unique_ptr<Dialer> dialer;
  SecureCaller caller;
};

TEST(SecureDial, an_address_in_the_certificate_is_dialed_and_echoes_a_megabyte) {
  SecureLine line;
  line.dialer->dial({"127.0.0.1", line.listener->port(), line.ends.tls_client.get()}, 5'000, line.caller);
  ASSERT_TRUE(run_until(line.ends.loop, [&] { return line.caller.peer.stream || line.caller.error; }));
  ASSERT_TRUE(line.caller.peer.stream) << line.caller.error->detail;
  const std::string data = pattern(1'000'000);
  line.caller.peer.stream->write(data);
  ASSERT_TRUE(run_until(line.ends.loop, [&] { return line.caller.peer.received.size() == data.size(); }));
  EXPECT_EQ(line.caller.peer.received, data);
}

// What our own client does not offer, others do: TLS 1.3 suites to 2.28, several ALPN names, tickets.
TEST(SecureDial, the_openssl_client_is_served_by_each_version_of_the_library) {
  const struct {
    const char* options;
    bool served;
  } cases[] = {{"", true},
               {"-tls1_2", true},
               {"-alpn h2,http/1.1", true},
               {"-alpn http/1.0", true},
               {"-tls1_1 -cipher ALL:@SECLEVEL=0", false},
               {"-alpn h2", false}};
  for (const auto& [options, served] : cases) {
    SecureLine line;
    line.acceptor.peer.close_in = 'e';  // openssl waits for our end
    const std::string command = "echo | openssl s_client -connect 127.0.0.1:" + std::to_string(line.listener->port()) +
                                " -CAfile '" + Certificates::get().ca() +
                                "' -verify_return_error -verify_hostname good.test " + options + " >/dev/null 2>&1";
    std::atomic<int> status{-1};
    std::thread client([&] {
      status = std::system(command.c_str());
      line.ends.loop.post({0, nullptr});  // wakes the loop
    });
    EXPECT_TRUE(run_until(line.ends.loop, [&] { return status != -1; })) << options;
    client.join();
    EXPECT_EQ(status == 0, served) << options;
  }
}

TEST(SecureDial, a_refused_certificate_names_host_and_cause) {
  SecureLine line;
  line.dialer->dial({"localhost", line.listener->port(), line.ends.tls_client.get()}, 5'000, line.caller);
  ASSERT_TRUE(run_until(line.ends.loop, [&] { return line.caller.peer.stream || line.caller.error; }));
  ASSERT_TRUE(line.caller.error);
  EXPECT_EQ(line.caller.error->kind, Kind::tls);
  EXPECT_EQ(line.caller.error->detail,
            "localhost:" + std::to_string(line.listener->port()) + ": certificate is for another host than localhost");
}

TEST(SecureDial, cancelled_or_timed_out_during_the_handshake) {
  struct Silent : Listener::Events {
    void on_accepted(StreamPtr stream) override { held = std::move(stream); }
    StreamPtr held;
  } silent;
  SecureLine line;
  auto mute = std::move(*Listener::listen(line.ends.loop, "127.0.0.1:0", silent));
  const auto number = line.dialer->dial({"127.0.0.1", mute->port(), line.ends.tls_client.get()}, 5'000, line.caller);
  ASSERT_TRUE(run_until(line.ends.loop, [&] { return silent.held != nullptr; }));
  run_for(line.ends.loop, 2);
  line.dialer->cancel(number);
  EXPECT_TRUE(line.dialer->idle());
  line.dialer->dial({"127.0.0.1", mute->port(), line.ends.tls_client.get()}, 30, line.caller);
  ASSERT_TRUE(run_until(line.ends.loop, [&] { return line.caller.error.has_value(); }));
  EXPECT_EQ(line.caller.error->kind, Kind::timeout);
  EXPECT_NE(line.caller.error->detail.find("TLS handshake not finished in 30 ms"), std::string::npos);
  EXPECT_FALSE(line.caller.peer.stream);
  silent.held.reset();
  mute.reset();
}

}  // namespace
}  // namespace spillway
