// The TLS Stream keeps the Stream's contract: order, marks, pausing, half close, honest ends, closing inside any event.
#include <gtest/gtest.h>

#include "unit/net/tls_ends.h"

#include <algorithm>

namespace spillway {
namespace {

TEST(TlsStream, a_megabyte_each_way_at_once_arrives_whole) {
  TlsEnds ends("good", 64 * 1024);
  ASSERT_TRUE(ends.connect("good.test")) << ends.why();
  const std::string up = pattern(1'000'000), down = pattern(1'000'003);
  ends.client.stream->write(up);
  ends.server.stream->write(down);
  ASSERT_TRUE(run_until(ends.loop, [&] {
    return ends.server.received.size() == up.size() && ends.client.received.size() == down.size();
  }));
  EXPECT_EQ(ends.server.received, up);
  EXPECT_EQ(ends.client.received, down);
}

TEST(TlsStream, pieces_of_every_size_keep_their_order) {
  TlsEnds ends("good", 10'000);
  ASSERT_TRUE(ends.connect("good.test")) << ends.why();
  const std::string text = pattern(200'000);
  std::string_view rest = text;
  std::vector<std::string_view> pieces;
  for (std::size_t n = 1; !rest.empty(); n = n * 3 % 40'009) {  // across the 16 KiB of a record
    pieces.push_back(rest.substr(0, n));
    rest.remove_prefix(std::min(n, rest.size()));
    if (pieces.size() % 4 == 0) ends.client.stream->write(std::exchange(pieces, {}));
  }
  ends.client.stream->write(pieces);
  ASSERT_TRUE(run_until(ends.loop, [&] { return ends.server.received.size() == text.size(); }));
  EXPECT_EQ(ends.server.received, text);
}

TEST(TlsStream, a_stalled_reader_stops_the_writer_and_counts_ciphertext) {
  TlsEnds ends("good", 16 * 1024);
  ASSERT_TRUE(ends.connect("good.test")) << ends.why();
  ends.server.stream->pause();
  const std::string piece = pattern(16 * 1024);
  std::size_t sent = 0;
  while (ends.client.stream->write(piece)) sent += piece.size();
  sent += piece.size();
  EXPECT_GT(ends.client.stream->queued_bytes(), Stream::kHighMark);
  EXPECT_LT(ends.client.stream->queued_bytes(), Stream::kHighMark + 2 * piece.size());
  run_for(ends.loop, 5);
  EXPECT_EQ(ends.client.drains, 0);
  ends.server.stream->resume();
  ASSERT_TRUE(run_until(ends.loop, [&] { return ends.server.received.size() == sent; }));
  EXPECT_EQ(ends.client.drains, 1);
}

TEST(TlsStream, written_before_the_handshake_is_over_goes_out_after_it) {
  TlsEnds ends;
  ends.begin("good.test");
  const std::string early = pattern(Stream::kHighMark + 1);
  EXPECT_TRUE(ends.server.stream->write("x"));
  EXPECT_FALSE(ends.server.stream->write(early));
  EXPECT_GT(ends.server.stream->queued_bytes(), Stream::kHighMark);
  ASSERT_TRUE(run_until(ends.loop, [&] { return ends.client.received.size() == early.size() + 1; }));
  EXPECT_TRUE(run_until(ends.loop, [&] { return ends.server.drains == 1; }));
}

TEST(TlsStream, shut_down_before_the_handshake_is_over_still_says_what_was_written) {
  TlsEnds ends;
  ends.begin("good.test");
  ends.server.stream->write("bye");
  ends.server.stream->shutdown();
  ASSERT_TRUE(run_until(ends.loop, [&] { return ends.client.eofs == 1; })) << ends.why();
  EXPECT_EQ(ends.client.received, "bye");
}

TEST(TlsStream, paused_inside_on_data_keeps_the_rest_for_a_later_turn) {
  TlsEnds ends("good", 64 * 1024);
  ASSERT_TRUE(ends.connect("good.test")) << ends.why();
  ends.server.pause_in_data = true;
  const std::string text = pattern(60'000);  // four records in one delivery
  ends.client.stream->write(text);
  ASSERT_TRUE(run_until(ends.loop, [&] { return ends.server.reads == 1; }));
  run_for(ends.loop, 5);
  EXPECT_EQ(ends.server.reads, 1);
  ends.server.stream->resume();
  EXPECT_EQ(ends.server.reads, 1);  // never inside resume()
  ASSERT_TRUE(run_until(ends.loop, [&] { return ends.server.reads == 2; }));
  run_for(ends.loop, 5);
  EXPECT_EQ(ends.server.reads, 2);
  ends.server.pause_in_data = false;
  ends.server.stream->resume();
  ASSERT_TRUE(run_until(ends.loop, [&] { return ends.server.received.size() == text.size(); }));
  EXPECT_EQ(ends.server.received, text);
}

TEST(TlsStream, close_notify_is_the_end_and_the_other_way_stays_open) {
  TlsEnds ends;
  ASSERT_TRUE(ends.connect("good.test")) << ends.why();
  ends.client.stream->write("question");
  ends.client.stream->shutdown();
  ASSERT_TRUE(run_until(ends.loop, [&] { return ends.server.eofs == 1; }));
  EXPECT_EQ(ends.server.received, "question");
  ends.server.stream->write("answer");
  ASSERT_TRUE(run_until(ends.loop, [&] { return ends.client.received == "answer"; }));
  ends.server.stream->shutdown();
  ASSERT_TRUE(run_until(ends.loop, [&] { return ends.client.eofs == 1; }));
  run_for(ends.loop, 5);
  EXPECT_FALSE(ends.client.broken);
  EXPECT_FALSE(ends.server.broken);
  EXPECT_EQ(ends.server.eofs, 1);
}

TEST(TlsStream, an_end_without_close_notify_is_not_a_clean_end) {
  for (const bool reset : {false, true}) {
    TlsEnds ends;
    ASSERT_TRUE(ends.connect("good.test")) << ends.why();
    ends.server.stream->write("half an ans");
    if (reset) ends.server.stream->reset();
    run_for(ends.loop, 2);
    ends.server.stream.reset();
    ASSERT_TRUE(run_until(ends.loop, [&] { return ends.client.broken.has_value(); }));
    EXPECT_EQ(ends.client.received, "half an ans");
    EXPECT_EQ(ends.client.broken->kind, Kind::closed);
    EXPECT_EQ(ends.client.eofs, 0);
    EXPECT_TRUE(ends.client.stream->write("nobody hears"));
  }
}

TEST(TlsStream, a_server_that_hangs_up_or_talks_nonsense_fails_the_handshake) {
  for (const std::string reply : {"", "HTTP/1.1 400 Bad Request\r\n\r\n", "\x16\x03\x03\xff\xff"}) {
    TlsEnds ends;
    auto [left, right] = make_pipe(ends.loop, 100);
    Peer plain(std::move(right));
    ends.handshake = ends.tls_client->secure(ends.loop, std::move(left), "good.test", ends);
    if (!reply.empty()) plain.stream->write(reply);
    plain.stream->shutdown();
    ASSERT_TRUE(run_until(ends.loop, [&] { return ends.refused.has_value(); })) << reply;
    EXPECT_EQ(ends.refused->kind, Kind::tls);
    EXPECT_NE(ends.refused->detail.find("TLS handshake"), std::string::npos) << ends.refused->detail;
  }
}

TEST(TlsStream, a_client_without_tls_breaks_the_server_stream) {
  TlsEnds ends;
  auto [left, right] = make_pipe(ends.loop, 100);
  Peer plain(std::move(left));
  ends.server.take(ends.tls_server->wrap(ends.loop, std::move(right)));
  plain.stream->write("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
  ASSERT_TRUE(run_until(ends.loop, [&] { return ends.server.broken.has_value(); }));
  EXPECT_EQ(ends.server.broken->kind, Kind::tls);
  EXPECT_EQ(ends.server.broken->source, Source::client);
  EXPECT_TRUE(ends.server.received.empty());
}

TEST(TlsStream, a_changed_byte_breaks_the_stream_and_delivers_nothing) {
  struct Flipper : Peer {
    void on_data(std::string_view bytes) override {
      std::string copy(bytes);
      if (flip) copy.back() = static_cast<char>(copy.back() ^ 1);
      to->write(copy);
    }
    Stream* to = nullptr;
    bool flip = false;
  };
  TlsEnds ends;
  auto [client_end, middle_left] = make_pipe(ends.loop, 4096);
  auto [middle_right, server_end] = make_pipe(ends.loop, 4096);
  Flipper up, down;
  up.to = middle_right.get();
  down.to = middle_left.get();
  ends.server.take(ends.tls_server->wrap(ends.loop, std::move(server_end)));
  ends.handshake = ends.tls_client->secure(ends.loop, std::move(client_end), "good.test", ends);
  up.take(std::move(middle_left));
  down.take(std::move(middle_right));
  ASSERT_TRUE(run_until(ends.loop, [&] { return ends.client.stream || ends.refused; }));
  ASSERT_TRUE(ends.client.stream) << ends.why();
  run_for(ends.loop, 2);
  up.flip = true;
  ends.client.stream->write("important");
  ASSERT_TRUE(run_until(ends.loop, [&] { return ends.server.broken.has_value(); }));
  EXPECT_TRUE(ends.server.received.empty());
}

TEST(TlsStream, may_be_closed_inside_each_of_its_events) {
  for (const char where : {'d', 'e', 'w', 'b'}) {
    TlsEnds ends("good", 64 * 1024);
    ASSERT_TRUE(ends.connect("good.test")) << ends.why();
    ends.client.close_in = where;
    if (where == 'd') ends.server.stream->write(pattern(60'000));
    if (where == 'e') ends.server.stream->shutdown();
    if (where == 'b') ends.server.stream.reset();
    if (where == 'w') {
      ends.server.stream->pause();
      while (ends.client.stream->write(pattern(16 * 1024))) {
      }
      ends.server.stream->resume();
    }
    EXPECT_TRUE(run_until(ends.loop, [&] { return !ends.client.stream; })) << where;
    EXPECT_LE(ends.client.reads, 1) << where;
    run_for(ends.loop, 2);
  }
}

TEST(TlsStream, may_be_closed_as_soon_as_it_is_secured) {
  TlsEnds ends;
  ends.close_at_once = true;
  ends.begin("good.test");
  EXPECT_TRUE(run_until(ends.loop, [&] { return ends.server.broken.has_value(); }));
  EXPECT_EQ(ends.tls_client->counts().full, 1u);
  EXPECT_FALSE(ends.refused);
}

TEST(TlsStream, a_cancelled_handshake_calls_nobody) {
  for (int turns = 0; turns < 6; ++turns) {
    TlsEnds ends;
    ends.begin("good.test");
    for (int i = 0; i < turns && ends.handshake; ++i) ends.loop.turn();
    ends.handshake.reset();
    ends.client.stream.reset();
    run_for(ends.loop, 3);
    EXPECT_FALSE(ends.refused || ends.client.stream) << turns;
  }
}

}  // namespace
}  // namespace spillway
