// How each answer ended, fed whole and byte by byte.
#include "cli/bench_answer.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace spillway::bench {
namespace {

const std::string kOk = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";
const std::string kStreamHead = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n";

std::string word(const std::string& text, const char* finish = "null") {
  return R"(data: {"choices":[{"index":0,"delta":{"content":")" + text + R"("},"finish_reason":)" + finish + "}]}\n\n";
}
const std::string kRole = "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\"}}]}\n\n";
const std::string kDone = "data: [DONE]\n\n";

std::string stream(const std::string& events) {
  return kStreamHead + "Content-Length: " + std::to_string(events.size()) + "\r\n\r\n" + events;
}

enum class After { nothing, eof, reset };

struct Ended {
  Ending ending;
  int status;
  bool reusable;
};

// The same however the bytes are cut.
Ended read(const std::string& bytes, bool streamed, After after = After::nothing) {
  std::vector<Ended> all;
  for (const std::size_t piece : {bytes.size(), std::size_t{1}}) {
    Tally tally;
    JsonScanner scanner;
    Answer answer(streamed, tally, scanner);
    answer.begin(0, true);
    auto state = Answer::State::reading;
    for (std::size_t at = 0; at < bytes.size() && state == Answer::State::reading; at += piece) {
      state = answer.feed(std::string_view(bytes).substr(at, piece), 1000);
    }
    EXPECT_EQ(state == Answer::State::over, after == After::nothing);
    if (after == After::eof) answer.eof();
    if (after == After::reset) answer.broken();
    all.push_back({answer.ending(), answer.status(), answer.reusable()});
  }
  EXPECT_EQ(all[0].ending, all[1].ending);
  return all[1];
}

TEST(BenchAnswer, plain_answers_end_by_status) {
  EXPECT_EQ(read(kOk, false).ending, Ending::ok);
  EXPECT_TRUE(read(kOk, false).reusable);
  const Ended refused = read("HTTP/1.1 429 Too Many Requests\r\nContent-Length: 1\r\n\r\nx", false);
  EXPECT_EQ(refused.ending, Ending::status);
  EXPECT_EQ(refused.status, 429);
  EXPECT_TRUE(refused.reusable);
  EXPECT_FALSE(read("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", false).reusable);
}

TEST(BenchAnswer, cut_answers_are_resets_and_no_http_is_invalid) {
  EXPECT_EQ(read("", false, After::eof).ending, Ending::reset);
  EXPECT_EQ(read(kOk.substr(0, kOk.size() - 1), false, After::eof).ending, Ending::reset);
  EXPECT_EQ(read(kOk.substr(0, 20), false, After::reset).ending, Ending::reset);
  EXPECT_EQ(read("SMTP ready\r\n\r\n", false).ending, Ending::invalid);
  const Ended until_close = read("HTTP/1.1 200 OK\r\n\r\nall of it", false, After::eof);
  EXPECT_EQ(until_close.ending, Ending::ok);
  EXPECT_FALSE(until_close.reusable);
}

TEST(BenchAnswer, streams_must_have_their_end) {
  EXPECT_EQ(read(stream(kRole + word("a") + kDone), true).ending, Ending::ok);
  EXPECT_EQ(read(stream(kRole + word("a") + word("", "\"stop\"")), true).ending, Ending::ok);
  EXPECT_EQ(read(stream(kRole + word("a")), true).ending, Ending::broken_stream);
  EXPECT_EQ(read(stream(kRole + word("a") + "data: [DO"), true).ending, Ending::broken_stream);
  EXPECT_EQ(read(stream("data: not json\n\n" + kDone), true).ending, Ending::broken_stream);
  EXPECT_EQ(read(kOk, true).ending, Ending::broken_stream) << "a whole answer is no stream";
}

TEST(BenchAnswer, broken_streams_errors_in_streams_and_refusals_are_told_apart) {
  const std::string chunked = kStreamHead + "Transfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(read(chunked + "zz\r\n", true).ending, Ending::broken_stream);
  EXPECT_EQ(read(chunked, true, After::reset).ending, Ending::broken_stream);
  EXPECT_EQ(read(kStreamHead + "\r\n" + kRole, true, After::eof).ending, Ending::broken_stream);
  EXPECT_EQ(read(stream(word("a") + "data: {\"error\":{\"message\":\"overloaded\"}}\n\n"), true).ending,
            Ending::stream_error);
  EXPECT_EQ(read("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n", true).ending, Ending::status);
  EXPECT_EQ(read("", true, After::reset).ending, Ending::reset) << "before the head it is no stream yet";
}

TEST(BenchAnswer, first_content_is_not_the_role_and_gaps_lie_between_events) {
  Tally tally;
  JsonScanner scanner;
  Answer answer(true, tally, scanner);
  answer.begin(100, true);
  answer.feed(kStreamHead + "Transfer-Encoding: chunked\r\n\r\n", 150);
  const auto chunk = [](const std::string& text) {
    char size[16];
    std::snprintf(size, sizeof size, "%zx\r\n", text.size());
    return size + text + "\r\n";
  };
  answer.feed(chunk(kRole), 200);
  answer.feed(chunk(": comment\n\n"), 250);
  answer.feed(chunk(word("a")), 300);
  answer.feed(chunk(word("b")), 350);
  EXPECT_EQ(answer.feed(chunk(kDone) + "0\r\n\r\n", 400), Answer::State::over);
  EXPECT_EQ(answer.ending(), Ending::ok);
  EXPECT_EQ(tally.first_content.count(), 1u);
  EXPECT_EQ(tally.first_content.max_ns(), 200u);
  EXPECT_EQ(tally.events, 4u);
  EXPECT_EQ(tally.gaps.count(), 3u);
  EXPECT_EQ(tally.gaps.min_ns(), 50u);
  EXPECT_EQ(tally.gaps.max_ns(), 100u);
}

TEST(BenchAnswer, warm_up_leaves_no_trace_and_one_reader_serves_many) {
  Tally tally;
  JsonScanner scanner;
  Answer answer(true, tally, scanner);
  for (int i = 0; i < 3; ++i) {
    answer.begin(0, false);
    EXPECT_EQ(answer.feed(stream(kRole + word("a") + kDone), 10), Answer::State::over);
    EXPECT_EQ(answer.ending(), Ending::ok);
  }
  EXPECT_EQ(tally.events + tally.bytes_in + tally.first_content.count() + tally.gaps.count(), 0u);
}

TEST(BenchAnswer, a_new_connection_forgets_a_broken_one) {
  Tally tally;
  JsonScanner scanner;
  Answer answer(false, tally, scanner);
  answer.begin(0, true);
  EXPECT_EQ(answer.feed("nonsense\r\n\r\n", 1), Answer::State::over);
  answer.connected();
  answer.begin(0, true);
  EXPECT_EQ(answer.feed(kOk, 1), Answer::State::over);
  EXPECT_EQ(answer.ending(), Ending::ok);
}

TEST(BenchAnswer, bytes_after_an_answer_end_the_connection) {
  Tally tally;
  JsonScanner scanner;
  Answer answer(false, tally, scanner);
  answer.begin(0, true);
  EXPECT_EQ(answer.feed(kOk + "x", 1), Answer::State::over);
  EXPECT_EQ(answer.ending(), Ending::ok);
  EXPECT_FALSE(answer.reusable());
}

}  // namespace
}  // namespace spillway::bench
