// The corpus against the readers: every case whole, byte by byte and cut at every offset gives the same messages, the
// same fields and the same verdict, and those that the case names. What follows a message is proved by a further
// request behind it: it must be heard, or, where the connection ends, must not.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <iostream>
#include <set>

#include "http1/corpus.h"
#include "support/http_feed.h"

namespace spillway {
namespace {

constexpr std::size_t kCutEverywhere = 4096;  // longer cases are cut around their edges and here and there
constexpr std::string_view kNext = "GET /next HTTP/1.1\r\nHost: next\r\n\r\n";
constexpr std::string_view kNextReply = "HTTP/1.1 299 Next\r\nContent-Length: 0\r\n\r\n";

ReadLimits corpus_limits() {
  ReadLimits limits;
  limits.body_bytes = 64 * 1024;  // as the end-to-end runner configures it
  return limits;
}

std::vector<corpus::Case> cases(const std::string& prefix) {
  std::string error;
  auto all = corpus::load(std::string(SPW_SOURCE_DIR) + "/tests/http1", prefix, error);
  EXPECT_EQ(error, "");
  return all;
}

std::vector<std::size_t> cuts_of(std::size_t size) {
  std::set<std::size_t> cuts;
  for (std::size_t at = 1; at < size; ++at) {
    if (size <= kCutEverywhere || at < 64 || size - at < 64 || at % 997 == 0) cuts.insert(at);
  }
  return {cuts.begin(), cuts.end()};
}

struct Tally {
  std::size_t feedings = 0, cuts = 0;
};

using Hear = std::function<Heard(const Pieces&)>;  // why: a test, and the two readers have no common type

void check(const std::string& bytes, const std::string& expected, const Hear& hear_pieces, Tally& tally) {
  const std::string_view all = bytes;
  const Heard whole = hear_pieces({all});
  EXPECT_EQ(whole.summary, expected);
  const auto same = [&](const Pieces& pieces, const std::string& how) {
    ++tally.feedings;
    const Heard other = hear_pieces(pieces);
    if (other.summary == whole.summary && other.fields == whole.fields) return true;
    ADD_FAILURE() << how << ": " << other.summary << "\n" << other.fields << "whole: " << whole.fields;
    return false;
  };
  if (!same(one_by_one(all), "byte by byte")) return;
  for (const std::size_t cut : cuts_of(bytes.size())) {
    ++tally.cuts;
    if (!same({all.substr(0, cut), all.substr(cut)}, "cut at " + std::to_string(cut))) return;
  }
}

bool ends_whole(const corpus::Case& item) {
  return !item.expect.empty() && item.expect.back().whole && !item.expect.back().verdict && !item.open;
}

void report(const char* what, std::size_t count, const Tally& tally) {
  std::cout << what << ": " << count << " cases, " << tally.cuts << " cuts, " << tally.feedings << " feedings\n";
}

TEST(Corpus, requests_have_one_meaning_however_they_are_cut) {
  Tally tally;
  const auto all = cases("request");
  for (const corpus::Case& item : all) {
    SCOPED_TRACE(item.place + ": " + item.name);
    std::string bytes = item.bytes, expected = corpus::heard(item);
    const bool complete = ends_whole(item);
    if (complete) bytes += kNext;
    if (complete && !item.close) expected += "; GET /next end";
    check(
        bytes, expected, [](const Pieces& pieces) { return hear(pieces, corpus_limits()); }, tally);
  }
  report("requests", all.size(), tally);
  EXPECT_GE(all.size(), 250u);
}

bool reusable(const corpus::Case& item) {
  ResponseReader reader(corpus_limits());
  reader.expect(item.head_request);
  std::string_view in = item.bytes;
  while (!in.empty()) {
    const Result<Step> step = reader.next(in);
    if (!step || *step == Step::more) return false;
    if (*step == Step::end) return in.empty() && reader.head().keep_alive;
  }
  return false;
}

TEST(Corpus, replies_have_one_meaning_however_they_are_cut) {
  Tally tally;
  const auto all = cases("reply");
  for (const corpus::Case& item : all) {
    SCOPED_TRACE(item.place + ": " + item.name);
    const bool complete = ends_whole(item);
    std::string bytes = item.bytes, expected = corpus::heard(item);
    if (complete && !item.fin) {
      bytes += kNextReply;
      expected += "; 299 end";
    }
    const ResponseWay way{item.head_request, item.fin};
    check(
        bytes, expected, [&](const Pieces& pieces) { return hear(pieces, way, corpus_limits()); }, tally);
    EXPECT_EQ(reusable(item), complete && item.expect.size() == 1 && item.reuse);
  }
  report("replies", all.size(), tally);
  EXPECT_GE(all.size(), 80u);
}

TEST(Corpus, escapes_say_every_byte) {
  std::string out;
  EXPECT_TRUE(corpus::unescape("a\\s\\t\\r\\n\\0\\x7f\\\\\\{3*b\\x01}", out));
  EXPECT_EQ(out, std::string("a \t\r\n\0\x7f\\", 8) + "b\x01" + "b\x01" + "b\x01");
  EXPECT_FALSE(corpus::unescape("\\q", out));
  EXPECT_FALSE(corpus::unescape("\\x7", out));
  EXPECT_FALSE(corpus::unescape("\\{3a}", out));
}

}  // namespace
}  // namespace spillway
