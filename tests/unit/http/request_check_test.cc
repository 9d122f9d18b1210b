// The request line, the forms of a target, and Host (RFC 9112 3, reliability.md 2.3).
#include "http/request_check.h"

#include <gtest/gtest.h>

#include "support/http_feed.h"

namespace spillway {
namespace {

const std::string kHostLine = "Host: a\r\n";
std::string line(const std::string& request_line) { return request_line + "\r\n" + kHostLine + "\r\n"; }
std::string with_fields(const std::string& all) { return "GET / HTTP/1.1\r\n" + all + "\r\n"; }
std::string absolute(const std::string& target, const std::string& host) {
  return "GET " + target + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n";
}

TEST(RequestLine, is_method_target_and_version_with_single_spaces) {
  check_requests({
      {"plain", line("GET / HTTP/1.1"), "GET / end"},
      {"query", line("GET /a/b?c=d&e HTTP/1.1"), "GET /a/b?c=d&e end"},
      {"two_spaces_before_target", line("GET  / HTTP/1.1"), "400"},
      {"two_spaces_before_version", line("GET /  HTTP/1.1"), "400"},
      {"tab", line("GET\t/ HTTP/1.1"), "400"},
      {"leading_space", line(" GET / HTTP/1.1"), "400"},
      {"trailing_space", line("GET / HTTP/1.1 "), "400"},
      {"no_target", line("GET HTTP/1.1"), "400"},
      {"no_method", line("/ HTTP/1.1"), "400"},
      {"space_in_target", line("GET /a b HTTP/1.1"), "400"},
      {"no_version_is_http_0_9", line("GET /"), "400"},
      {"only_a_method", line("GET"), "400"},
      {"bare_cr_inside", line("GET /\r HTTP/1.1"), "400"},
      {"bare_lf", "GET / HTTP/1.1\n" + kHostLine + "\r\n", "400"},
      {"lf_only_everywhere", "GET / HTTP/1.1\nHost: a\n\n", "400"},
      {"nul_in_method", line(std::string("G\0T / HTTP/1.1", 14)), "400"},
      {"tls_hello", std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc", 9), "400"},
      {"socks", std::string("\x05\x01\x00", 3), "400"},
  });
}

TEST(RequestLine, speaks_http_1_0_and_1_1_only) {
  check_requests({
      {"1.0", line("GET / HTTP/1.0"), "GET / end"},
      {"0.9", line("GET / HTTP/0.9"), "505"},
      {"1.2", line("GET / HTTP/1.2"), "505"},
      {"2.0", line("GET / HTTP/2.0"), "505"},
      {"2", line("GET / HTTP/2"), "505"},
      {"3.0", line("GET / HTTP/3.0"), "505"},
      {"1.10", line("GET / HTTP/1.10"), "400"},
      {"01.1", line("GET / HTTP/01.1"), "400"},
      {"lower_case", line("GET / http/1.1"), "400"},
      {"rtsp", line("OPTIONS / RTSP/1.0"), "400"},
      {"icecast", line("SOURCE / ICE/1.0"), "400"},
      {"comma", line("GET / HTTP/1,1"), "400"},
      {"http2_preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "505"},
  });
}

TEST(RequestLine, takes_the_methods_every_llhttp_knows_and_answers_501_to_others) {
  for (const char* method : {"GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "M-SEARCH", "LINK", "PROPFIND",
                             "UNSUBSCRIBE", "MKCALENDAR", "ACL", "SEARCH", "PURGE", "REPORT"}) {
    check_requests({{method, line(std::string(method) + " / HTTP/1.1"), std::string(method) + " / end"}});
  }
  check_requests({
      {"unknown", line("BREW / HTTP/1.1"), "501"},
      {"query", line("QUERY / HTTP/1.1"), "501"},
      {"lower_case", line("get / HTTP/1.1"), "501"},
      {"prefix", line("GE / HTTP/1.1"), "501"},
      {"longer", line("GETS / HTTP/1.1"), "501"},
      {"connect", line("CONNECT a:443 HTTP/1.1"), "501"},
      {"trace_would_echo_the_providers_key", line("TRACE / HTTP/1.1"), "501"},
      {"pri", line("PRI * HTTP/1.1"), "501"},
      {"rtsp_method", line("DESCRIBE / HTTP/1.1"), "501"},
      {"source", line("SOURCE / HTTP/1.1"), "501"},
      {"endless", repeat("A", 40), "501"},
      {"not_a_token", line("G@T / HTTP/1.1"), "400"},
  });
}

TEST(Target, is_a_path_an_http_url_or_a_star_for_options) {
  check_requests({
      {"star", line("OPTIONS * HTTP/1.1"), "OPTIONS * end"},
      {"star_for_get", line("GET * HTTP/1.1"), "400"},
      {"star_and_more", line("OPTIONS *a HTTP/1.1"), "400"},
      {"options_path", line("OPTIONS /x HTTP/1.1"), "OPTIONS /x end"},
      {"absolute", absolute("http://a/b?c", "a"), "GET /b?c end"},
      {"absolute_https", absolute("https://a/b", "a"), "GET /b end"},
      {"absolute_scheme_case", absolute("HTTP://a/", "a"), "GET / end"},
      {"absolute_without_path", absolute("http://a", "a"), "GET / end"},
      {"absolute_query_without_path", absolute("http://a?b", "a"), "GET /?b end"},
      {"absolute_port", absolute("http://a:81/", "a:81"), "GET / end"},
      {"absolute_v6", absolute("http://[::1]:81/", "[::1]:81"), "GET / end"},
      {"absolute_host_case", absolute("http://EXAMPLE.com/", "example.COM"), "GET / end"},
      {"absolute_other_host", absolute("http://a/", "b"), "400"},
      {"absolute_other_port", absolute("http://a:81/", "a:82"), "400"},
      {"absolute_default_port_differs", absolute("http://a:80/", "a"), "400"},
      {"absolute_user", absolute("http://u@a/", "a"), "400"},
      {"absolute_no_host", absolute("http:///b", "a"), "400"},
      {"ftp", absolute("ftp://a/", "a"), "400"},
      {"no_scheme", line("GET a/b HTTP/1.1"), "400"},
      {"authority", line("GET a:80 HTTP/1.1"), "400"},
      {"only_a_query", line("GET ?a HTTP/1.1"), "400"},
      {"double_slash_is_a_path", line("GET //a/b HTTP/1.1"), "GET //a/b end"},
      {"dots_are_left_alone", line("GET /a/../b HTTP/1.1"), "GET /a/../b end"},
      {"escapes_are_left_alone", line("GET /a%2Fb HTTP/1.1"), "GET /a%2Fb end"},
      {"colon_and_at", line("POST /v1/models/a:b@c HTTP/1.1"), "POST /v1/models/a:b@c end"},
      {"empty_query", line("GET /a? HTTP/1.1"), "GET /a end"},
      {"question_in_query", line("GET /a?b?c HTTP/1.1"), "GET /a?b?c end"},
      {"braces_in_query", line("GET /a?{b}|[c]^`\\ HTTP/1.1"), "GET /a?{b}|[c]^`\\ end"},
  });
}

TEST(Target, has_only_bytes_that_need_no_encoding) {
  check_requests({
      {"fragment", line("GET /a#b HTTP/1.1"), "400"},
      {"fragment_in_query", line("GET /a?b#c HTTP/1.1"), "400"},
      {"utf8", line("GET /\xc3\xa9 HTTP/1.1"), "400"},
      {"utf8_in_query", line("GET /?\xc3\xa9 HTTP/1.1"), "400"},
      {"high_byte", line("GET /\x80 HTTP/1.1"), "400"},
      {"nul", line(std::string("GET /\0 HTTP/1.1", 15)), "400"},
      {"control", line("GET /\x01 HTTP/1.1"), "400"},
      {"escape", line("GET /\x1b HTTP/1.1"), "400"},
      {"tab", line("GET /\t HTTP/1.1"), "400"},
      {"del", line("GET /\x7f HTTP/1.1"), "400"},
      {"backslash", line("GET /a\\b HTTP/1.1"), "400"},
      {"quote", line("GET /\" HTTP/1.1"), "400"},
      {"less", line("GET /< HTTP/1.1"), "400"},
      {"brace", line("GET /{a} HTTP/1.1"), "400"},
      {"quote_in_query", line("GET /?\" HTTP/1.1"), "400"},
      {"all_of_path", line("GET /!$&'()*+,-.;=:@_~[]|%20aZ09 HTTP/1.1"), "GET /!$&'()*+,-.;=:@_~[]|%20aZ09 end"},
  });
}

TEST(Host, is_there_exactly_once_and_valid) {
  check_requests({
      {"missing", with_fields("X: y\r\n"), "400"},
      {"twice", with_fields("Host: a\r\nHost: a\r\n"), "400"},
      {"twice_in_other_case", with_fields("Host: a\r\nhOST: b\r\n"), "400"},
      {"empty", with_fields("Host:\r\n"), "400"},
      {"blank", with_fields("Host:   \r\n"), "400"},
      {"any_case", with_fields("HOST: a\r\n"), "GET / end"},
      {"port", with_fields("Host: a:65535\r\n"), "GET / end"},
      {"empty_port", with_fields("Host: a:\r\n"), "GET / end"},
      {"port_too_large", with_fields("Host: a:65536\r\n"), "400"},
      {"port_no_number", with_fields("Host: a:b\r\n"), "400"},
      {"two_ports", with_fields("Host: a:1:2\r\n"), "400"},
      {"v6", with_fields("Host: [2001:db8::1]:8080\r\n"), "GET / end"},
      {"v6_bare", with_fields("Host: ::1\r\n"), "400"},
      {"v6_bad", with_fields("Host: [::g]\r\n"), "400"},
      {"user", with_fields("Host: u@a\r\n"), "400"},
      {"path", with_fields("Host: a/b\r\n"), "400"},
      {"url", with_fields("Host: http://a\r\n"), "400"},
      {"list", with_fields("Host: a b\r\n"), "400"},
      {"utf8", with_fields("Host: \xc3\xa9\r\n"), "400"},
      {"underscore", with_fields("Host: a_b\r\n"), "GET / end"},
      {"1.0_without", "GET / HTTP/1.0\r\n\r\n", "GET / end"},
      {"1.0_twice", "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", "400"},
      {"1.0_bad", "GET / HTTP/1.0\r\nHost: a/\r\n\r\n", "400"},
      {"1.0_absolute", "GET http://a/b HTTP/1.0\r\n\r\n", "GET /b end"},
  });
}

TEST(Host, comes_from_an_absolute_target_when_there_is_no_field) {
  RequestReader reader{ReadLimits{}};
  std::string_view in = "GET http://a:1/b HTTP/1.0\r\n\r\n";
  ASSERT_EQ(*reader.next(in), Step::head);
  EXPECT_EQ(reader.head().host, "a:1");
  EXPECT_EQ(reader.head().target, "http://a:1/b");
  EXPECT_EQ(reader.head().minor, 0);
}

}  // namespace
}  // namespace spillway
