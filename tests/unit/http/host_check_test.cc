// Authorities: names, IPv4, bracketed IPv6, ports (RFC 3986 3.2.2, 3.2.3).
#include "http/host_check.h"

#include <gtest/gtest.h>

#include <string>

namespace spillway {
namespace {

TEST(Authority, is_a_name_or_an_address_and_perhaps_a_port) {
  for (const char* text :
       {"a",   "a.b", "a.b.", "localhost", "127.0.0.1",    "1.2", "999.1.1.1", "a_b",     "a-b",     "%41", "a%2Db",
        "a!b", "a;b", "a=b",  "a,b",       "xn--e1afmkfd", "a:0", "a:1",       "a:65535", "a:00080", "a:"}) {
    Authority out;
    EXPECT_TRUE(split_authority(text, out)) << text;
    EXPECT_FALSE(out.v6);
  }
  for (const char* text : {"",    ":",    ":80",  "a:65536", "a:999999", "a:-1",     "a:+1",  "a:b", "a:1 ",
                           "a b", "a/b",  "a?b",  "a#b",     "a@b",      "u:p@b",    "a:1:2", "%",   "%4",
                           "%zz", "a\\b", "a\"b", "<a>",     "a|b",      "\xc3\xa9", "a\tb",  "a]",  "[a"}) {
    Authority out;
    EXPECT_FALSE(split_authority(text, out)) << text;
  }
  Authority out;
  EXPECT_FALSE(split_authority(std::string_view("a\0b", 3), out));
  EXPECT_TRUE(split_authority(std::string(255, 'a'), out));
  EXPECT_FALSE(split_authority(std::string(256, 'a'), out));
}

TEST(Authority, takes_ipv6_in_brackets) {
  for (const char* text : {"::", "::1", "1::", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8",
                           "2001:DB8::ff00:42", "::1.2.3.4", "1:2:3:4:5:6:1.2.3.4", "::ffff:1.2.3.4", "1::1.2.3.4"}) {
    const std::string bare = "[" + std::string(text) + "]";
    const std::string with_port = bare + ":81";
    Authority out;
    EXPECT_TRUE(split_authority(bare, out)) << text;
    EXPECT_TRUE(split_authority(with_port, out)) << text;
    EXPECT_EQ(out.host, text);
    EXPECT_EQ(out.port, 81);
    EXPECT_TRUE(out.v6);
  }
  for (const char* text : {"",
                           ":",
                           ":::",
                           "1",
                           "1:",
                           ":1",
                           "1:2:3:4:5:6:7",
                           "1:2:3:4:5:6:7:8:9",
                           "1::2::3",
                           "12345::",
                           "g::",
                           "::1%eth0",
                           "::1%25eth0",
                           "1.2.3.4",
                           "::1.2.3",
                           "::1.2.3.256",
                           "::1.2.3.4:1",
                           "1:2:3:4:5:6:7:1.2.3.4",
                           "1:2:3:4:5:6:7:8::",
                           "::1:2:3:4:5:6:7:8",
                           "::1.2.3.4.5",
                           "::1.2..4",
                           "v1.a",
                           "::1]"}) {
    Authority out;
    EXPECT_FALSE(split_authority("[" + std::string(text) + "]", out)) << text;
  }
  Authority out;
  EXPECT_FALSE(split_authority("[::1]80", out));
  EXPECT_FALSE(split_authority("[::1]:x", out));
  EXPECT_FALSE(split_authority("[::1", out));
}

TEST(Authority, tells_host_and_port_apart) {
  Authority out;
  ASSERT_TRUE(split_authority("example.com:8080", out));
  EXPECT_EQ(out.host, "example.com");
  EXPECT_EQ(out.port, 8080);
  ASSERT_TRUE(split_authority("example.com", out));
  EXPECT_EQ(out.port, 0);
}

}  // namespace
}  // namespace spillway
