// Status lines, and where the body of a response ends (RFC 9112 4 and 6.3, reliability.md 2.4).
#include "http/response_check.h"

#include <gtest/gtest.h>

#include "support/http_feed.h"

namespace spillway {
namespace {

std::string ok(const std::string& fields, const std::string& body = "") {
  return "HTTP/1.1 200 OK\r\n" + fields + "\r\n" + body;
}
const std::string kNone = "Content-Length: 0\r\n\r\n";

TEST(StatusLine, is_version_status_and_reason) {
  check_responses({
      {"plain", "HTTP/1.1 200 OK\r\n" + kNone, "200 end"},
      {"1.0", "HTTP/1.0 200 OK\r\n" + kNone, "200 end"},
      {"no_reason", "HTTP/1.1 200 \r\n" + kNone, "200 end"},
      {"no_reason_no_space", "HTTP/1.1 200\r\n" + kNone, "200 end"},
      {"long_reason", "HTTP/1.1 404 Not Found At All\r\n" + kNone, "404 end"},
      {"latin_reason", "HTTP/1.1 200 \xe9\r\n" + kNone, "200 end"},
      {"599", "HTTP/1.1 599 X\r\n" + kNone, "599 end"},
      {"600", "HTTP/1.1 600 X\r\n" + kNone, "invalid"},
      {"999", "HTTP/1.1 999 X\r\n" + kNone, "invalid"},
      {"000", "HTTP/1.1 000 X\r\n" + kNone, "invalid"},
      {"099", "HTTP/1.1 099 X\r\n" + kNone, "invalid"},
      {"two_digits", "HTTP/1.1 20 X\r\n" + kNone, "invalid"},
      {"four_digits", "HTTP/1.1 2000 X\r\n" + kNone, "invalid"},
      {"letters", "HTTP/1.1 abc X\r\n" + kNone, "invalid"},
      {"2.0", "HTTP/2.0 200 OK\r\n" + kNone, "invalid"},
      {"1.2", "HTTP/1.2 200 OK\r\n" + kNone, "invalid"},
      {"lower_case", "http/1.1 200 OK\r\n" + kNone, "invalid"},
      {"two_spaces", "HTTP/1.1  200 OK\r\n" + kNone, "invalid"},
      {"bare_lf", "HTTP/1.1 200 OK\n" + kNone, "invalid"},
      {"control_in_reason", "HTTP/1.1 200 O\x01K\r\n" + kNone, "invalid"},
      {"nul_in_reason", std::string("HTTP/1.1 200 \0\r\n", 16) + kNone, "invalid"},
      {"empty_line_before", "\r\nHTTP/1.1 200 OK\r\n" + kNone, "invalid"},
      {"no_http", "hello", "invalid"},
      {"icy", "ICY 200 OK\r\n" + kNone, "invalid"},
      {"a_request", "GET / HTTP/1.1\r\n\r\n", "invalid"},
  });
}

TEST(ResponseBody, ends_by_length_chunks_or_close) {
  check_responses({
      {"length", ok("Content-Length: 3\r\n", "abc"), "200 [abc] end"},
      {"length_zero", ok("Content-Length: 0\r\n"), "200 end"},
      {"chunked", ok("Transfer-Encoding: chunked\r\n", "3\r\nabc\r\n0\r\n\r\n"), "200 [abc] end"},
      {"trailer", ok("Transfer-Encoding: chunked\r\n", "0\r\nX: y\r\n\r\n"), "200 end"},
      {"two_on_one_connection", ok("Content-Length: 1\r\n", "a") + ok("Content-Length: 1\r\n", "b"),
       "200 [a] end; 200 [b] end"},
      {"until_close", ok("", "abc"), "200 [abc]"},
      {"length_and_chunked", ok("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), "invalid"},
      {"chunked_and_length", ok("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", "0\r\n\r\n"), "invalid"},
      {"two_lengths", ok("Content-Length: 3\r\nContent-Length: 3\r\n", "abc"), "invalid"},
      {"length_list", ok("Content-Length: 3, 3\r\n", "abc"), "invalid"},
      {"length_no_number", ok("Content-Length: x\r\n", "abc"), "invalid"},
      {"gzip_coding", ok("Transfer-Encoding: gzip\r\n", "abc"), "invalid"},
      {"gzip_chunked", ok("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), "invalid"},
      {"chunked_twice", ok("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), "invalid"},
      {"chunked_in_1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "invalid"},
      {"bad_chunk", ok("Transfer-Encoding: chunked\r\n", "x\r\n"), "200; invalid"},
      {"bad_field", ok("X Y: z\r\n"), "invalid"},
      {"folded", ok("X: y\r\n z\r\nContent-Length: 0\r\n"), "invalid"},
      {"bare_lf", ok("X: y\nContent-Length: 0\r\n"), "invalid"},
      {"nul", ok(std::string("X: \0\r\n", 6)), "invalid"},
      {"empty_name", ok(": y\r\n"), "invalid"},
      {"tabs", ok("Content-Length:\t3\t\r\n", "abc"), "200 [abc] end"},
  });
}

TEST(ResponseBody, is_absent_whatever_the_fields_say_for_204_304_and_head) {
  const std::string fields = "Content-Length: 3\r\n\r\n";
  check_responses({
      {"204", "HTTP/1.1 204 No Content\r\n" + fields + ok("Content-Length: 0\r\n"), "204 end; 200 end"},
      {"304", "HTTP/1.1 304 Not Modified\r\n" + fields + ok("Content-Length: 0\r\n"), "304 end; 200 end"},
      {"204_chunked", "HTTP/1.1 204 X\r\nTransfer-Encoding: chunked\r\n\r\n", "204 end"},
      {"204_without", "HTTP/1.1 204 X\r\n\r\n", "204 end"},
      {"304_both", "HTTP/1.1 304 X\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n", "invalid"},
  });
  check_responses(
      {
          {"head_length", ok("Content-Length: 3\r\n"), "200 end"},
          {"head_chunked", ok("Transfer-Encoding: chunked\r\n"), "200 end"},
          {"head_without", ok(""), "200 end"},
      },
      {.head_request = true});
}

TEST(ResponseEnd, tells_a_complete_body_from_one_cut_short) {
  check_responses(
      {
          {"until_close", ok("", "abc"), "200 [abc] end"},
          {"until_close_empty", ok(""), "200 end"},
          {"until_close_1.0", "HTTP/1.0 200 OK\r\n\r\nabc", "200 [abc] end"},
          {"length_short", ok("Content-Length: 3\r\n", "ab"), "200 [ab]; cut"},
          {"length_none", ok("Content-Length: 3\r\n"), "200; cut"},
          {"chunks_short", ok("Transfer-Encoding: chunked\r\n", "3\r\nabc\r\n"), "200 [abc]; cut"},
          {"chunks_no_last_line", ok("Transfer-Encoding: chunked\r\n", "0\r\n"), "200; cut"},
          {"head_short", "HTTP/1.1 200 OK\r\nContent-", "cut"},
          {"nothing", "", "cut"},
          {"after_the_end", ok("Content-Length: 1\r\n", "a"), "200 [a] end; cut"},
      },
      {.eof = true});
}

TEST(Interim, responses_are_skipped_up_to_eight_and_101_never) {
  const std::string interim = "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n";
  const std::string last = ok("Content-Length: 1\r\n", "a");
  check_responses({
      {"100", "HTTP/1.1 100 Continue\r\n\r\n" + last, "200 [a] end"},
      {"eight", repeat(interim, 8) + last, "200 [a] end"},
      {"nine", repeat(interim, 9) + last, "invalid"},
      {"each_response_anew", repeat(interim, 5) + last + repeat(interim, 5) + last, "200 [a] end; 200 [a] end"},
      {"with_length", "HTTP/1.1 100 Continue\r\nContent-Length: 5\r\n\r\n" + last, "200 [a] end"},
      {"101", "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n", "invalid"},
      {"101_bare", "HTTP/1.1 101 Switching Protocols\r\n\r\n", "invalid"},
      {"upgrade_offered", ok("Upgrade: h2c\r\nConnection: Upgrade\r\nContent-Length: 1\r\n", "a"), "200 [a] end"},
  });
}

TEST(Limits, of_response_heads_hold) {
  ReadLimits limits;
  limits.field_bytes = 20;
  limits.head_bytes = 60;
  limits.fields = 2;
  check_responses(
      {
          {"field_at", ok("X: " + std::string(17, 'y') + "\r\n", ""), "200"},
          {"field_over", ok("X: " + std::string(18, 'y') + "\r\n", ""), "limit"},
          {"head_over", ok(repeat("Xxxxxxxx: yyyyyyyyy\r\n", 2) + "A: b\r\n", ""), "limit"},
          {"fields_over", ok(repeat("X: y\r\n", 3), ""), "limit"},
          {"status_line_at", "HTTP/1.1 200 " + std::string(7, 'x') + "\r\n\r\n", "200"},
          {"status_line_over", "HTTP/1.1 200 " + std::string(8, 'x') + "\r\n\r\n", "limit"},
      },
      {}, limits);
}

TEST(Limits, of_bodies_are_not_for_responses_which_are_relayed) {
  ReadLimits limits;
  limits.body_bytes = 2;
  check_responses(
      {
          {"length", ok("Content-Length: 3\r\n", "abc"), "200 [abc] end"},
          {"chunked", ok("Transfer-Encoding: chunked\r\n", "3\r\nabc\r\n0\r\n\r\n"), "200 [abc] end"},
          {"until_close", ok("", "abc"), "200 [abc]"},
      },
      {}, limits);
}

bool keeps(const std::string& bytes) {
  ResponseReader reader{ReadLimits{}};
  std::string_view in = bytes;
  EXPECT_EQ(*reader.next(in), Step::head) << bytes;
  return reader.head().keep_alive;
}

TEST(ResponseKeepAlive, needs_an_end_that_is_not_the_close) {
  EXPECT_TRUE(keeps("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
  EXPECT_TRUE(keeps("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"));
  EXPECT_TRUE(keeps("HTTP/1.1 204 OK\r\n\r\n"));
  EXPECT_TRUE(keeps("HTTP/1.1 204 OK\r\nContent-Length: 0\r\n\r\n"));
  EXPECT_FALSE(keeps("HTTP/1.1 204 OK\r\nContent-Length: 3\r\n\r\n")) << "a body may follow";
  EXPECT_FALSE(keeps("HTTP/1.1 204 OK\r\nTransfer-Encoding: chunked\r\n\r\n")) << "a body may follow";
  EXPECT_FALSE(keeps("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"));
  EXPECT_FALSE(keeps("HTTP/1.1 200 OK\r\n\r\n"));
  EXPECT_FALSE(keeps("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n"));
  EXPECT_TRUE(keeps("HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n"));
  EXPECT_FALSE(keeps("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\n"));
}

}  // namespace
}  // namespace spillway
