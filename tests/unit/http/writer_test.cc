// Heads as they leave us: nothing in them can begin a line of its own.
#include "http/writer.h"

#include <gtest/gtest.h>

#include "http/plain_fields.h"
#include "support/http_feed.h"

namespace spillway {
namespace {

TEST(HeadWriter, writes_a_request_that_our_reader_takes) {
  std::string head = "left over";
  HeadWriter writer(head);
  EXPECT_TRUE(writer.request("POST", "/v1/chat?a", "api.example.com:81"));
  EXPECT_TRUE(writer.field("content-type", "application/json"));
  EXPECT_TRUE(writer.field("content-length", std::uint64_t{0}));
  writer.end();
  EXPECT_EQ(head,
            "POST /v1/chat?a HTTP/1.1\r\nHost: api.example.com:81\r\ncontent-type: application/json\r\n"
            "content-length: 0\r\n\r\n");
  EXPECT_EQ(hear_request(head), "POST /v1/chat?a end");
}

TEST(HeadWriter, writes_a_response_that_our_reader_takes) {
  std::string head;
  HeadWriter writer(head);
  writer.status(529);
  EXPECT_TRUE(writer.field("content-length", std::uint64_t{18446744073709551615u}));
  EXPECT_EQ(writer.text(), "HTTP/1.1 529 Overloaded\r\ncontent-length: 18446744073709551615\r\n");
  std::string second = "left over";
  HeadWriter again(second);
  again.status(200, 0);
  again.end();
  EXPECT_EQ(second, "HTTP/1.0 200 OK\r\n\r\n");
  EXPECT_EQ(hear_response(second), "200");
}

TEST(HeadWriter, adds_to_what_a_field_said_before) {
  std::string head;
  {
    HeadWriter writer(head);
    EXPECT_TRUE(writer.field_behind("via", "1.0 a", "1.1 b"));
    EXPECT_TRUE(writer.field_behind("via", "", "1.1 b"));
    EXPECT_FALSE(writer.field_behind("via", "1.0 a\r\nx: y", "1.1 b"));
  }
  EXPECT_EQ(head, "via: 1.0 a, 1.1 b\r\nvia: 1.1 b\r\n");
}

TEST(HeadWriter, every_bad_byte_is_seen_wherever_it_stands) {
  std::string head;
  HeadWriter writer(head);
  for (std::size_t size : {1, 15, 16, 17, 40}) {
    for (std::size_t at = 0; at < size; ++at) {
      for (int c = 0; c < 256; ++c) {
        std::string value(size, 'v');
        value[at] = static_cast<char>(c);
        EXPECT_EQ(writer.field("n", value), c == '\t' || (c >= 0x20 && c != 0x7f)) << c << " at " << at;
      }
    }
  }
}

TEST(HeadWriter, refuses_fields_that_would_not_be_one_field) {
  std::string head;
  HeadWriter writer(head);
  for (const std::string_view value :
       {std::string_view("a\rb"), std::string_view("a\nb"), std::string_view("a\r\nX: y"), std::string_view("a\0b", 3),
        std::string_view("\x01"), std::string_view("\x7f")}) {
    EXPECT_FALSE(writer.field("x", value)) << value;
  }
  for (const std::string_view name : {"", "a b", "a:", "a\r\n", "a\n", "\xc3\xa9", "a\t", " a", "(a)"}) {
    EXPECT_FALSE(writer.foreign_field(name, "v")) << name;
  }
  EXPECT_EQ(writer.text(), "");
  EXPECT_TRUE(writer.field("x", "a\tb \xc3\xa9"));
  EXPECT_TRUE(writer.field("x", ""));
  EXPECT_EQ(writer.text(), "x: a\tb \xc3\xa9\r\nx: \r\n");
}

TEST(HeadWriter, encodes_what_may_not_stand_in_a_target) {
  std::string head;
  HeadWriter writer(head);
  EXPECT_TRUE(writer.request("GET", "/a b\r\nX: y\x7f\xc3", "h"));
  EXPECT_EQ(writer.text(), "GET /a%20b%0D%0AX:%20y%7F%C3 HTTP/1.1\r\nHost: h\r\n");
  HeadWriter empty(head);
  EXPECT_TRUE(empty.request("GET", "", "h"));
  EXPECT_EQ(empty.text(), "GET / HTTP/1.1\r\nHost: h\r\n");
}

TEST(HeadWriter, refuses_a_method_or_host_that_would_break_the_head) {
  std::string head;
  HeadWriter writer(head);
  EXPECT_FALSE(writer.request("GET /", "/", "h"));
  EXPECT_FALSE(writer.request("", "/", "h"));
  EXPECT_FALSE(writer.request("GET", "/", "h\r\nX: y"));
  EXPECT_FALSE(writer.request("GET", "/", "h i"));
  EXPECT_FALSE(writer.request("GET", "/", ""));
  EXPECT_EQ(writer.text(), "");
}

TEST(HeadWriter, writes_lines_of_ours_and_fields_that_were_read) {
  std::string text;
  HeadWriter writer(text);
  writer.line("via: 1.1 spillway\r\n");
  EXPECT_TRUE(writer.read_field({"X-Y", "z", FieldId::other}));
  EXPECT_FALSE(writer.read_field({"x", "a\r\nb: c", FieldId::other}));
  EXPECT_FALSE(writer.read_field({"x\n", "a", FieldId::other}));
  EXPECT_EQ(writer.text(), "via: 1.1 spillway\r\nX-Y: z\r\n");
}

TEST(HeadWriter, grows_and_takes_a_string_that_was_used_before) {
  std::string text(5000, 'x');
  text.clear();
  for (const std::size_t bytes : {10, 3000, 100'000}) {
    const std::string value(bytes, 'v');
    HeadWriter writer(text);
    writer.status(200);
    ASSERT_TRUE(writer.foreign_field("a", value));
    ASSERT_TRUE(writer.foreign_field("b", "c"));
    writer.end();
    EXPECT_EQ(text, "HTTP/1.1 200 OK\r\na: " + value + "\r\nb: c\r\n\r\n");
  }
}

TEST(ReasonPhrase, is_known_for_every_status_we_send) {
  for (const int status :
       {100, 200, 201, 204, 206, 301, 304, 400, 401, 402, 403, 404, 405, 408, 409, 413, 414, 415, 417,
        422, 424, 425, 426, 429, 431, 451, 498, 499, 500, 501, 502, 503, 504, 505, 520, 524, 529, 530}) {
    EXPECT_NE(reason_phrase(status), "Unknown") << status;
  }
  EXPECT_EQ(reason_phrase(429), "Too Many Requests");
  EXPECT_EQ(reason_phrase(599), "Unknown");
  EXPECT_EQ(reason_phrase(0), "Unknown");
}

TEST(ReasonPhrase, table_is_in_order) {
  int known = 0;
  for (int status = 100; status < 600; ++status) known += reason_phrase(status) == "Unknown" ? 0 : 1;
  EXPECT_EQ(known, 71) << "a status out of order is not found";
}

TEST(ChunkHead, is_the_size_in_hexadecimal) {
  char room[20];
  EXPECT_EQ(chunk_head(1, room), "1\r\n");
  EXPECT_EQ(chunk_head(0x1a3, room), "1a3\r\n");
  EXPECT_EQ(chunk_head(~std::size_t{0}, room), "ffffffffffffffff\r\n");
  const std::string body = std::string(chunk_head(3, room)) + "abc" + std::string(kChunkEnd) + std::string(kLastChunk);
  EXPECT_EQ(hear_response("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body), "200 [abc] end");
}

// Lines that stood together are copied together, and those between them that do not go are not.
TEST(HeadWriter, copies_lines_that_were_read_as_they_are) {
  const std::string read = "A: 1\r\nb: 2\r\nc:3\r\nd: 4\r\n\r\n";
  Headers list;
  ASSERT_EQ(read_plain_fields(read, {}, list), read.size());
  for (unsigned left_out = 0; left_out < 16; ++left_out) {
    std::string out, expected;
    HeadWriter writer(out);
    unsigned bit = 1;
    for (const Header& field : list) {
      if ((left_out & bit) == 0) {
        EXPECT_TRUE(writer.read_field(field));
        expected.append(field.name).append(": ").append(field.value).append("\r\n");
      }
      bit *= 2;
    }
    writer.line("x: y\r\n");
    EXPECT_EQ(writer.text(), expected + "x: y\r\n");
  }
  std::string out;
  {
    HeadWriter writer(out);
    for (const Header& field : list) writer.read_field(field);
  }
  EXPECT_EQ(out, "A: 1\r\nb: 2\r\nc: 3\r\nd: 4\r\n");
}

}  // namespace
}  // namespace spillway
