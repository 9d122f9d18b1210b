// Addresses and the words for what went wrong. No sockets.
#include "net/address.h"

#include <gtest/gtest.h>
#include <uv.h>

namespace spillway {
namespace {

TEST(Address, literals_of_both_families_are_read_and_printed) {
  const auto v4 = Address::literal("127.0.0.1", 80);
  ASSERT_TRUE(v4);
  EXPECT_FALSE(v4->is_v6());
  EXPECT_EQ(v4->host(), "127.0.0.1");
  EXPECT_EQ(v4->port(), 80);
  const auto v6 = Address::literal("2001:db8::1", 443);
  ASSERT_TRUE(v6);
  EXPECT_TRUE(v6->is_v6());
  EXPECT_EQ(v6->host(), "2001:db8::1");
  EXPECT_EQ(v6->port(), 443);
}

TEST(Address, names_and_near_literals_are_none) {
  for (const char* text : {"localhost", "", "1.2.3", "256.1.1.1", "1.2.3.4.5", "[::1]", ":::", "0x7f.1"})
    EXPECT_FALSE(Address::literal(text, 1)) << text;
}

TEST(HostPort, is_split_at_the_last_colon_and_brackets_go) {
  EXPECT_EQ(split_host_port("127.0.0.1:4000")->host, "127.0.0.1");
  EXPECT_EQ(split_host_port("127.0.0.1:4000")->port, 4000);
  EXPECT_EQ(split_host_port("[::1]:0")->host, "::1");
  EXPECT_EQ(split_host_port("localhost:65535")->port, 65535);
}

TEST(HostPort, refuses_what_leaves_room_for_guessing) {
  for (const char* text : {"", "4000", ":4000", "a:", "a:65536", "a:-1", "a:1x", "a: 1", "::1:4000", "a:+1", "[]:1"})
    EXPECT_FALSE(split_host_port(text)) << text;
}

TEST(SystemError, kind_follows_from_the_code) {
  EXPECT_EQ(system_error(UV_ECONNREFUSED, Source::upstream, "x").kind, Kind::refused);
  EXPECT_EQ(system_error(UV_ETIMEDOUT, Source::upstream, "x").kind, Kind::timeout);
  EXPECT_EQ(system_error(UV_ECONNRESET, Source::client, "x").kind, Kind::closed);
  EXPECT_EQ(system_error(UV_ECONNRESET, Source::client, "x").source, Source::client);
}

TEST(SystemError, our_own_lack_is_not_blamed_on_the_peer) {
  const Error error = system_error(UV_EMFILE, Source::upstream, "cannot connect to a:1");
  EXPECT_EQ(error.kind, Kind::internal);
  EXPECT_EQ(error.source, Source::us);
  EXPECT_EQ(error.detail, "cannot connect to a:1: too many open files");
}

}  // namespace
}  // namespace spillway
