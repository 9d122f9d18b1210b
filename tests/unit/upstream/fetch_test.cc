// One bounded exchange: what goes out, what comes back, and every way it can fail.
#include "upstream/fetch.h"

#include "support.h"

namespace spillway {
namespace {

class FetchTest : public UpstreamTest, protected Fetch::Events {
 protected:
  std::unique_ptr<Fetch> start(FetchWish wish, const Endpoint* like = nullptr) {
    auto fetch = std::make_unique<Fetch>(pool, std::move(wish), static_cast<Fetch::Events&>(*this));
    const Status started = fetch->start(like);
    if (!started) heard = "not started: " + started.error().detail;
    return fetch;
  }
  void on_fetched(Fetch& fetch) override {
    heard += std::to_string(fetch.status()) + ' ' + fetch.type() + ' ' + fetch.body();
  }
  static FetchWish wish_for(std::string url) {
    FetchWish wish;
    wish.url = std::move(url);
    return wish;
  }
  std::string heard;
};

TEST_F(FetchTest, asks_and_collects_the_answer) {
  FetchWish wish = wish_for("http://up.example/v1/models?a=b");
  wish.headers = "accept: application/json\nx-two:  2 \r\n\n";
  const auto fetch = start(std::move(wish));
  Wire& wire = dialer.succeed();
  EXPECT_EQ(wire.written,
            "GET /v1/models?a=b HTTP/1.1\r\nHost: up.example\r\naccept: application/json\r\nx-two: 2\r\n"
            "accept-encoding: identity\r\n\r\n");
  wire.give("HTTP/1.1 200 OK\r\ncontent-type: text/x\r\ncontent-length: 4\r\n\r\nab");
  EXPECT_EQ(heard, "");
  wire.give("cd");
  EXPECT_EQ(heard, "200 text/x abcd");
}

TEST_F(FetchTest, a_body_is_sent_with_its_length_and_a_provider_lends_its_credential) {
  endpoint.credential = "Bearer k";
  endpoint.auth_header = "authorization";
  endpoint.headers = {{"x-title", "t"}};
  FetchWish wish = wish_for("http://up.example");
  wish.method = "POST";
  wish.body = "hello";
  const auto fetch = start(std::move(wish), &endpoint);
  EXPECT_EQ(dialer.succeed().written,
            "POST / HTTP/1.1\r\nHost: up.example\r\nauthorization: Bearer k\r\nx-title: t\r\ncontent-length: 5\r\n"
            "accept-encoding: identity\r\n\r\nhello");
}

TEST_F(FetchTest, anthropic_is_told_the_version_that_it_wants_in_every_request) {
  endpoint.dialect = find_dialect("anthropic");
  const auto fetch = start(wish_for("http://up.example/v1/models"), &endpoint);
  EXPECT_NE(dialer.succeed().written.find("\r\nanthropic-version: 2023-06-01\r\n"), std::string::npos);
  endpoint.headers = {{"Anthropic-Version", "2026-10-21"}};
  EXPECT_EQ(credential_lines(endpoint), "Anthropic-Version: 2026-10-21\n");
}

TEST_F(FetchTest, what_cannot_be_asked_is_said_at_once) {
  start(wish_for("ftp://x"));
  EXPECT_TRUE(heard.starts_with("not started: ")) << heard;
  FetchWish wish = wish_for("http://up.example/");
  wish.headers = "bad header: x\n";
  start(std::move(wish));
  EXPECT_EQ(heard, "not started: a header line of the fetch is not valid");
  EXPECT_EQ(dialer.waiting(), 0u);
}

TEST_F(FetchTest, an_answer_over_its_bound_is_given_up) {
  FetchWish wish = wish_for("http://up.example/");
  wish.body_max = 3;
  const auto fetch = start(std::move(wish));
  dialer.succeed().give("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nabcd");
  EXPECT_EQ(heard, "0  the answer is larger than 3 bytes");
}

TEST_F(FetchTest, no_answer_in_time_is_an_answer_of_ours) {
  FetchWish wish = wish_for("http://up.example/");
  wish.timeout_ms = 20;
  const auto fetch = start(std::move(wish));
  dialer.succeed();
  pass(45);
  EXPECT_TRUE(heard.starts_with("0 ")) << heard;
}

TEST_F(FetchTest, after_cancel_nothing_is_heard) {
  const auto fetch = start(wish_for("http://up.example/"));
  Wire& wire = dialer.succeed();
  fetch->cancel();
  wire.give(kAnswer);
  EXPECT_EQ(heard, "");
}

}  // namespace
}  // namespace spillway
