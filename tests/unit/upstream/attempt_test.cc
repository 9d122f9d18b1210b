// One try: sending, the clocks, the one unseen repetition, and silence after cancel().
#include "upstream/attempt.h"

#include "support.h"

namespace spillway {
namespace {

class AttemptTest : public UpstreamTest, protected Attempt::Events {
 protected:
  std::unique_ptr<Attempt> start(bool head_request = false, Sends sends = Sends::whole) {
    auto attempt = std::make_unique<Attempt>(pool, endpoint, times, static_cast<Attempt::Events&>(*this));
    static constexpr std::string_view kPieces[] = {"POST / HTTP/1.1\r\n", "\r\n"};
    attempt->start(head_request, kPieces, sends);
    return attempt;
  }
  // A connection that has answered once and is idle now.
  Wire& idle_wire() {
    const auto attempt = start();
    Wire& wire = dialer.succeed();
    EXPECT_TRUE(wire.give(kAnswer));
    EXPECT_EQ(take(), "head 200, body hi, end");
    wire.take();
    return wire;
  }
  std::string take() { return std::exchange(heard, {}); }
  void say(const std::string& what) { heard += (heard.empty() ? "" : ", ") + what; }
  void on_head(const ResponseHead& head) override { say("head " + std::to_string(head.status)); }
  void on_body(std::string_view bytes) override { say("body " + std::string(bytes)); }
  void on_end() override { say("end"); }
  void on_failed(const Error& error) override {
    say("failed " + std::string(to_string(error.kind)));
    detail = error.detail;
  }

  void on_writable() override { say("writable"); }
  static bool write(Attempt& attempt, std::string_view bytes) { return attempt.write({&bytes, 1}); }

  AttemptTimes times{1'000, 1'000, 1'000};
  std::string heard, detail;
};

TEST_F(AttemptTest, dials_sends_and_reports_the_answer) {
  times.connect_ms = 321;
  const auto attempt = start();
  EXPECT_EQ(dialer.last.host, "up.example");
  EXPECT_EQ(dialer.last.port, 80);
  EXPECT_EQ(dialer.last.tls, nullptr);
  EXPECT_EQ(dialer.last_timeout_ms, 321u);
  Wire& wire = dialer.succeed();
  EXPECT_EQ(wire.written, "POST / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(take(), "");
  wire.give("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nab");
  EXPECT_EQ(take(), "head 200, body ab");
  wire.give("cd");
  EXPECT_EQ(take(), "body cd, end");
  EXPECT_EQ(pool.idle(), 1u);
}

TEST_F(AttemptTest, an_idle_connection_is_used_without_dialing) {
  Wire& wire = idle_wire();
  const auto attempt = start(true);
  EXPECT_EQ(dialer.dials, 1u);
  EXPECT_EQ(wire.written, "POST / HTTP/1.1\r\n\r\n");
  wire.give("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n");  // HEAD: no body follows
  EXPECT_EQ(take(), "head 200, end");
}

TEST_F(AttemptTest, a_connection_that_cannot_be_made_is_reported) {
  const auto attempt = start();
  dialer.refuse({Kind::refused, Source::upstream, Retry::yes, "connection refused"});
  EXPECT_EQ(take(), "failed refused");
  EXPECT_EQ(detail, "connection refused");
  EXPECT_EQ(pool.size(), 0u);
}

TEST_F(AttemptTest, a_ca_file_that_cannot_be_read_is_reported_at_once) {
  endpoint.url.tls = true;
  endpoint.ca_file = "/nowhere/ca.pem";
  const auto attempt = start();
  EXPECT_EQ(dialer.dials, 0u);
  EXPECT_EQ(heard.rfind("failed ", 0), 0u) << heard;
}

TEST_F(AttemptTest, a_stale_connection_is_replaced_once_and_unseen) {
  Wire& stale = idle_wire();
  const auto attempt = start();
  stale.take();
  EXPECT_TRUE(stale.eof());
  EXPECT_EQ(take(), "");
  ASSERT_EQ(dialer.waiting(), 1u);
  Wire& fresh = dialer.succeed();
  EXPECT_EQ(fresh.written, "POST / HTTP/1.1\r\n\r\n") << "the whole request again";
  fresh.give(kAnswer);
  EXPECT_EQ(take(), "head 200, body hi, end");
}

TEST_F(AttemptTest, a_reset_of_a_stale_connection_counts_as_well) {
  Wire& stale = idle_wire();
  const auto attempt = start();
  EXPECT_TRUE(stale.fail("connection reset"));
  EXPECT_EQ(take(), "");
  EXPECT_EQ(dialer.waiting(), 1u);
}

TEST_F(AttemptTest, the_repetition_goes_to_a_new_connection_although_another_is_idle) {
  Wire& stale = idle_wire();
  const auto attempt = start();  // on the idle one
  const auto other = start();
  dialer.succeed().give(kAnswer);
  EXPECT_EQ(take(), "head 200, body hi, end");
  ASSERT_EQ(pool.idle(), 1u);
  stale.eof();
  EXPECT_EQ(dialer.waiting(), 1u) << "the other one may be as stale";
  EXPECT_EQ(pool.idle(), 1u);
}

TEST_F(AttemptTest, a_second_stale_end_is_reported) {
  Wire& stale = idle_wire();
  const auto attempt = start();
  stale.eof();
  Wire& fresh = dialer.succeed();
  fresh.eof();
  EXPECT_EQ(take(), "failed closed");
  EXPECT_EQ(detail, "the provider closed the connection without an answer");
  EXPECT_EQ(dialer.waiting(), 0u);
}

TEST_F(AttemptTest, a_fresh_connection_that_ends_is_no_stale_one) {
  const auto attempt = start();
  dialer.succeed().eof();
  EXPECT_EQ(take(), "failed closed");
  EXPECT_EQ(dialer.waiting(), 0u);
}

TEST_F(AttemptTest, after_one_byte_of_an_answer_nothing_is_sent_again) {
  Wire& wire = idle_wire();
  const auto attempt = start();
  wire.give("H");
  wire.eof();
  EXPECT_EQ(take(), "failed closed");
  EXPECT_EQ(dialer.waiting(), 0u);
}

TEST_F(AttemptTest, a_body_cut_short_is_a_failure_after_what_came) {
  const auto attempt = start();
  Wire& wire = dialer.succeed();
  wire.give("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n");
  wire.eof();
  EXPECT_EQ(take(), "head 200, body hi, failed closed");
  EXPECT_EQ(detail, "the provider closed the connection in the middle of its answer");
}

TEST_F(AttemptTest, the_first_byte_deadline_runs_until_content_whatever_arrives) {  // T-2
  times.first_byte_ms = 20;
  const auto attempt = start();
  pass(40);
  EXPECT_EQ(take(), "") << "dialing has a limit of its own";
  Wire& wire = dialer.succeed();
  wire.give("HTTP/1.1 200 OK\r\n\r\n: comment\n\n");
  EXPECT_EQ(take(), "head 200, body : comment\n\n");
  pass(45);
  EXPECT_EQ(take(), "failed timeout");
  EXPECT_EQ(detail, "no answer from the provider in 20 ms");
  EXPECT_TRUE(wire.closed);
}

TEST_F(AttemptTest, after_content_only_silence_counts) {
  times.first_byte_ms = 15;
  times.idle_ms = 40;
  const auto attempt = start();
  Wire& wire = dialer.succeed();
  wire.give("HTTP/1.1 200 OK\r\n\r\n");
  attempt->content();
  for (int i = 0; i < 2; ++i) {
    const std::uint64_t began = loop.now_ms();
    pass(25);
    if (loop.now_ms() - began >= times.idle_ms) GTEST_SKIP() << "the machine stood still for too long to tell";
    wire.give(".");  // each byte begins the wait anew
  }
  EXPECT_EQ(take(), "head 200, body ., body .");
  pass(65);
  EXPECT_EQ(take(), "failed timeout");
  EXPECT_EQ(detail, "the provider sent nothing for 40 ms");
}

TEST_F(AttemptTest, paused_it_neither_reads_nor_counts) {
  times.first_byte_ms = times.idle_ms = 20;
  const auto attempt = start();
  Wire& wire = dialer.succeed();
  wire.give("HTTP/1.1 200 OK\r\n\r\na");
  attempt->content();
  attempt->pause();
  attempt->pause();
  EXPECT_TRUE(wire.paused);
  pass(45);
  EXPECT_EQ(take(), "head 200, body a");
  attempt->resume();
  EXPECT_FALSE(wire.paused);
  wire.give("b");
  EXPECT_EQ(take(), "body b");
  pass(45);
  EXPECT_EQ(take(), "failed timeout") << "the clock runs again";
}

TEST_F(AttemptTest, content_during_a_pause_does_not_start_the_clock) {
  times.first_byte_ms = times.idle_ms = 20;
  const auto attempt = start();
  dialer.succeed();
  attempt->pause();
  attempt->content();
  pass(45);
  EXPECT_EQ(take(), "");
}

TEST_F(AttemptTest, paused_while_dialing_it_is_paused_when_connected) {
  times.first_byte_ms = 20;
  const auto attempt = start();
  attempt->pause();
  Wire& wire = dialer.succeed();
  EXPECT_EQ(wire.written, "POST / HTTP/1.1\r\n\r\n");
  EXPECT_TRUE(wire.paused);
  pass(45);
  EXPECT_EQ(take(), "");
  attempt->resume();
  wire.give(kAnswer);
  EXPECT_EQ(take(), "head 200, body hi, end");
}

TEST_F(AttemptTest, cancelled_in_any_phase_it_reports_nothing) {
  times.first_byte_ms = times.idle_ms = 10;
  auto attempt = start();
  attempt->cancel();
  EXPECT_EQ(dialer.waiting(), 0u) << "while dialing";

  attempt = start();
  Wire& waiting = dialer.succeed();
  attempt->cancel();
  EXPECT_TRUE(waiting.closed) << "while waiting for an answer";

  attempt = start();
  Wire& reading = dialer.succeed();
  reading.give("HTTP/1.1 200 OK\r\n\r\na");
  attempt->content();
  take();
  attempt->cancel();
  attempt->cancel();
  EXPECT_TRUE(reading.closed) << "while reading";

  attempt = start();
  Wire& destroyed = dialer.succeed();
  attempt.reset();
  EXPECT_TRUE(destroyed.closed) << "by destruction";
  pass(30);
  EXPECT_EQ(take(), "");
  EXPECT_EQ(pool.size(), 0u);
}

TEST_F(AttemptTest, cancelled_during_the_repetition_it_reports_nothing) {
  Wire& stale = idle_wire();
  const auto attempt = start();
  stale.eof();
  attempt->cancel();
  EXPECT_EQ(dialer.waiting(), 0u);
  EXPECT_EQ(take(), "");
}

TEST_F(AttemptTest, what_has_only_begun_goes_on_a_fresh_connection_and_then_waits_for_its_end) {
  times.first_byte_ms = 20;
  Wire& idle = idle_wire();
  const auto attempt = start(false, Sends::begin);
  EXPECT_EQ(idle.take(), "") << "it could not be sent again";
  EXPECT_FALSE(write(*attempt, "too early"));
  Wire& wire = dialer.succeed();
  EXPECT_EQ(take(), "writable");
  EXPECT_TRUE(write(*attempt, "more"));
  EXPECT_EQ(wire.take(), "POST / HTTP/1.1\r\n\r\nmore");
  pass(60);
  EXPECT_EQ(take(), "") << "the client's time is not the provider's";
  attempt->sent();
  pass(60);
  EXPECT_EQ(take(), "failed timeout");
}

TEST_F(AttemptTest, an_answer_that_overtakes_its_request_ends_the_connection) {
  const auto attempt = start(false, Sends::begin);
  Wire& wire = dialer.succeed();
  wire.give(kAnswer);
  EXPECT_EQ(take(), "writable, head 200, body hi, end");
  EXPECT_EQ(pool.size(), 0u) << "the rest would be read as the next request";
}

TEST_F(AttemptTest, whose_request_came_whole_keeps_its_connection) {
  const auto attempt = start(false, Sends::begin);
  Wire& wire = dialer.succeed();
  write(*attempt, "rest");
  attempt->sent();
  wire.give(kAnswer);
  EXPECT_EQ(take(), "writable, head 200, body hi, end");
  EXPECT_EQ(pool.idle(), 1u);
}

TEST_F(AttemptTest, a_provider_that_takes_nothing_fails) {
  times.first_byte_ms = 20;
  const auto attempt = start(false, Sends::begin);
  Wire& wire = dialer.succeed();
  wire.queued = Stream::kHighMark + 1;
  EXPECT_FALSE(write(*attempt, "more"));
  pass(60);
  EXPECT_EQ(take(), "writable, failed timeout");
  EXPECT_NE(detail.find("took nothing"), detail.npos) << detail;
}

TEST_F(AttemptTest, behind_a_101_both_sides_speak_and_words_of_ours_are_signs_of_life) {
  times.idle_ms = 200;
  const auto attempt = start(false, Sends::upgrade);
  Wire& wire = dialer.succeed();
  wire.take();
  wire.give("HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\nhi");
  EXPECT_EQ(take(), "head 101, body hi");
  attempt->content();
  for (int i = 0; i < 2; ++i) {
    pass(120);
    EXPECT_TRUE(write(*attempt, "a"));
  }
  EXPECT_EQ(wire.take(), "aa");
  EXPECT_EQ(take(), "");
  wire.eof();
  EXPECT_EQ(take(), "end");
  EXPECT_EQ(pool.size(), 0u);
}

TEST_F(AttemptTest, over_it_minds_no_command) {
  times.first_byte_ms = times.idle_ms = 10;
  const auto attempt = start();
  Wire& wire = dialer.succeed();
  wire.give(kAnswer);
  attempt->content();
  attempt->pause();
  attempt->resume();
  attempt->cancel();
  EXPECT_EQ(pool.idle(), 1u) << "the connection is the pool's again";
  EXPECT_FALSE(wire.closed);
  pass(30);
  EXPECT_EQ(take(), "head 200, body hi, end");
}

}  // namespace
}  // namespace spillway
