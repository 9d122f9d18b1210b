// Lines, field syntax and the limits of heads (RFC 9112 2.2 and 5, reliability.md 2.5).
#include "http/head_scan.h"

#include <gtest/gtest.h>

#include "support/http_feed.h"

namespace spillway {
namespace {

const std::string kLine = "GET / HTTP/1.1\r\n";
const std::string kHost = "Host: a\r\n";
std::string fields(const std::string& all) { return kLine + kHost + all + "\r\n"; }

TEST(Lines, end_in_crlf_and_nothing_else) {
  check_requests({
      {"bare_lf_after_field", kLine + "Host: a\n\r\n", "400"},
      {"bare_lf_at_the_end", kLine + kHost + "\n", "400"},
      {"lf_lf", kLine + "Host: a\n\n", "400"},
      {"bare_cr_in_value", fields("X: a\rb\r\n"), "400"},
      {"bare_cr_hides_a_field", fields("X:\rY: z\r\n"), "400"},
      {"cr_cr_lf", fields("X: a\r\r\n"), "400"},
      {"cr_where_the_head_should_end", kLine + kHost + "\rX: y\r\n\r\n", "400"},
      {"fold_with_space", fields("X: a\r\n b\r\n"), "400"},
      {"fold_with_tab", fields("X: a\r\n\tb\r\n"), "400"},
      {"fold_of_nothing", fields("X: a\r\n \r\n"), "400"},
      {"space_before_the_first_field", kLine + " " + kHost + "\r\n", "400"},
      {"unfinished", kLine + kHost, ""},
      {"unfinished_line", kLine + "Hos", ""},
  });
}

TEST(Fields, are_a_token_a_colon_and_text) {
  check_requests({
      {"empty_value", fields("X:\r\n"), "GET / end"},
      {"blank_value", fields("X: \t \r\n"), "GET / end"},
      {"no_blank", fields("X:y\r\n"), "GET / end"},
      {"inner_tab", fields("X: a\tb\r\n"), "GET / end"},
      {"latin_1", fields("X: \xe9\r\n"), "GET / end"},
      {"utf8", fields("X: \xc3\xa9\r\n"), "GET / end"},
      {"all_token_characters", fields("!#$%&'*+-.^_`|~09azAZ: x\r\n"), "GET / end"},
      {"underscore", fields("x_y: z\r\n"), "GET / end"},
      {"colons_in_value", fields("X: :a:b\r\n"), "GET / end"},
      {"repeated", fields("X: a\r\nX: b\r\n"), "GET / end"},
      {"empty_name", fields(": x\r\n"), "400"},
      {"cr_cr_lf_is_refused_at_once", "GET / HTTP/1.1\r\nHost: a\r\n\r\r\n", "400"},
      {"no_colon", fields("X\r\n"), "400"},
      {"space_before_colon", fields("X : y\r\n"), "400"},
      {"tab_before_colon", fields("X\t: y\r\n"), "400"},
      {"space_in_name", fields("X Y: z\r\n"), "400"},
      {"slash_in_name", fields("X/Y: z\r\n"), "400"},
      {"quote_in_name", fields("\"X\": z\r\n"), "400"},
      {"bracket_in_name", fields("X[]: z\r\n"), "400"},
      {"control_in_name", fields("X\x01: z\r\n"), "400"},
      {"nul_in_name", fields(std::string("X\0: z\r\n", 7)), "400"},
      {"utf8_in_name", fields("\xc3\xa9: z\r\n"), "400"},
      {"nul_in_value", fields(std::string("X: a\0b\r\n", 8)), "400"},
      {"control_in_value", fields("X: \x01\r\n"), "400"},
      {"escape_in_value", fields("X: \x1b[1m\r\n"), "400"},
      {"del_in_value", fields("X: \x7f\r\n"), "400"},
      {"vertical_tab_in_value", fields("X: \x0b\r\n"), "400"},
  });
}

TEST(Fields, lose_the_blanks_around_their_values_and_nothing_else) {
  RequestReader reader{ReadLimits{}};
  const std::string bytes = fields("A:  b c \t\r\nE:\r\nF: g\r\n");
  std::string_view in = bytes;
  ASSERT_EQ(*reader.next(in), Step::head);
  ASSERT_EQ(reader.head().headers.size(), 4u);
  EXPECT_EQ(reader.head().headers.get("a"), "b c");
  ASSERT_NE(reader.head().headers.find("E"), nullptr);
  EXPECT_EQ(reader.head().headers.get("E"), "");
  EXPECT_EQ(reader.head().headers.get("f"), "g");
}

TEST(EmptyLines, are_ignored_before_a_request_up_to_their_limit) {
  const std::string request = fields("");
  check_requests({
      {"one", "\r\n" + request, "GET / end"},
      {"at_the_limit", repeat("\r\n", 4) + request, "GET / end"},
      {"over", repeat("\r\n", 5) + request, "400"},
      {"only", repeat("\r\n", 4), ""},
      {"bare_lf", "\n" + request, "400"},
      {"bare_cr", "\r" + request, "400"},
      {"between_requests", request + "\r\n\r\n" + request, "GET / end; GET / end"},
      {"too_many_between_requests", request + repeat("\r\n", 5) + request, "GET / end; 400"},
      {"space", " \r\n" + request, "400"},
  });
}

TEST(Limits, of_the_target_hold_to_the_byte_with_414) {
  ReadLimits limits;
  limits.target_bytes = 20;
  const std::string rest = " HTTP/1.1\r\nHost: a\r\n\r\n";
  const std::string at = "/" + std::string(19, 'a');
  check_requests(
      {
          {"under", "GET /" + std::string(18, 'a') + rest, "GET /" + std::string(18, 'a') + " end"},
          {"at", "GET " + at + rest, "GET " + at + " end"},
          {"over", "GET " + at + "a" + rest, "414"},
          {"over_without_end", "GET " + at + "a", "414"},
          {"over_and_invalid_later", "GET " + at + "a\x01\n", "414"},
          {"query_counts", "GET /?" + std::string(19, 'a') + rest, "414"},
      },
      limits);
}

TEST(Limits, of_a_field_hold_to_the_byte_with_431) {
  ReadLimits limits;
  limits.field_bytes = 20;
  const auto field = [](std::size_t bytes) { return "X: " + std::string(bytes - 3, 'y'); };
  check_requests(
      {
          {"under", fields(field(19) + "\r\n"), "GET / end"},
          {"at", fields(field(20) + "\r\n"), "GET / end"},
          {"over", fields(field(21) + "\r\n"), "431"},
          {"over_without_end", kLine + field(21), "431"},
          {"over_with_bare_lf", fields(field(21) + "\n"), "431"},
          {"at_with_bare_lf", fields(field(20) + "\n"), "400"},
          {"name_counts", fields(std::string(21, 'n') + ":\r\n"), "431"},
      },
      limits);
}

TEST(Limits, of_the_head_hold_to_the_byte_with_431) {
  ReadLimits limits;
  limits.head_bytes = 100;
  const std::size_t base = fields("X: \r\n").size();
  const auto head = [&](std::size_t bytes) { return fields("X: " + std::string(bytes - base, 'y') + "\r\n"); };
  ASSERT_EQ(head(100).size(), 100u);
  check_requests(
      {
          {"under", head(99), "GET / end"},
          {"at", head(100), "GET / end"},
          {"over", head(101), "431"},
          {"far_over", head(300), "431"},
          {"without_end", head(300).substr(0, 101), "431"},
          {"target_over", "GET /" + std::string(120, 'a') + " HTTP/1.1\r\n\r\n", "431"},
          {"body_does_not_count", kLine + kHost + "Content-Length: 100\r\n\r\n" + std::string(100, 'z'),
           "GET / [" + std::string(100, 'z') + "] end"},
          {"each_request_anew", head(100) + head(100), "GET / end; GET / end"},
          {"empty_lines_do_not_count", "\r\n\r\n" + head(100), "GET / end"},
      },
      limits);
}

TEST(Limits, of_the_number_of_fields_hold_with_431) {
  check_requests({
      {"at", fields(repeat("X: y\r\n", 127)), "GET / end"},
      {"over", fields(repeat("X: y\r\n", 128)), "431"},
      {"over_without_end", kLine + repeat("X: y\r\n", 129), "431"},
  });
}

TEST(Limits, hold_by_default_where_the_table_says) {
  const std::string end = " HTTP/1.1\r\nHost: a\r\n\r\n";
  EXPECT_EQ(hear_request("GET /" + std::string(8192, 'a') + end), "414");
  EXPECT_EQ(hear_request("GET /" + std::string(8191, 'a') + end).substr(0, 3), "GET");
  EXPECT_EQ(hear_request(fields("X: " + std::string(16 * 1024 - 3, 'y') + "\r\n")), "GET / end");
  EXPECT_EQ(hear_request(fields("X: " + std::string(16 * 1024 - 2, 'y') + "\r\n")), "431");
  EXPECT_EQ(hear_request(fields(repeat("X: " + std::string(16'000, 'y') + "\r\n", 4))), "GET / end");
  EXPECT_EQ(hear_request(fields(repeat("X: " + std::string(16'000, 'y') + "\r\n", 5))), "431");
}

}  // namespace
}  // namespace spillway
