// Field lists: folding, repeated fields, comma lists, hop-by-hop.
#include "http/headers.h"

#include <gtest/gtest.h>

namespace spillway {
namespace {

Header named(std::string_view name) { return {name, {}, field_id(name)}; }

TEST(EqualFold, folds_ascii_letters_only) {
  EXPECT_TRUE(equal_fold("Content-Length", "cONTENT-lENGTH"));
  EXPECT_TRUE(equal_fold("", ""));
  EXPECT_FALSE(equal_fold("a", "ab"));
  EXPECT_FALSE(equal_fold("@", "`"));
  EXPECT_FALSE(equal_fold("[", "{"));
  EXPECT_FALSE(equal_fold("\xc3\x89", "\xc3\xa9"));
  EXPECT_FALSE(equal_fold("k", "\xe2\x84\xaa"));
}

TEST(EqualFold, sees_every_byte_of_a_long_name) {
  const std::string name = "Access-Control-Request-Method";
  for (std::size_t i = 0; i < name.size(); ++i) {
    std::string folded = name, other = name;
    if (name[i] != '-') folded[i] = static_cast<char>(name[i] ^ 0x20);
    EXPECT_TRUE(equal_fold(name, folded)) << folded;
    other[i] = name[i] == '-' ? '\r' : '#';
    EXPECT_FALSE(equal_fold(name, other)) << other;
  }
  EXPECT_FALSE(equal_fold("12345678@", "12345678`"));
  EXPECT_FALSE(equal_fold("[2345678", "{2345678"));
  EXPECT_FALSE(equal_fold("1234567\xc9", "1234567\xe9"));
}

TEST(Trim, takes_spaces_and_tabs_off_both_ends) {
  EXPECT_EQ(trim(" \ta b\t "), "a b");
  EXPECT_EQ(trim(" \t "), "");
  EXPECT_EQ(trim("\r\n"), "\r\n");
}

TEST(Headers, finds_without_case_and_the_first_of_several) {
  Headers headers;
  headers.add("A", "1");
  headers.add("b", "2");
  headers.add("a", "3");
  EXPECT_EQ(headers.get("a"), "1");
  EXPECT_EQ(headers.find("B")->value, "2");
  EXPECT_EQ(headers.find("c"), nullptr);
  EXPECT_EQ(headers.get("c"), "");
  headers.clear();
  EXPECT_EQ(headers.size(), 0u);
}

TEST(Headers, find_known_names_by_their_id) {
  Headers headers;
  headers.add("VIA", "1");
  headers.add("x-private", "2");
  headers.add("via", "3");
  EXPECT_EQ(headers.get(FieldId::via), "1");
  EXPECT_EQ(headers.count(FieldId::via), 2u);
  EXPECT_EQ(headers.find(FieldId::host), nullptr);
  EXPECT_EQ(headers.get(FieldId::host), "");
  EXPECT_EQ(headers.count(FieldId::host), 0u);
}

TEST(Headers, have_a_token_in_any_list_of_a_name) {
  Headers headers;
  headers.add("Connection", "keep-alive , Upgrade");
  headers.add("connection", ",x");
  EXPECT_TRUE(headers.has_token("CONNECTION", "upgrade"));
  EXPECT_TRUE(headers.has_token("connection", "X"));
  EXPECT_TRUE(headers.has_token("connection", "Keep-Alive"));
  EXPECT_FALSE(headers.has_token("connection", "keep"));
  EXPECT_FALSE(headers.has_token("upgrade", "x"));
}

TEST(HopByHop, is_the_fixed_list_and_what_connection_names) {
  Headers headers;
  headers.add("Connection", "X-Private, close");
  headers.add("Connection", "x-other");
  for (const char* name : {"connection", "Keep-Alive", "proxy-connection", "TE", "Transfer-Encoding", "Upgrade",
                           "trailer", "Proxy-Authorization", "proxy-authenticate", "x-private", "X-OTHER", "close"}) {
    EXPECT_TRUE(HopByHop(headers).has(named(name))) << name;
  }
  for (const char* name : {"content-type", "host", "x-priv", "authorization", "x-privates"}) {
    EXPECT_FALSE(HopByHop(headers).has(named(name))) << name;
  }
}

TEST(HopByHop, keep_alive_names_no_field_more) {
  Headers one;
  one.add("Connection", "Keep-Alive");
  EXPECT_TRUE(HopByHop(one).has(named("keep-alive")));
  EXPECT_FALSE(HopByHop(one).has(named("x")));
}

TEST(HopByHop, is_made_once_for_a_head) {
  Headers none;
  EXPECT_TRUE(HopByHop(none).has(named("te")));
  EXPECT_FALSE(HopByHop(none).has(named("x")));
  Headers one;
  one.add("connection", "X , keep-alive");
  EXPECT_TRUE(HopByHop(one).has(named("x")));
  EXPECT_FALSE(HopByHop(one).has(named("y")));
  one.add("Connection", "y");
  EXPECT_TRUE(HopByHop(one).has(named("x")));
  EXPECT_TRUE(HopByHop(one).has(named("Y")));
}

}  // namespace
}  // namespace spillway
