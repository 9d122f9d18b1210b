// TLS between two ends of a pipe: who is accepted, why others are refused (T1-T6), resumption, reloading.
#include "net/tls.h"

#include <gtest/gtest.h>

#include "unit/net/tls_ends.h"

namespace spillway {
namespace {

TEST(Tls, both_ends_talk) {
  TlsEnds ends;
  ASSERT_TRUE(ends.connect("good.test")) << ends.why();
  EXPECT_TRUE(ends.client.stream->encrypted());
  EXPECT_EQ(ends.client.stream->peer(), "pipe");
  ends.client.stream->write("question");
  ASSERT_TRUE(run_until(ends.loop, [&] { return ends.server.received == "question"; }));
  const std::string_view pieces[] = {"an", "", "swer"};
  ends.server.stream->write(pieces);
  ASSERT_TRUE(run_until(ends.loop, [&] { return ends.client.received == "answer"; }));
  EXPECT_EQ(ends.client.reads, 1);  // pieces written together share a record
}

TEST(Tls, works_one_byte_at_a_time) {
  TlsEnds ends("good", 1);
  ASSERT_TRUE(ends.connect("good.test")) << ends.why();
  ends.client.stream->write("question");
  ends.server.stream->write("answer");
  EXPECT_TRUE(run_until(ends.loop, [&] { return ends.server.received == "question"; }));
  EXPECT_TRUE(run_until(ends.loop, [&] { return ends.client.received == "answer"; }));
}

TEST(Tls, a_wildcard_a_trailing_dot_and_addresses_in_the_certificate_are_accepted) {
  for (const char* name : {"a.wild.test", "good.test.", "GOOD.test", "127.0.0.1", "::1"}) {
    TlsEnds ends;
    EXPECT_TRUE(ends.connect(name)) << name << ": " << ends.why();
  }
}

TEST(Tls, T1_T6_a_bad_certificate_is_refused_and_the_cause_named) {
  const struct {
    const char* certificate;
    const char* name;
    const char* cause;
  } cases[] = {
      {"expired", "good.test", "certificate expired"},
      {"future", "good.test", "certificate is not yet valid"},
      {"good", "other.test", "certificate is for another host than other.test"},
      {"good", "a.b.wild.test", "certificate is for another host than a.b.wild.test"},
      {"good", "127.0.0.2", "certificate is for another host than 127.0.0.2"},
      {"good", "::2", "certificate is for another host than ::2"},
      {"second", "127.0.0.1", "certificate is for another host than 127.0.0.1"},
      {"subject_only", "good.test", "certificate is for another host than good.test"},
      {"unknown", "good.test", "certificate has an unknown issuer"},
      {"self", "good.test", "certificate is self-signed"},
      {"expired", "other.test", "certificate expired, certificate is for another host than other.test"},
  };
  for (const auto& [certificate, name, cause] : cases) {
    TlsEnds ends(certificate);
    EXPECT_FALSE(ends.connect(name)) << certificate;
    ASSERT_TRUE(ends.refused) << certificate;
    EXPECT_EQ(ends.refused->detail, cause);
    EXPECT_EQ(ends.refused->kind, Kind::tls);
    EXPECT_EQ(ends.refused->source, Source::upstream);
    EXPECT_EQ(ends.refused->retry, Retry::yes);
    EXPECT_TRUE(run_until(ends.loop, [&] { return ends.server.broken.has_value(); }));  // an alert told the server
  }
}

TEST(Tls, insecure_accepts_any_certificate) {
  for (const char* certificate : {"expired", "unknown", "self", "subject_only"}) {
    TlsEnds ends(certificate, 4096, {.ca_file = "", .insecure = true});
    EXPECT_TRUE(ends.connect("whatever.test")) << certificate << ": " << ends.why();
  }
}

TEST(Tls, the_second_connection_to_a_name_resumes_the_first) {
  TlsEnds ends;
  ASSERT_TRUE(ends.connect("good.test")) << ends.why();
  EXPECT_EQ(ends.tls_client->counts().full, 1u);
  EXPECT_EQ(ends.tls_client->counts().resumed, 0u);
  // A TLS 1.3 ticket comes with or after the first answer.
  ends.server.stream->write("hello");
  ASSERT_TRUE(run_until(ends.loop, [&] { return ends.client.received == "hello"; }));
  ASSERT_TRUE(ends.connect("good.test")) << ends.why();
  EXPECT_EQ(ends.tls_client->counts().full, 1u);
  EXPECT_EQ(ends.tls_client->counts().resumed, 1u);
  ends.server.stream->write("hello");
  ASSERT_TRUE(run_until(ends.loop, [&] { return ends.client.received == "hello"; }));
  ASSERT_TRUE(ends.connect("a.wild.test")) << ends.why();
  EXPECT_EQ(ends.tls_client->counts().full, 2u);  // another name has its own session
}

TEST(Tls, a_reload_changes_the_certificate_keeps_streams_and_tickets) {
  TlsEnds ends;
  ASSERT_TRUE(ends.connect("good.test")) << ends.why();
  ends.server.stream->write("hello");
  ASSERT_TRUE(run_until(ends.loop, [&] { return ends.client.received == "hello"; }));
  ends.load("second");  // the old TlsServer is gone
  ends.client.stream->write("still here");
  EXPECT_TRUE(run_until(ends.loop, [&] { return ends.server.received == "still here"; }));
  ASSERT_TRUE(ends.connect("good.test")) << ends.why();
  EXPECT_EQ(ends.tls_client->counts().resumed, 1u);
  EXPECT_FALSE(ends.connect("a.wild.test"));  // the second certificate has no such name
}

TEST(Tls, a_refused_certificate_leaves_no_session_behind) {
  TlsEnds ends("expired");
  EXPECT_FALSE(ends.connect("good.test"));
  EXPECT_FALSE(ends.connect("good.test"));
  EXPECT_EQ(ends.tls_client->counts().full + ends.tls_client->counts().resumed, 0u);
}

TEST(Tls, streams_outlive_the_client_they_came_from) {
  TlsEnds ends;
  ASSERT_TRUE(ends.connect("good.test")) << ends.why();
  ends.tls_client.reset();
  ends.client.stream->write("still here");
  EXPECT_TRUE(run_until(ends.loop, [&] { return ends.server.received == "still here"; }));
}

TEST(TlsServer, files_that_are_missing_or_do_not_belong_together_are_refused_by_name) {
  const Certificates& made = Certificates::get();
  const auto mixed = TlsServer::create(made.certificate("good"), made.key("second"));
  ASSERT_FALSE(mixed);
  EXPECT_EQ(mixed.error().kind, Kind::config);
  EXPECT_NE(mixed.error().detail.find("does not belong"), std::string::npos) << mixed.error().detail;
  for (const auto& [cert, key] : {std::pair(std::string("/nowhere.crt"), made.key("good")),
                                  std::pair(made.certificate("good"), std::string("/nowhere.key")),
                                  std::pair(made.key("good"), made.key("good"))}) {
    const auto refused = TlsServer::create(cert, key);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, Kind::config);
  }
}

TEST(TlsClient, a_ca_file_that_cannot_be_read_is_a_config_error_at_once) {
  for (const std::string& file : {std::string("/nowhere.pem"), Certificates::get().key("good")}) {
    const auto refused = TlsClient::create({.ca_file = file});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, Kind::config);
    EXPECT_NE(refused.error().detail.find(file), std::string::npos) << refused.error().detail;
  }
}

TEST(TlsClient, an_unreadable_system_store_refuses_in_a_later_turn) {
  ASSERT_EQ(setenv("SSL_CERT_FILE", "/nowhere.pem", 1), 0);
  TlsEnds ends("good", 4096, {});
  EXPECT_FALSE(ends.connect("good.test"));
  ASSERT_TRUE(ends.refused);
  EXPECT_EQ(ends.refused->kind, Kind::config);
  ASSERT_EQ(setenv("SSL_CERT_FILE", Certificates::get().ca().c_str(), 1), 0);
  EXPECT_TRUE(ends.connect("good.test")) << ends.why();  // read again
  unsetenv("SSL_CERT_FILE");
}

TEST(TlsClient, without_a_ca_file_it_trusts_the_system_and_not_us) {
  TlsEnds ends("good", 4096, {});
  EXPECT_FALSE(ends.connect("good.test"));
  ASSERT_TRUE(ends.refused);
  if (ends.refused->kind == Kind::tls) {
    EXPECT_EQ(ends.refused->detail, "certificate has an unknown issuer");
  }
}

TEST(Tls, the_library_has_a_version) { EXPECT_NE(tls_library_version().find("TLS"), std::string_view::npos); }

}  // namespace
}  // namespace spillway
