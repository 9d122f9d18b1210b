// Listening: several on one port, clear refusals, pausing, and running out of descriptors.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "net/address.h"
#include "unit/net/loopback.h"

namespace spillway {
namespace {

// A client outside of any loop.
class PlainSocket {
 public:
  explicit PlainSocket(int family = AF_INET) : fd_(socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0)) {}
  ~PlainSocket() { ::close(fd_); }
  PlainSocket(const PlainSocket&) = delete;
  PlainSocket& operator=(const PlainSocket&) = delete;
  bool connect(const char* host, std::uint16_t port) {
    const auto address = Address::literal(host, port);
    return ::connect(fd_, &address->any, address->size()) == 0;
  }
  int fd() const { return fd_; }

 private:
  int fd_;
};

TEST(Listener, port_zero_picks_one_and_others_may_join_it) {
  Loop one, two;
  Acceptor first, second;
  first.listener = std::move(*Listener::listen(one, "127.0.0.1:0", first));
  const std::uint16_t port = first.listener->port();
  ASSERT_NE(port, 0);
  auto joined = Listener::listen(two, "127.0.0.1:" + std::to_string(port), second);
  ASSERT_TRUE(joined) << joined.error().detail;
  second.listener = std::move(*joined);
  EXPECT_EQ(second.listener->port(), port);
  // The kernel spreads by hash: of 64 connections none going one way has a chance of 2^-64.
  for (int i = 0; i < 64; ++i) {
    PlainSocket client;
    ASSERT_TRUE(client.connect("127.0.0.1", port));
    one.turn();
    two.turn();
  }
  EXPECT_EQ(first.accepted + second.accepted, 64);
  EXPECT_GT(first.accepted, 0);
  EXPECT_GT(second.accepted, 0);
  for (Acceptor* acceptor : {&first, &second}) {
    acceptor->last.reset();
    acceptor->listener.reset();
  }
  wind_up(one);
  wind_up(two);
}

TEST(Listener, ipv6_listens_beside_ipv4_on_the_same_port) {
  Loop loop;
  Acceptor v4, v6;
  v6.listener = std::move(*Listener::listen(loop, "[::1]:0", v6));
  const std::uint16_t port = v6.listener->port();
  v4.listener = std::move(*Listener::listen(loop, "localhost:" + std::to_string(port), v4));
  PlainSocket client(AF_INET6);
  ASSERT_TRUE(client.connect("::1", port));
  ASSERT_TRUE(run_until(loop, [&] { return v6.accepted == 1; }));
  EXPECT_EQ(v6.last->peer(), "::1");
  EXPECT_EQ(v4.accepted, 0);
  v6.last.reset();
  v4.listener.reset();
  v6.listener.reset();
  wind_up(loop);
}

TEST(Listener, says_which_address_and_why) {
  Loop loop;
  Acceptor acceptor;
  PlainSocket taken;  // without SO_REUSEPORT
  const auto any = Address::literal("127.0.0.1", 0);
  ASSERT_EQ(bind(taken.fd(), &any->any, any->size()), 0);
  ASSERT_EQ(listen(taken.fd(), 1), 0);
  Address bound;
  socklen_t size = sizeof bound.v6;
  getsockname(taken.fd(), &bound.any, &size);
  const std::string address = "127.0.0.1:" + std::to_string(bound.port());
  const auto refused = Listener::listen(loop, address, acceptor);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().detail, "cannot listen on " + address + ": address already in use");
  EXPECT_EQ(refused.error().kind, Kind::config);
  const auto foreign = Listener::listen(loop, "192.0.2.1:4000", acceptor);
  ASSERT_FALSE(foreign);
  EXPECT_EQ(foreign.error().detail, "cannot listen on 192.0.2.1:4000: address not available");
  for (const char* text : {"", "4000", "::1:4000", "example.invalid:4000", "127.0.0.1:x", "127.0.0.1:70000"})
    EXPECT_FALSE(Listener::listen(loop, text, acceptor)) << text;
  wind_up(loop);
}

TEST(Listener, paused_leaves_connections_in_the_backlog) {
  Loop loop;
  Acceptor acceptor;
  acceptor.pause_after_one = true;
  acceptor.listener = std::move(*Listener::listen(loop, "127.0.0.1:0", acceptor));
  PlainSocket clients[3];
  for (PlainSocket& client : clients) ASSERT_TRUE(client.connect("127.0.0.1", acceptor.listener->port()));
  run_for(loop, 5);
  EXPECT_EQ(acceptor.accepted, 1);
  acceptor.pause_after_one = false;
  acceptor.listener->pause_accepting(false);
  ASSERT_TRUE(run_until(loop, [&] { return acceptor.accepted == 3; }));
  acceptor.listener.reset();
  acceptor.last.reset();
  wind_up(loop);
}

TEST(Listener, may_be_closed_inside_on_accepted) {
  Loop loop;
  Acceptor acceptor;
  acceptor.close_after_one = true;
  acceptor.listener = std::move(*Listener::listen(loop, "127.0.0.1:0", acceptor));
  const std::uint16_t port = acceptor.listener->port();
  PlainSocket clients[3];
  for (PlainSocket& client : clients) ASSERT_TRUE(client.connect("127.0.0.1", port));
  ASSERT_TRUE(run_until(loop, [&] { return !acceptor.listener; }));
  run_for(loop, 2);
  EXPECT_EQ(acceptor.accepted, 1);
  PlainSocket late;
  EXPECT_FALSE(late.connect("127.0.0.1", port));
  acceptor.last.reset();
  wind_up(loop);
}

TEST(Listener, without_descriptors_it_counts_waits_and_goes_on) {
  Loop loop;
  Acceptor acceptor;
  acceptor.listener = std::move(*Listener::listen(loop, "127.0.0.1:0", acceptor));
  PlainSocket client;
  ASSERT_TRUE(client.connect("127.0.0.1", acceptor.listener->port()));
  // UBSan opens a pipe for the first virtual call of each kind: have those of the log behind us.
  log_line(Level::warn, "descriptors are about to run out, as the test wants it");
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit tight = before;
  const int next = dup(0);  // the lowest free descriptor: none above it may be opened
  ::close(next);
  tight.rlim_cur = static_cast<rlim_t>(next);
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &tight), 0);
  run_for(loop, 30);
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_EQ(acceptor.accepted, 0);
  EXPECT_EQ(acceptor.listener->accept_errors(), 1u);  // rests rather than spins
  ASSERT_TRUE(run_until(loop, [&] { return acceptor.accepted == 1; }));
  acceptor.listener.reset();
  acceptor.last.reset();
  wind_up(loop);
}

}  // namespace
}  // namespace spillway
