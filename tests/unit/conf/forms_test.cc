// Names, URLs, addresses and header fields, each with what must not pass.
#include "conf/forms.h"

#include <gtest/gtest.h>

namespace spillway {
namespace {

TEST(Forms, listen_addresses_are_numeric_with_a_port) {
  for (const char* good : {"127.0.0.1:4000", "0.0.0.0:0", "[::1]:4000", "[::]:65535", "10.1.2.3:80"}) {
    EXPECT_TRUE(parse_listen(good)) << good;
  }
  for (const char* bad : {"", "4000", ":4000", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1",
                          "127.0.0.1:+1", "127.0.0.1:4000x", "localhost:4000", "::1:4000", "[::1]4000", "[::1",
                          "[127.0.0.1]:1", "1.2.3:4", "127.0.0.1:99999999999"}) {
    EXPECT_FALSE(parse_listen(bad)) << bad;
  }
}

TEST(Forms, loopback_and_wildcard_are_told_apart) {
  EXPECT_TRUE(parse_listen("127.9.9.9:1")->loopback);
  EXPECT_TRUE(parse_listen("[::1]:1")->loopback);
  EXPECT_FALSE(parse_listen("0.0.0.0:1")->loopback);
  EXPECT_FALSE(parse_listen("10.0.0.1:1")->loopback);
  EXPECT_FALSE(parse_listen("[::ffff:10.0.0.1]:1")->loopback);
  EXPECT_TRUE(parse_listen("0.0.0.0:1")->wildcard);
  EXPECT_TRUE(parse_listen("[::]:1")->wildcard);
}

TEST(Forms, addresses_collide_by_port_and_host_or_wildcard) {
  const auto clash = [](const char* a, const char* b) { return collide(*parse_listen(a), *parse_listen(b)); };
  EXPECT_TRUE(clash("127.0.0.1:1", "127.0.0.1:1"));
  EXPECT_TRUE(clash("0.0.0.0:1", "127.0.0.1:1"));
  EXPECT_TRUE(clash("[::1]:1", "[::]:1"));
  EXPECT_FALSE(clash("127.0.0.1:1", "127.0.0.2:1"));
  EXPECT_FALSE(clash("127.0.0.1:1", "127.0.0.1:2"));
  EXPECT_FALSE(clash("127.0.0.1:0", "127.0.0.1:0"));
}

TEST(Forms, base_urls_are_http_with_a_host) {
  for (const char* good : {"http://a", "https://api.openai.com/v1", "http://127.0.0.1:9000/v1/", "https://[::1]:8443/x",
                           "http://my_host-1.local"}) {
    EXPECT_EQ(form_mistake(Form::base_url, good), "") << good;
  }
  for (const char* bad : {"", "ftp://a", "HTTP://a", "api.openai.com", "http://", "http:///v1", "http://u:p@a/v1",
                          "http://a:0/", "http://a:99999", "http://a:x", "http://a b", "http://a/v1?x=1", "http://a/#f",
                          "http://[::1", "http://[a]/", "http://a\r\nx: y", "http://-a", "http://.", "http://a\\b"}) {
    EXPECT_NE(form_mistake(Form::base_url, bad), "") << bad;
  }
  EXPECT_TRUE(parse_base_url("https://a/v1")->tls);
  EXPECT_TRUE(parse_base_url("http://localhost:1/v1")->loopback);
  EXPECT_FALSE(parse_base_url("http://127.0.0.1.example.com/v1")->loopback);
}

TEST(Forms, names_are_short_and_plain) {
  EXPECT_EQ(form_mistake(Form::name, "alice@example.com"), "");
  for (const std::string& bad : {std::string(), std::string("a b"), std::string("a/b"), std::string("é"),
                                 std::string("a\n"), std::string(65, 'a')}) {
    EXPECT_NE(form_mistake(Form::name, bad), "") << bad;
  }
}

TEST(Forms, models_may_hold_what_model_ids_hold) {
  EXPECT_EQ(form_mistake(Form::model, "google/gemma-4-31b-it:free"), "");
  EXPECT_EQ(form_mistake(Form::model, "*"), "");
  EXPECT_NE(form_mistake(Form::model, ""), "");
  EXPECT_NE(form_mistake(Form::model, "a b"), "");
  EXPECT_NE(form_mistake(Form::model, "a\x7f"), "");
}

TEST(Forms, what_is_not_built_is_refused_by_name) {
  EXPECT_EQ(form_mistake(Form::state, "memory:"), "");
  EXPECT_EQ(form_mistake(Form::state, "redis://h"), "must be \"memory:\" (redis is not supported yet)");
  EXPECT_EQ(form_mistake(Form::store, "sqlite:"), "");
  EXPECT_EQ(form_mistake(Form::store, "sqlite:/var/x.db"), "");
  EXPECT_NE(form_mistake(Form::store, "postgres://h").find("postgres is not supported yet"), std::string::npos);
  EXPECT_NE(form_mistake(Form::store, "x"), "");
}

TEST(Forms, header_fields_cannot_frame_or_split_messages) {
  EXPECT_EQ(header_mistake("x-title", "Spillway"), "");
  for (const char* name : {"", "a b", "a:", "Host", "Content-Length", "TRANSFER-ENCODING", "connection", "a\r\n"}) {
    EXPECT_NE(header_mistake(name, "v"), "") << name;
  }
  EXPECT_NE(header_mistake("x", "a\r\nb: c"), "");
  EXPECT_NE(header_mistake("x", std::string(4097, 'a')), "");
}

}  // namespace
}  // namespace spillway
