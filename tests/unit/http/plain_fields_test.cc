// The shortcut for ordinary heads: what it reads, and all that it leaves to llhttp. That both come to the same is asked
// of the whole corpus in tests/http1 and, of heads made here, of the reader.
#include "http/plain_fields.h"

#include <gtest/gtest.h>

#include <string>

#include "http/reader.h"

namespace spillway {
namespace {

bool plain(std::string_view text, const ReadLimits& limits = {}) {
  Headers list;
  return read_plain_fields(text, limits, list);
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

TEST(PlainHead, ends_at_the_first_empty_line) {
  EXPECT_EQ(plain_head_bytes("GET / HTTP/1.1\r\na: b\r\n\r\nmore\r\n\r\n"), 24u);
  EXPECT_EQ(plain_head_bytes("GET / HTTP/1.1\r\n\r\n"), 18u);
  for (const char* text : {"", "\r\n", "GET / HTTP/1.1\r\na: b\r\n", "GET / HTTP/1.1\r\na: b\r\n\r", "a\n\nb"}) {
    EXPECT_EQ(plain_head_bytes(text), 0u) << text;
  }
}

// A field Proxy-Connection sends the same head to llhttp, whose verdict and fields must be the same but for that one.
TEST(PlainHead, is_read_as_llhttp_reads_it) {
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
