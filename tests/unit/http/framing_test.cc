// Where a request's body ends, and what becomes of its connection (RFC 9112 6 and 9, reliability.md 2.3).
#include "http/framing.h"

#include <gtest/gtest.h>

#include "support/http_feed.h"

namespace spillway {
namespace {

std::string post(const std::string& fields, const std::string& body = "") {
  return "POST / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n" + body;
}

TEST(ContentLength, is_digits_and_stands_alone) {
  check_requests({
      {"some", post("Content-Length: 3\r\n", "abc"), "POST / [abc] end"},
      {"zero", post("Content-Length: 0\r\n"), "POST / end"},
      {"none", post(""), "POST / end"},
      {"leading_zeros", post("Content-Length: 003\r\n", "abc"), "POST / [abc] end"},
      {"any_case", post("cONTENT-lENGTH: 3\r\n", "abc"), "POST / [abc] end"},
      {"no_space", post("Content-Length:3\r\n", "abc"), "POST / [abc] end"},
      {"spaces", post("Content-Length:   3  \r\n", "abc"), "POST / [abc] end"},
      {"short_body", post("Content-Length: 3\r\n", "ab"), "POST / [ab]"},
      {"no_body", post("Content-Length: 3\r\n"), "POST /"},
      {"get_with_body", "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx", "GET / [x] end"},
      {"tabs", post("Content-Length:\t3\t\r\n", "abc"), "POST / [abc] end"},
      {"tabs_and_spaces", post("Content-Length: \t 3 \t\r\n", "abc"), "POST / [abc] end"},
      {"inner_tab", post("Content-Length: 1\t2\r\n", "abc"), "400"},
      {"empty", post("Content-Length:\r\n", "abc"), "400"},
      {"plus", post("Content-Length: +3\r\n", "abc"), "400"},
      {"minus", post("Content-Length: -3\r\n", "abc"), "400"},
      {"hex", post("Content-Length: 0x3\r\n", "abc"), "400"},
      {"decimal", post("Content-Length: 3.0\r\n", "abc"), "400"},
      {"inner_space", post("Content-Length: 1 2\r\n", "abc"), "400"},
      {"list", post("Content-Length: 3, 3\r\n", "abc"), "400"},
      {"other_list", post("Content-Length: 3,4\r\n", "abc"), "400"},
      {"twice_the_same", post("Content-Length: 3\r\nContent-Length: 3\r\n", "abc"), "400"},
      {"twice", post("Content-Length: 3\r\nContent-Length: 4\r\n", "abc"), "400"},
      {"letters", post("Content-Length: abc\r\n", "abc"), "400"},
      {"utf8_digit", post("Content-Length: \xd9\xa3\r\n", "abc"), "400"},
      {"overflow", post("Content-Length: 18446744073709551619\r\n", "abc"), "400"},
      {"name_with_space", post("Content-Length : 3\r\n", "abc"), "400"},
      {"similar_name", post("Content_Length: 3\r\n"), "POST / end"},
  });
}

TEST(TransferEncoding, is_chunked_alone_in_http_1_1) {
  const std::string chunks = "3\r\nabc\r\n0\r\n\r\n";
  check_requests({
      {"chunked", post("Transfer-Encoding: chunked\r\n", chunks), "POST / [abc] end"},
      {"any_case", post("transfer-ENCODING: Chunked\r\n", chunks), "POST / [abc] end"},
      {"with_length", post("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", chunks), "400"},
      {"after_length", post("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", chunks), "400"},
      {"other_with_length", post("Content-Length: 3\r\nTransfer-Encoding: gzip\r\n", "abc"), "400"},
      {"gzip", post("Transfer-Encoding: gzip\r\n"), "501"},
      {"identity", post("Transfer-Encoding: identity\r\n"), "501"},
      {"gzip_chunked", post("Transfer-Encoding: gzip, chunked\r\n", chunks), "501"},
      {"chunked_gzip", post("Transfer-Encoding: chunked, gzip\r\n", chunks), "501"},
      {"chunked_identity", post("Transfer-Encoding: chunked, identity\r\n", chunks), "501"},
      {"chunked_chunked", post("Transfer-Encoding: chunked, chunked\r\n", chunks), "501"},
      {"empty_element", post("Transfer-Encoding: , chunked\r\n", chunks), "501"},
      {"parameter", post("Transfer-Encoding: chunked;a=b\r\n", chunks), "501"},
      {"quoted", post("Transfer-Encoding: \"chunked\"\r\n", chunks), "501"},
      {"xchunked", post("Transfer-Encoding: xchunked\r\n", chunks), "501"},
      {"chunkedx", post("Transfer-Encoding: chunkedx\r\n", chunks), "501"},
      {"empty", post("Transfer-Encoding:\r\n", chunks), "501"},
      {"two_fields", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", chunks), "400"},
      {"two_different", post("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", chunks), "400"},
      {"http_1_0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks, "400"},
      {"folded", post("Transfer-Encoding:\r\n chunked\r\n", chunks), "400"},
      {"cr_before", post("X: y\rTransfer-Encoding: chunked\r\n", chunks), "400"},
      {"name_with_space", post("Transfer-Encoding : chunked\r\n", chunks), "400"},
      {"vertical_tab",
       post("Transfer-Encoding: \x0b"
            "chunked\r\n",
            chunks),
       "400"},
      {"tabs", post("Transfer-Encoding:\tchunked\t\r\n", chunks), "POST / [abc] end"},
      {"similar_name", post("Transfer_Encoding: chunked\r\n"), "POST / end"},
  });
}

TEST(Singletons, that_decide_who_asks_and_what_a_body_is_come_once) {
  check_requests({
      {"type", post("Content-Type: a/b\r\nAuthorization: c\r\n"), "POST / end"},
      {"two_types", post("Content-Type: application/json\r\ncontent-type: multipart/form-data\r\n"), "400"},
      {"two_equal_types", post("Content-Type: a/b\r\nContent-Type: a/b\r\n"), "400"},
      {"two_credentials", post("Authorization: a\r\nAUTHORIZATION: b\r\n"), "400"},
  });
}

TEST(Upgrade, is_never_followed) {
  check_requests({
      {"websocket", post("Connection: Upgrade\r\nUpgrade: websocket\r\n", post("")), "POST / end; POST / end"},
      {"h2c", post("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n", post("")),
       "POST / end; POST / end"},
      {"with_body", post("Connection: upgrade\r\nUpgrade: x\r\nContent-Length: 2\r\n", "ab"), "POST / [ab] end"},
      {"without_connection", post("Upgrade: h2c\r\n", post("")), "POST / end; POST / end"},
  });
}

bool keeps(const std::string& version, const std::string& fields) {
  RequestReader reader{ReadLimits{}};
  const std::string bytes = "GET / HTTP/" + version + "\r\nHost: a\r\n" + fields + "\r\n";
  std::string_view in = bytes;
  EXPECT_EQ(*reader.next(in), Step::head) << fields;
  return reader.head().keep_alive;
}

TEST(KeepAlive, is_the_default_of_1_1_and_must_be_asked_for_in_1_0) {
  EXPECT_TRUE(keeps("1.1", ""));
  EXPECT_TRUE(keeps("1.1", "Connection: keep-alive\r\n"));
  EXPECT_FALSE(keeps("1.1", "Connection: close\r\n"));
  EXPECT_FALSE(keeps("1.1", "connection: CLOSE\r\n"));
  EXPECT_FALSE(keeps("1.1", "Connection: x, close ,y\r\n"));
  EXPECT_FALSE(keeps("1.1", "Connection: x\r\nConnection: close\r\n"));
  EXPECT_FALSE(keeps("1.1", "Connection: keep-alive, close\r\n"));
  EXPECT_TRUE(keeps("1.1", "Connection: closed\r\n"));
  EXPECT_TRUE(keeps("1.1", "Connection: Upgrade\r\nUpgrade: h2c\r\n"));
  EXPECT_FALSE(keeps("1.0", ""));
  EXPECT_TRUE(keeps("1.0", "Connection: Keep-Alive\r\n"));
  EXPECT_FALSE(keeps("1.0", "Connection: keep-alive, close\r\n"));
}

bool expects(const std::string& fields, const std::string& version = "1.1") {
  RequestReader reader{ReadLimits{}};
  const std::string bytes = "POST / HTTP/" + version + "\r\nHost: a\r\n" + fields + "\r\n";
  std::string_view in = bytes;
  EXPECT_EQ(*reader.next(in), Step::head) << fields;
  return reader.head().expect_continue;
}

TEST(Expect, asks_for_100_only_in_1_1_and_with_a_body) {
  EXPECT_TRUE(expects("Expect: 100-continue\r\nContent-Length: 1\r\n"));
  EXPECT_TRUE(expects("expect: 100-Continue\r\nTransfer-Encoding: chunked\r\n"));
  EXPECT_FALSE(expects("Expect: 100-continue\r\n"));
  EXPECT_FALSE(expects("Expect: 100-continue\r\nContent-Length: 0\r\n"));
  EXPECT_FALSE(expects("Expect: 200-ok\r\nContent-Length: 1\r\n"));
  EXPECT_FALSE(expects("Expect: 100-continue\r\nContent-Length: 1\r\n", "1.0"));
}

}  // namespace
}  // namespace spillway
