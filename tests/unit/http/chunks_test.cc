// Chunked bodies: framing, extensions, trailers and their limits (RFC 9112 7.1, reliability.md 2.5).
#include "http/chunks.h"

#include <gtest/gtest.h>

#include "support/http_feed.h"

namespace spillway {
namespace {

std::string chunked(const std::string& body) {
  return "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + body;
}
const std::string kEnd = "0\r\n\r\n";

TEST(Chunks, are_taken_off_the_body) {
  check_requests({
      {"one", chunked("3\r\nabc\r\n" + kEnd), "POST / [abc] end"},
      {"several", chunked("1\r\na\r\n2\r\nbc\r\n" + kEnd), "POST / [abc] end"},
      {"none", chunked(kEnd), "POST / end"},
      {"hex_small", chunked("a\r\n0123456789\r\n" + kEnd), "POST / [0123456789] end"},
      {"hex_large", chunked("A\r\n0123456789\r\n" + kEnd), "POST / [0123456789] end"},
      {"leading_zeros", chunked("003\r\nabc\r\n000\r\n\r\n"), "POST / [abc] end"},
      {"crlf_in_data", chunked("4\r\n\r\n\r\n\r\n" + kEnd), "POST / [\r\n\r\n] end"},
      {"data_like_an_end", chunked("5\r\n" + kEnd + "\r\n" + kEnd), "POST / [" + kEnd + "] end"},
      {"unfinished_data", chunked("3\r\nab"), "POST / [ab]"},
      {"unfinished_end", chunked("3\r\nabc\r\n0\r\n"), "POST / [abc]"},
      {"then_the_next", chunked("1\r\na\r\n" + kEnd) + chunked("1\r\nb\r\n" + kEnd), "POST / [a] end; POST / [b] end"},
  });
}

TEST(Chunks, end_where_their_size_says) {
  check_requests({
      {"too_long", chunked("2\r\nabc\r\n" + kEnd), "POST / [ab]; 400"},
      {"too_short", chunked("4\r\nabc\r\n" + kEnd), "POST / [abc\r]; 400"},
      {"no_end_of_data", chunked("3\r\nabc0\r\n\r\n"), "POST / [abc]; 400"},
      {"lf_after_data", chunked("3\r\nabc\n" + kEnd), "POST / [abc]; 400"},
      {"cr_after_data", chunked("3\r\nabc\r0\r\n\r\n"), "POST / [abc]; 400"},
  });
}

TEST(Chunks, have_a_plain_hexadecimal_size) {
  check_requests({
      {"empty", chunked("\r\nabc\r\n"), "POST /; 400"},
      {"plus", chunked("+3\r\nabc\r\n" + kEnd), "POST /; 400"},
      {"minus", chunked("-3\r\nabc\r\n" + kEnd), "POST /; 400"},
      {"0x", chunked("0x3\r\nabc\r\n" + kEnd), "POST /; 400"},
      {"no_hex", chunked("g\r\nabc\r\n" + kEnd), "POST /; 400"},
      {"space_before", chunked(" 3\r\nabc\r\n" + kEnd), "POST /; 400"},
      {"space_after", chunked("3 \r\nabc\r\n" + kEnd), "POST /; 400"},
      {"tab_after", chunked("3\t\r\nabc\r\n" + kEnd), "POST /; 400"},
      {"bare_lf", chunked("3\nabc\r\n" + kEnd), "POST /; 400"},
      {"bare_cr", chunked("3\rabc\r\n" + kEnd), "POST /; 400"},
      {"cr_cr_lf", chunked("3\r\r\nabc\r\n" + kEnd), "POST /; 400"},
      {"lf_after_the_last", chunked("0\n\r\n"), "POST /; 400"},
      {"lf_at_the_end", chunked("0\r\n\n"), "POST /; 400"},
      {"underscore", chunked("1_0\r\nabc\r\n"), "POST /; 400"},
      {"overflow", chunked("10000000000000003\r\nabc\r\n"), "POST /; 400"},
      {"many_zeros", chunked(std::string(16, '0') + "3\r\nabc\r\n"), "POST /; 400"},
      {"nul", chunked(std::string("3\0\r\nabc\r\n", 9)), "POST /; 400"},
  });
}

// llhttp 8.1 refuses more than one extension with a value; RFC 9112 7.1.1 allows them.
TEST(ChunkExtensions, are_read_by_their_grammar_and_dropped) {
  for (const char* extension : {";a", ";a=b", ";a=\"b\"", ";a=b;c=d", ";a;b;c=\"d;e\"", " ;a", "\t;\ta\t=\tb",
                                ";a=\"\\\"\"", ";a=\"\"", ";a= \"b\" ; c", ";a=\"\xe9\t\""}) {
    const std::string bytes = chunked("3" + std::string(extension) + "\r\nabc\r\n0" + extension + "\r\n\r\n");
    check_requests({{extension, bytes, "POST / [abc] end"}});
  }
  for (const char* extension :
       {";",         ";;",    ";=",    ";=b",   ";a=",   ";a=b=c", ";a=\"",  ";a=\"b",      ";a b",          ";a=b c",
        ";a=\"b\"c", "x",     " x",    ";a ",   ";a=b ", "; ",     ";a\x01", ";a=\"\x01\"", ";a=\"\\\x01\"", ";a\n",
        ";a=\"\n\"", ";a\rb", ";\xe9", ";a=(b)"}) {
    const std::string bytes = chunked("3" + std::string(extension) + "\r\nabc\r\n" + kEnd);
    check_requests({{extension, bytes, "POST /; 400"}});
  }
  check_requests({{"nul", chunked(std::string("3;a\0\r\nabc\r\n", 11)), "POST /; 400"}});
}

TEST(Trailers, are_checked_and_dropped) {
  check_requests({
      {"one", chunked("0\r\nX: y\r\n\r\n"), "POST / end"},
      {"several", chunked("1\r\na\r\n0\r\nX: y\r\nZ:\r\nQ: \xe9\t\r\n\r\n"), "POST / [a] end"},
      {"then_the_next", chunked("0\r\nX: y\r\n\r\n") + chunked(kEnd), "POST / end; POST / end"},
      {"no_colon", chunked("0\r\nX\r\n\r\n"), "POST /; 400"},
      {"no_name", chunked("0\r\n: y\r\n\r\n"), "POST /; 400"},
      {"space_before_colon", chunked("0\r\nX : y\r\n\r\n"), "POST /; 400"},
      {"folded", chunked("0\r\nX: y\r\n z\r\n\r\n"), "POST /; 400"},
      {"bare_lf", chunked("0\r\nX: y\n\r\n"), "POST /; 400"},
      {"bare_cr", chunked("0\r\nX: y\rZ: z\r\n\r\n"), "POST /; 400"},
      {"control", chunked("0\r\nX: \x01\r\n\r\n"), "POST /; 400"},
      {"nul", chunked(std::string("0\r\nX: \0\r\n\r\n", 11)), "POST /; 400"},
      {"content_length", chunked("0\r\nContent-Length: 3\r\n\r\n"), "POST /; 400"},
      {"transfer_encoding", chunked("0\r\nTransfer-Encoding: chunked\r\n\r\n"), "POST /; 400"},
      {"host", chunked("0\r\nhost: b\r\n\r\n"), "POST /; 400"},
      {"smuggled_request", chunked("0\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"), "POST /; 400"},
  });
}

TEST(Trailers, are_no_fields_of_the_request) {
  RequestReader reader{ReadLimits{}};
  const std::string bytes = chunked("0\r\nX: y\r\n\r\n");
  std::string_view in = bytes;
  ASSERT_EQ(*reader.next(in), Step::head);
  ASSERT_EQ(*reader.next(in), Step::end);
  EXPECT_EQ(reader.head().headers.find("X"), nullptr);
}

TEST(Limits, of_chunks_hold_to_the_byte) {
  ReadLimits limits;
  limits.body_bytes = 10;
  limits.chunk_extension_bytes = 8;
  limits.trailer_bytes = 12;
  const std::string five = "5\r\nabcde\r\n";
  check_requests(
      {
          {"body_at", chunked(five + five + kEnd), "POST / [abcdeabcde] end"},
          {"body_over", chunked(five + five + "1\r\nx\r\n"), "POST / [abcdeabcde]; 413"},
          {"body_over_before_it_came", chunked("b\r\n"), "POST /; 413"},
          {"extensions_at", chunked("1;a=b\r\nx\r\n1;c=d\r\ny\r\n" + kEnd), "POST / [xy] end"},
          {"extensions_over_in_sum", chunked("1;a=b\r\nx\r\n1;c=de\r\ny\r\n"), "POST / [x]; 413"},
          {"trailer_at", chunked("0\r\nA: 456\r\nB: 456\r\n\r\n"), "POST / end"},
          {"trailer_over", chunked("0\r\nA: 456\r\nB: 4567\r\n\r\n"), "POST /; 431"},
          {"trailer_over_without_end", chunked("0\r\n1234567890123"), "POST /; 431"},
          {"each_body_anew", chunked(five + five + kEnd) + chunked("1;a=b\r\nx\r\n" + kEnd),
           "POST / [abcdeabcde] end; POST / [x] end"},
      },
      limits);
}

TEST(Limits, of_announced_bodies_hold_before_they_are_read) {
  ReadLimits limits;
  limits.body_bytes = 10;
  const auto post = [](const std::string& length) {
    return "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + length + "\r\n\r\n";
  };
  check_requests(
      {
          {"under", post("9") + "123456789", "POST / [123456789] end"},
          {"at", post("10") + "1234567890", "POST / [1234567890] end"},
          {"over", post("11"), "413"},
          {"far_over", post("999999999999999999"), "413"},
      },
      limits);
}

}  // namespace
}  // namespace spillway
