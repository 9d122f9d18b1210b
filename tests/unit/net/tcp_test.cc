// The TCP Stream over loopback: order, back-pressure, half close, reset, and being closed inside each of its events.
#include "net/tcp.h"

#include <algorithm>

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "unit/net/loopback.h"

namespace spillway {
namespace {

// Two connected streams of one loop.
struct Pair {
  Pair() {
    acceptor.listener = std::move(*Listener::listen(loop, "127.0.0.1:0", acceptor));
    struct Connected : TcpStream::Connecting {
      void on_connected(TcpStream&, int code) override { status = code; }
      int status = 1;
    } connected;
    TcpStream::Ptr stream = TcpStream::create(loop, Source::upstream);
    EXPECT_EQ(stream->connect(*Address::literal("127.0.0.1", acceptor.listener->port()), connected), 0);
    EXPECT_TRUE(run_until(loop, [&] { return connected.status == 0 && acceptor.last; }));
    near.take(std::move(stream));
    far.take(std::move(acceptor.last));
    acceptor.listener.reset();
  }
  ~Pair() {
    near.stream.reset();
    far.stream.reset();
    wind_up(loop);
  }
  // Fills the kernel's buffers until the stream has to queue. `far` must not read.
  std::size_t stuff(std::size_t at_least) {
    const std::string piece(64 * 1024, 'x');
    std::size_t sent = 0;
    while (near.stream->queued_bytes() < at_least) {
      near.stream->write(piece);
      sent += piece.size();
    }
    return sent;
  }
  Loop loop;
  Acceptor acceptor;
  Peer near, far;
};

TEST(TcpStream, sends_the_pieces_in_order) {
  Pair pair;
  std::vector<std::string_view> pieces = {"a", "", "bc", "", "d"};
  EXPECT_TRUE(pair.near.stream->write(pieces));
  const std::vector<std::string> many(100, "0123456789");  // more than one system call takes
  const std::vector<std::string_view> views(many.begin(), many.end());
  EXPECT_TRUE(pair.near.stream->write(views));
  EXPECT_EQ(pair.near.stream->queued_bytes(), 0u);
  ASSERT_TRUE(run_until(pair.loop, [&] { return pair.far.received.size() == 1004; }));
  EXPECT_EQ(pair.far.received.substr(0, 14), "abcd0123456789");
  EXPECT_EQ(pair.far.stream->peer(), "127.0.0.1");
  EXPECT_EQ(pair.near.stream->peer(), "127.0.0.1");
  EXPECT_FALSE(pair.near.stream->encrypted());
}

TEST(TcpStream, a_stalled_reader_makes_write_say_stop_and_drained_say_go) {
  Pair pair;
  pair.far.stream->pause();
  const std::size_t sent = pair.stuff(Stream::kHighMark + 1);
  EXPECT_FALSE(pair.near.stream->write("y"));
  EXPECT_EQ(pair.near.drains, 0);
  run_for(pair.loop, 10);
  EXPECT_EQ(pair.near.drains, 0);  // nothing read, nothing drained
  pair.far.stream->resume();
  ASSERT_TRUE(run_until(pair.loop, [&] { return pair.far.received.size() == sent + 1; }));
  EXPECT_EQ(pair.far.received.back(), 'y');
  ASSERT_TRUE(run_until(pair.loop, [&] { return pair.near.drains > 0; }));
  EXPECT_EQ(pair.near.drains, 1);  // once, although several writes were refused
  EXPECT_EQ(pair.near.stream->queued_bytes(), 0u);
}

TEST(TcpStream, drained_is_not_called_unless_write_said_stop) {
  Pair pair;
  pair.far.stream->pause();
  const std::string piece(16 * 1024, 'x');
  std::size_t sent = 0;
  while (pair.near.stream->queued_bytes() == 0) {
    ASSERT_TRUE(pair.near.stream->write(piece));
    sent += piece.size();
  }
  pair.far.stream->resume();
  ASSERT_TRUE(run_until(pair.loop, [&] { return pair.far.received.size() == sent; }));
  run_for(pair.loop, 5);
  EXPECT_EQ(pair.near.drains, 0);
}

// An echo with a client that sends all it has and reads late: the echo stops reading instead of queueing.
TEST(TcpStream, an_echo_that_obeys_the_marks_queues_a_bounded_amount) {
  Pair pair;
  pair.far.echo = true;
  pair.near.stream->pause();
  const std::string data(32'000'000, 'z');
  std::size_t most = 0;
  pair.near.stream->write(data);
  for (int i = 0; i < 200; ++i) {
    pair.loop.turn();
    most = std::max(most, pair.far.stream->queued_bytes());
  }
  EXPECT_GT(most, 0u);
  EXPECT_LE(most, Stream::kHighMark + Loop::kReadBytes);
  EXPECT_GT(pair.near.stream->queued_bytes(), 0u);
  pair.near.stream->resume();
  ASSERT_TRUE(run_until(pair.loop, [&] { return pair.near.received.size() == data.size(); }));
}

TEST(TcpStream, paused_inside_on_data_delivers_nothing_more) {
  Pair pair;
  pair.far.pause_in_data = true;
  const std::string data(3 * Loop::kReadBytes, 'x');
  pair.near.stream->write(data);
  ASSERT_TRUE(run_until(pair.loop, [&] { return pair.far.reads == 1; }));
  run_for(pair.loop, 10);
  EXPECT_EQ(pair.far.reads, 1);
  EXPECT_LE(pair.far.received.size(), Loop::kReadBytes);
  pair.far.pause_in_data = false;
  pair.far.stream->resume();
  pair.far.stream->resume();  // idempotent
  ASSERT_TRUE(run_until(pair.loop, [&] { return pair.far.received.size() == data.size(); }));
}

TEST(TcpStream, bytes_land_where_its_user_wants_them_and_then_in_the_loop_s_memory) {
  Pair pair;
  std::string place(Loop::kReadBytes + 10, '-');
  pair.far.place = place;
  std::string data;
  for (std::size_t i = 0; i < 3 * Loop::kReadBytes; ++i) data += static_cast<char>('a' + i % 26);
  pair.near.stream->write(data);
  ASSERT_TRUE(run_until(pair.loop, [&] { return pair.far.received.size() == data.size(); }));
  EXPECT_EQ(pair.far.received, data);
  EXPECT_EQ(place, data.substr(0, place.size()));
  EXPECT_TRUE(pair.far.place.empty());
}

TEST(TcpStream, one_byte_at_a_time_is_the_same_bytes) {
  Pair pair;
  const std::string text = "GET / HTTP/1.1\r\n\r\n";
  for (const char& byte : text) {
    pair.near.stream->write(std::string_view(&byte, 1));
    pair.loop.turn();
  }
  ASSERT_TRUE(run_until(pair.loop, [&] { return pair.far.received.size() == text.size(); }));
  EXPECT_EQ(pair.far.received, text);
}

TEST(TcpStream, half_closed_still_writes_the_other_way) {
  Pair pair;
  pair.near.stream->write("question");
  pair.near.stream->shutdown();
  ASSERT_TRUE(run_until(pair.loop, [&] { return pair.far.eofs == 1; }));
  EXPECT_EQ(pair.far.received, "question");
  pair.far.stream->resume();  // after the end: nothing to resume, no second end
  pair.far.stream->write("answer");
  ASSERT_TRUE(run_until(pair.loop, [&] { return pair.near.received == "answer"; }));
  EXPECT_EQ(pair.far.eofs, 1);
  pair.far.stream->shutdown();
  ASSERT_TRUE(run_until(pair.loop, [&] { return pair.near.eofs == 1; }));
  EXPECT_FALSE(pair.near.broken);
}

TEST(TcpStream, shutdown_waits_for_the_queue) {
  Pair pair;
  pair.far.stream->pause();
  const std::size_t sent = pair.stuff(1);
  pair.near.stream->shutdown();
  pair.near.stream->shutdown();
  pair.far.stream->resume();
  ASSERT_TRUE(run_until(pair.loop, [&] { return pair.far.eofs == 1; }));
  EXPECT_EQ(pair.far.received.size(), sent);
}

TEST(TcpStream, closed_after_shutdown_still_sends_its_queue) {
  Pair pair;
  pair.far.stream->pause();
  const std::size_t sent = pair.stuff(Stream::kHighMark + 1);
  pair.near.stream->shutdown();
  pair.near.stream.reset();
  run_for(pair.loop, 5);
  pair.far.stream->resume();
  ASSERT_TRUE(run_until(pair.loop, [&] { return pair.far.eofs == 1; }));
  EXPECT_EQ(pair.far.received.size(), sent);
  EXPECT_FALSE(pair.far.broken);
}

TEST(TcpStream, closed_without_shutdown_drops_its_queue) {
  Pair pair;
  pair.far.stream->pause();
  const std::size_t sent = pair.stuff(Stream::kHighMark + 1);
  pair.near.stream.reset();
  run_for(pair.loop, 5);
  pair.far.stream->resume();
  ASSERT_TRUE(run_until(pair.loop, [&] { return pair.far.eofs == 1 || pair.far.broken; }));
  EXPECT_LT(pair.far.received.size(), sent);
}

TEST(TcpStream, reset_reaches_the_peer_as_broken_even_after_shutdown) {
  for (const bool shut : {false, true}) {
    Pair pair;
    pair.far.stream->pause();
    pair.stuff(1);
    if (shut) pair.near.stream->shutdown();
    pair.near.stream->reset();
    pair.near.stream.reset();
    pair.loop.turn();
    pair.far.stream->resume();
    ASSERT_TRUE(run_until(pair.loop, [&] { return pair.far.broken.has_value(); })) << shut << pair.far.eofs;
    EXPECT_EQ(pair.far.broken->kind, Kind::closed);
    EXPECT_EQ(pair.far.broken->source, Source::client);
    EXPECT_NE(pair.far.broken->detail.find("connection reset by peer"), std::string::npos) << pair.far.broken->detail;
    EXPECT_EQ(pair.far.eofs, 0);
  }
}

TEST(TcpStream, a_failed_write_is_told_in_a_later_turn_and_once) {
  Pair pair;
  pair.near.stream->pause();
  pair.far.stream->reset();
  pair.far.stream.reset();
  run_for(pair.loop, 5);
  pair.near.stream->write("x");
  EXPECT_FALSE(pair.near.broken);
  ASSERT_TRUE(run_until(pair.loop, [&] { return pair.near.broken.has_value(); }));
  EXPECT_EQ(pair.near.broken->source, Source::upstream);
  EXPECT_TRUE(pair.near.stream->write("y"));  // nobody should wait for a stream that is gone
  pair.near.stream->shutdown();
  EXPECT_EQ(pair.near.stream->queued_bytes(), 0u);
  pair.near.broken.reset();
  run_for(pair.loop, 5);
  EXPECT_FALSE(pair.near.broken);
}

// A provider answers "too large" and resets while the body is still being sent: the answer must be heard.
TEST(TcpStream, what_came_before_a_failing_write_is_still_read) {
  Pair pair;
  pair.near.stream->pause();
  pair.far.stream->write("413");
  run_for(pair.loop, 2);
  pair.far.stream->reset();
  pair.far.stream.reset();
  run_for(pair.loop, 2);
  pair.near.stream->resume();
  pair.near.stream->write("more body");
  ASSERT_TRUE(run_until(pair.loop, [&] { return pair.near.broken.has_value(); }));
  EXPECT_EQ(pair.near.received, "413");
  EXPECT_EQ(pair.near.eofs, 0);
}

TEST(TcpStream, may_be_closed_inside_each_of_its_events) {
  for (const char where : {'d', 'e', 'w', 'b'}) {
    Pair pair;
    pair.near.close_in = where;
    if (where == 'd') pair.far.stream->write(std::string(2 * Loop::kReadBytes, 'x'));
    if (where == 'e') pair.far.stream->shutdown();
    if (where == 'b') {
      pair.far.stream->reset();
      pair.far.stream.reset();
    }
    if (where == 'w') {
      pair.far.stream->pause();
      pair.stuff(Stream::kHighMark + 1);
      pair.far.stream->resume();
    }
    EXPECT_TRUE(run_until(pair.loop, [&] { return !pair.near.stream; })) << where;
    run_for(pair.loop, 2);
    EXPECT_LE(pair.near.reads, 1) << where;
  }
}

TEST(TcpStream, closed_before_it_was_connected_calls_nobody) {
  Loop loop;
  struct Never : TcpStream::Connecting {
    void on_connected(TcpStream&, int) override { FAIL() << "called after close"; }
  } never;
  Acceptor acceptor;
  acceptor.listener = std::move(*Listener::listen(loop, "127.0.0.1:0", acceptor));
  TcpStream::Ptr stream = TcpStream::create(loop, Source::upstream);
  ASSERT_EQ(stream->connect(*Address::literal("127.0.0.1", acceptor.listener->port()), never), 0);
  stream.reset();
  run_for(loop, 5);
  acceptor.listener.reset();
  acceptor.last.reset();
  wind_up(loop);
}

}  // namespace
}  // namespace spillway
