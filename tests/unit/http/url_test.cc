// Provider URLs and path segments.
#include "http/url.h"

#include <gtest/gtest.h>

namespace spillway {
namespace {

std::string shown(std::string_view text) {
  const Result<Url> url = parse_url(text);
  if (!url) return "invalid";
  return (url->tls ? "tls " : "plain ") + url->host + " " + std::to_string(url->port) + " [" + url->path + "] " +
         url->authority();
}

TEST(Url, is_scheme_host_port_and_path) {
  EXPECT_EQ(shown("http://127.0.0.1:9000/v1"), "plain 127.0.0.1 9000 [/v1] 127.0.0.1:9000");
  EXPECT_EQ(shown("https://openrouter.ai/api/v1"), "tls openrouter.ai 443 [/api/v1] openrouter.ai");
  EXPECT_EQ(shown("http://a"), "plain a 80 [] a");
  EXPECT_EQ(shown("http://a/"), "plain a 80 [] a");
  EXPECT_EQ(shown("http://a/b/c//"), "plain a 80 [/b/c] a");
  EXPECT_EQ(shown("HTTPS://API.Example.COM/V1"), "tls api.example.com 443 [/V1] api.example.com");
  EXPECT_EQ(shown("http://a:443"), "plain a 443 [] a:443");
  EXPECT_EQ(shown("https://a:443"), "tls a 443 [] a");
  EXPECT_EQ(shown("https://a:80"), "tls a 80 [] a:80");
  EXPECT_EQ(shown("http://[::1]:8080/v1"), "plain ::1 8080 [/v1] [::1]:8080");
  EXPECT_EQ(shown("https://[2001:DB8::1]"), "tls 2001:db8::1 443 [] [2001:db8::1]");
  EXPECT_EQ(shown("http://a/b%20c"), "plain a 80 [/b%20c] a");
}

TEST(Url, refuses_what_it_would_have_to_guess) {
  for (const char* text : {"",
                           "a",
                           "a/b",
                           "//a",
                           "http:/a",
                           "http://",
                           "http:///b",
                           "ftp://a",
                           "http://u@a",
                           "http://u:p@a/",
                           "http://a:",
                           "http://a:0",
                           "http://a:65536",
                           "http://a:b",
                           "http://a:-1",
                           "http://a b",
                           "http://a/b c",
                           "http://a/?q",
                           "http://a?q",
                           "http://a/#f",
                           "http://a#f",
                           "http://[::1",
                           "http://::1",
                           "http://[::g]",
                           "http://a/%",
                           "http://a/%2",
                           "http://a/%zz",
                           "http://a\r\nb",
                           "http://a/\n",
                           "http://\xc3\xa9",
                           "http://a/\xc3\xa9",
                           "http://a%41",
                           " http://a",
                           "http://a "}) {
    const Result<Url> url = parse_url(text);
    ASSERT_FALSE(url) << text;
    EXPECT_EQ(url.error().kind, Kind::invalid) << text;
  }
}

TEST(PercentDecode, undoes_every_escape_once) {
  EXPECT_EQ(*percent_decode(""), "");
  EXPECT_EQ(*percent_decode("abc"), "abc");
  EXPECT_EQ(*percent_decode("a%2Fb%2fc"), "a/b/c");
  EXPECT_EQ(*percent_decode("%41%7a"), "Az");
  EXPECT_EQ(*percent_decode("%2541"), "%41");
  EXPECT_EQ(*percent_decode("%C3%A9"), "\xc3\xa9");
  EXPECT_EQ(*percent_decode("a+b"), "a+b");
  EXPECT_EQ(*percent_decode("%20"), " ");
}

TEST(PercentDecode, refuses_broken_escapes_and_control_characters) {
  for (const char* text :
       {"%", "%2", "a%", "a%4", "%zz", "%4g", "%-1", "%00", "a%00b", "%0a", "%0D", "%1f", "%7F", "%%41"}) {
    ASSERT_FALSE(percent_decode(text)) << text;
    EXPECT_EQ(percent_decode(text).error().kind, Kind::invalid) << text;
  }
  EXPECT_FALSE(percent_decode("a\tb"));
  EXPECT_FALSE(percent_decode(std::string_view("a\0b", 3)));
}

TEST(PercentEncode, RFC3986_what_it_writes_decodes_to_the_same) {
  EXPECT_EQ(percent_encode("aZ09-._~"), "aZ09-._~");
  EXPECT_EQ(percent_encode("a b&c=d/\xC3\xA9"), "a%20b%26c%3Dd%2F%C3%A9");
  const Result<std::string> back = percent_decode(percent_encode("a b&c=d/?#%"));
  ASSERT_TRUE(back);
  EXPECT_EQ(*back, "a b&c=d/?#%");
}

TEST(UrlOrigin, is_scheme_host_and_port) {
  EXPECT_EQ(url_origin("https://a.example:8443/v1/models?x=/y"), "https://a.example:8443");
  EXPECT_EQ(url_origin("http://a.example?x"), "http://a.example");
  EXPECT_EQ(url_origin("http://a.example"), "http://a.example");
  EXPECT_EQ(url_origin("ftp:x"), "");
}

TEST(Url, a_link_leads_behind_the_base_behind_its_origin_or_elsewhere) {
  EXPECT_EQ(url_of_link("https://a.example/v1", "models"), "https://a.example/v1/models");
  EXPECT_EQ(url_of_link("https://a.example/v1//", "models"), "https://a.example/v1/models");
  EXPECT_EQ(url_of_link("https://a.example", "models"), "https://a.example/models");
  EXPECT_EQ(url_of_link("http://127.0.0.1:1/v1", "/api/tags"), "http://127.0.0.1:1/api/tags");
  EXPECT_EQ(url_of_link("https://a.example/v1", "https://b.example/x"), "https://b.example/x");
}

}  // namespace
}  // namespace spillway
