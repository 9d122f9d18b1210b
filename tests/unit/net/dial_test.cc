// Dialing over loopback: success, refusal, silence, names, and cancelling in each phase (U1, U2, D1).
#include "net/dial.h"

#include <gtest/gtest.h>

#include "net/tls.h"
#include "unit/net/black_hole.h"
#include "unit/net/loopback.h"

namespace spillway {
namespace {

struct Caller : Dialer::Events {
  void on_dialed(StreamPtr given) override {
    stream = std::move(given);
    ++heard;
  }
  void on_dial_failed(const Error& why) override {
    error = why;
    ++heard;
    if (redial != nullptr) std::exchange(redial, nullptr)->dial({"127.0.0.1", redial_port, nullptr}, 1'000, *this);
  }
  StreamPtr stream;
  std::optional<Error> error;
  int heard = 0;
  Dialer* redial = nullptr;
  std::uint16_t redial_port = 0;
};

struct Line {
  Line() : dialer(Dialer::create(loop)) {
    acceptor.listener = std::move(*Listener::listen(loop, "127.0.0.1:0", acceptor));
    port = acceptor.listener->port();
  }
  ~Line() {
    caller.stream.reset();
    acceptor.listener.reset();
    acceptor.last.reset();
    dialer->close();
    EXPECT_TRUE(run_until(loop, [&] { return dialer->idle(); }));
    dialer.reset();
    wind_up(loop);
  }
  void dial(const std::string& host, std::uint16_t to, std::uint64_t timeout_ms = 5'000, TlsClient* tls = nullptr) {
    number = dialer->dial({host, to, tls}, timeout_ms, caller);
    EXPECT_NE(number, 0u);
    EXPECT_EQ(caller.heard, 0) << "an event inside dial()";
  }
  bool heard() {
    return run_until(loop, [&] { return caller.heard > 0; });
  }
  Loop loop;
  Acceptor acceptor;
  std::uint16_t port = 0;
  Caller caller;
  std::unique_ptr<Dialer> dialer;
  std::uint64_t number = 0;
};

TEST(Dial, a_literal_and_a_name_reach_the_listener) {
  for (const char* host : {"127.0.0.1", "localhost"}) {
    Line line;
    line.dial(host, line.port);
    ASSERT_TRUE(line.heard());
    ASSERT_TRUE(line.caller.stream) << line.caller.error->detail;
    EXPECT_EQ(line.caller.stream->peer(), "127.0.0.1");
    EXPECT_TRUE(run_until(line.loop, [&] { return line.acceptor.accepted == 1; }));
    line.caller.stream->write("hello");
    Peer far(std::move(line.acceptor.last));
    EXPECT_TRUE(run_until(line.loop, [&] { return far.received == "hello"; }));
  }
}

TEST(Dial, U1_a_closed_port_is_refused_at_once_and_named) {
  Line line;
  const std::uint16_t port = closed_port();
  line.dial("127.0.0.1", port, 60'000);
  ASSERT_TRUE(line.heard());
  EXPECT_EQ(line.caller.error->kind, Kind::refused);
  EXPECT_EQ(line.caller.error->source, Source::upstream);
  EXPECT_EQ(line.caller.error->retry, Retry::yes);
  EXPECT_EQ(line.caller.error->detail, "cannot connect to 127.0.0.1:" + std::to_string(port) + ": connection refused");
}

TEST(Dial, U2_a_black_hole_times_out_and_leaves_nothing) {
  Line line;
  const BlackHole hole;
  line.dial("127.0.0.1", hole.port(), 30);
  ASSERT_TRUE(line.heard());
  EXPECT_EQ(line.caller.error->kind, Kind::timeout);
  EXPECT_EQ(line.caller.error->detail,
            "cannot connect to 127.0.0.1:" + std::to_string(hole.port()) + ": no answer in 30 ms");
  EXPECT_TRUE(line.dialer->idle());
}

TEST(Dial, a_name_that_cannot_be_looked_up_is_a_dns_error) {
  Line line;
  line.dial(std::string(300, 'a'), 80);
  ASSERT_TRUE(line.heard());
  EXPECT_EQ(line.caller.error->kind, Kind::dns);
  EXPECT_EQ(line.caller.error->source, Source::upstream);
  EXPECT_EQ(line.caller.error->detail.rfind("cannot resolve aaa", 0), 0u) << line.caller.error->detail;
}

TEST(Dial, cancelled_while_resolving_or_connecting_calls_nobody) {
  const BlackHole hole;
  for (const bool resolving : {true, false}) {
    Line line;
    line.dial(resolving ? "localhost" : "127.0.0.1", hole.port());
    if (!resolving) line.loop.turn();
    line.dialer->cancel(line.number);
    line.dialer->cancel(line.number);
    line.dialer->cancel(12345);
    run_for(line.loop, 10);
    EXPECT_EQ(line.caller.heard, 0);
  }
}

TEST(Dial, cancelled_when_already_connected_but_not_told_closes_the_connection) {
  Line line;
  line.dial("127.0.0.1", line.port);  // loopback connects inside connect(); the event waits for the loop
  line.dialer->cancel(line.number);
  ASSERT_TRUE(run_until(line.loop, [&] { return line.acceptor.accepted == 1; }));
  Peer far(std::move(line.acceptor.last));
  EXPECT_TRUE(run_until(line.loop, [&] { return far.eofs == 1 || far.broken; }));
  EXPECT_EQ(line.caller.heard, 0);
}

TEST(Dial, a_failed_dial_may_dial_again_inside_the_event) {
  Line line;
  line.caller.redial = line.dialer.get();
  line.caller.redial_port = line.port;
  line.dial("127.0.0.1", closed_port());
  ASSERT_TRUE(run_until(line.loop, [&] { return line.caller.heard == 2; }));
  EXPECT_TRUE(line.caller.stream);
}

TEST(Dial, closing_cancels_all) {
  Line line;
  const BlackHole hole;
  line.dial("localhost", hole.port());
  line.dialer->dial({"127.0.0.1", hole.port(), nullptr}, 5'000, line.caller);
  line.dialer->close();
  ASSERT_TRUE(run_until(line.loop, [&] { return line.dialer->idle(); }));
  EXPECT_EQ(line.caller.heard, 0);
}

}  // namespace
}  // namespace spillway
