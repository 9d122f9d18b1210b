// The shortcut for ordinary heads: what it reads, and all that it leaves to llhttp. That both come to the same is asked
// of the whole corpus in tests/http1 and, of heads made here, of the reader.
#include "http/plain_fields.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "http/reader.h"

namespace spillway {
namespace {

bool plain(std::string_view text, const ReadLimits& limits = {}) {
  Headers list;
  return !text.empty() && read_plain_fields(text, limits, list) == text.size();
}

TEST(PlainFields, are_names_and_values_without_the_blanks_around) {
  Headers list;
  ASSERT_TRUE(read_plain_fields("Host: a\r\nx-Y:\t b c \t\r\nEmpty:\r\nLong: 0123456789abcdef0123456789abcdef\r\n\r\n",
                                {}, list));
  ASSERT_EQ(list.size(), 4u);
  EXPECT_EQ(list.get("host"), "a");
  EXPECT_EQ(list.get("X-y"), "b c");
  ASSERT_NE(list.find("empty"), nullptr);
  EXPECT_EQ(list.get("empty"), "");
  EXPECT_EQ(list.get("long"), "0123456789abcdef0123456789abcdef");
  EXPECT_TRUE(plain("\r\n"));
}

TEST(PlainFields, are_not_what_no_line_should_be) {
  for (const char* text : {"", "\n", "a: b", "a: b\n\r\n", "a b: c\r\n\r\n", ": b\r\n\r\n", "a : b\r\n\r\n",
                           "a\r\n\r\n", "a: b\rc\r\n\r\n", "a: b\r\n c\r\n\r\n", "a: \x01\r\n\r\n", "a: \x7f\r\n\r\n",
                           "a: 0123456789abcdef\x02\r\n\r\n", "a: b\r\r\n\r\n", "a: b\r\n\n\r\n"}) {
    EXPECT_FALSE(plain(text)) << text;
  }
  EXPECT_FALSE(plain(std::string_view("a: b\0c\r\n\r\n", 11)));
}

TEST(PlainFields, are_framing_in_its_one_usual_spelling_only) {
  for (const char* field : {"Content-Length: 12", "Transfer-Encoding: chunked", "Connection: close",
                            "connection: Close", "Connection: keep-alive"}) {
    EXPECT_TRUE(plain(std::string(field) + "\r\n\r\n")) << field;
  }
  for (const char* field :
       {"Content-Length:", "Content-Length: +1", "Content-Length: 1,1", "Content-Length: 1 1",
        "Content-Length: 1\r\nContent-Length: 1", "Content-Length: 1\r\nTransfer-Encoding: chunked",
        "Content-Length: 1234567890123456", "Transfer-Encoding: Chunked", "Transfer-Encoding: gzip, chunked",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", "Connection: upgrade", "Connection: close, x",
        "Proxy-Connection: close", "Upgrade: h2c"}) {
    EXPECT_FALSE(plain(std::string(field) + "\r\n\r\n")) << field;
  }
}

TEST(PlainFields, keep_within_the_limits) {
  ReadLimits limits;
  limits.fields = 2;
  limits.field_bytes = 6;
  EXPECT_TRUE(plain("a: b\r\nc: def\r\n\r\n", limits));
  EXPECT_FALSE(plain("a: b\r\nc: defg\r\n\r\n", limits));
  EXPECT_FALSE(plain("a: b\r\nc: d\r\ne: f\r\n\r\n", limits));
}

TEST(PlainFields, end_at_the_first_empty_line) {
  Headers list;
  EXPECT_EQ(read_plain_fields("a: b\r\n\r\nmore\r\n\r\n", {}, list), 8u);
  EXPECT_EQ(read_plain_fields("\r\nmore", {}, list), 2u);
}

// Of these a writer may copy the whole line; of others it may not.
TEST(PlainFields, know_the_lines_that_a_writer_would_write) {
  Headers list;
  ASSERT_GT(read_plain_fields("a: b\r\nb:c\r\nc:  d\r\nd: e \r\ne:\tf\r\nf: \r\ng:\r\nh_i: 0123456789abcdef0\r\n\r\n",
                              {}, list),
            0u);
  std::string whole;
  for (const Header& field : list) whole += field.whole_line ? field.name : "-";
  EXPECT_EQ(whole, "a----f-h_i");
}

TEST(PlainFields, are_known_by_their_names_in_any_case) {
  Headers list;
  ASSERT_GT(read_plain_fields("HOST: a\r\nte: b\r\nVia: c\r\nContent-TYPE: d\r\nX-Spillway-Tags: e\r\nx-spillway-: "
                              "f\r\nX_Api_Key: g\r\nhost2: h\r\nhos4: i\r\nCookies: j\r\n\r\n",
                              {}, list),
            0u);
  std::vector<FieldId> ids;
  for (const Header& field : list) ids.push_back(field.id);
  EXPECT_EQ(ids, (std::vector<FieldId>{FieldId::host, FieldId::te, FieldId::via, FieldId::content_type, FieldId::ours,
                                       FieldId::other, FieldId::underscored, FieldId::other, FieldId::other,
                                       FieldId::other}));
}

TEST(PlainRequestLine, is_a_path_asked_for_in_the_two_usual_ways) {
  RequestHead head;
  EXPECT_EQ(read_plain_request_line("POST /a?b={} HTTP/1.1\r\nmore", {}, head), 23u);
  EXPECT_EQ(head.method, "POST");
  EXPECT_EQ(head.target, "/a?b={}");
  EXPECT_EQ(head.minor, 1);
  EXPECT_EQ(read_plain_request_line("GET / HTTP/1.0\r\n", {}, head), 16u);
  EXPECT_EQ(head.minor, 0);
  for (const char* line : {"", "GET", "GET ", "GET  / HTTP/1.1\r\n", "get / HTTP/1.1\r\n", "PUT / HTTP/1.1\r\n",
                           "GET /{ HTTP/1.1\r\n", "GET /?a#b HTTP/1.1\r\n", "GET /  HTTP/1.1\r\n", "GET * HTTP/1.1\r\n",
                           "GET / HTTP/1.2\r\n", "GET / HTTP/1.1\n\n", "GET / HTTP/1.1\r", "GET / HTTP/1.1 \r\n",
                           "GET http://a/ HTTP/1.1\r\n", "GET /", "GET ?a HTTP/1.1\r\n"}) {
    EXPECT_EQ(read_plain_request_line(line, {}, head), 0u) << line;
  }
  ReadLimits limits;
  limits.target_bytes = 3;
  EXPECT_GT(read_plain_request_line("GET /ab HTTP/1.1\r\n", limits, head), 0u);
  EXPECT_EQ(read_plain_request_line("GET /abc HTTP/1.1\r\n", limits, head), 0u);
}

TEST(PlainStatusLine, is_of_a_last_answer_with_a_reason) {
  ResponseHead head;
  EXPECT_EQ(read_plain_status_line("HTTP/1.1 200 OK\r\nmore", {}, head), 17u);
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(read_plain_status_line("HTTP/1.0 404 \r\n", {}, head), 15u);
  EXPECT_EQ(head.minor, 0);
  for (const char* line : {"", "HTTP/1.1 200\r\n", "HTTP/1.1 100 Continue\r\n", "HTTP/1.1 600 X\r\n",
                           "HTTP/1.1 20 OK\r\n", "HTTP/1.1  200 OK\r\n", "HTTP/2.0 200 OK\r\n", "HTTP/1.1 200 OK\n",
                           "HTTP/1.1 200 O\x01\r\n", "HTTP/1.1 200 OK\r", "HTTP/1.1 200 OK"}) {
    EXPECT_EQ(read_plain_status_line(line, {}, head), 0u) << line;
  }
}

// A field Proxy-Connection sends the same head to llhttp, whose verdict and fields must be the same but for that one.
TEST(PlainFields, are_read_as_llhttp_reads_it) {
  for (const std::string start : {"GET / HTTP/1.1\r\nHost: a\r\n", "POST /v1?a='{|}^ HTTP/1.0\r\nHost: [::1]:80\r\n"}) {
    for (const char* rest :
         {"", "a:b\r\n", "a: \t b\t \r\n", "Empty: \r\n", "Content-Length: 0\r\n", "x!#$%&'*+-.^_`|~9: \x80\xff\r\n",
          "Connection: keep-alive\r\n", "Expect: 100-continue\r\nContent-Length: 3\r\n"}) {
      RequestReader quick{ReadLimits{}}, slow{ReadLimits{}};
      const std::string text = start + rest;
      std::string in = text + "\r\n", longer = text + "Proxy-Connection: x\r\n\r\n";
      std::string_view quick_in = in, slow_in = longer;
      const auto quick_step = quick.next(quick_in), slow_step = slow.next(slow_in);
      ASSERT_TRUE(quick_step && slow_step) << text;
      EXPECT_EQ(*quick_step, *slow_step);
      ASSERT_EQ(quick.head().headers.size() + 1, slow.head().headers.size()) << text;
      const auto* other = slow.head().headers.begin().base();
      for (const Header& field : quick.head().headers) {
        EXPECT_EQ(field.name, other->name);
        EXPECT_EQ(field.value, other->value);
        ++other;
      }
      EXPECT_EQ(quick.head().path, slow.head().path);
      EXPECT_EQ(quick.head().keep_alive, slow.head().keep_alive);
      EXPECT_EQ(quick.head().length, slow.head().length);
    }
  }
}

}  // namespace
}  // namespace spillway
