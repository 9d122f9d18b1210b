// What the admin listener answers, over loopback: documents, refusals, and clients that leave.
#include "admin/listener.h"

#include "net/dial.h"
#include "unit/net/loopback.h"

namespace spillway {
namespace {

// Documents of a test's own; status waits until told.
class Source final : public AdminSource {
 public:
  std::string metrics() override { return "spw_up 1\n"; }
  bool ready() override { return is_ready; }
  void status(Reader& reader) override { waiting = &reader; }
  void command(std::string_view policy, std::string_view said, Reader& reader) override {
    waiting = &reader;
    words = std::string(policy) + ": " + std::string(said);
  }
  void explain(std::string_view body, std::string_view key, std::string_view tags, Reader& reader) override {
    waiting = &reader;
    words = std::string(body) + " of " + std::string(key) + " with " + std::string(tags);
  }
  std::string pools() override { return "[]"; }
  bool refresh_pools() override { return may_reload; }
  void forget(Reader& reader) override {
    if (waiting == &reader) waiting = nullptr;
    ++forgotten;
  }
  bool reload() override {
    ++reloads;
    return may_reload;
  }
  void answer(const std::string& text) { std::exchange(waiting, nullptr)->on_text(text); }

  Reader* waiting = nullptr;
  std::string words;
  bool is_ready = true, may_reload = true;
  int reloads = 0, forgotten = 0;
};

class AdminTest : public testing::Test, protected Dialer::Events {
 protected:
  AdminTest() { EXPECT_TRUE(admin.start({"127.0.0.1:0"})); }
  ~AdminTest() override {
    client.stream.reset();
    admin.stop();
    dialer->close();
    EXPECT_TRUE(run_until(loop, [&] { return dialer->idle(); }));
    wind_up(loop);
  }
  void on_dialed(StreamPtr stream) override { client.take(std::move(stream)); }
  void on_dial_failed(const Error& error) override { FAIL() << error.detail; }

  void connect() {
    client = Peer();
    dialer->dial({"127.0.0.1", admin.port(), nullptr}, 1'000, static_cast<Dialer::Events&>(*this));
    ASSERT_TRUE(run_until(loop, [&] { return client.stream != nullptr; }));
  }
  void say(std::string_view text) {
    if (client.stream == nullptr) connect();
    client.stream->write(text);
  }
  bool arrives(std::string_view text) {
    return run_until(loop, [&] { return client.received.find(text) != std::string::npos; });
  }
  bool ended() {
    return run_until(loop, [&] { return client.eofs > 0 || client.broken.has_value(); });
  }
  // The answer to a request on a connection of its own, which the client asks to end with it.
  std::string ask(const std::string& line, const std::string& fields = {}) {
    connect();
    say(line + " HTTP/1.1\r\nhost: x\r\nconnection: close\r\n" + fields + "\r\n");
    EXPECT_TRUE(ended()) << line;
    client.stream.reset();
    return client.received;
  }

  Loop loop;
  Source source;
  AdminListener admin{loop, source};
  std::unique_ptr<Dialer> dialer = Dialer::create(loop);
  Peer client;
};

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

TEST_F(AdminTest, serves_its_documents) {
  const std::string metrics = ask("GET /metrics");
  EXPECT_TRUE(metrics.starts_with("HTTP/1.1 200 OK\r\n")) << metrics;
  EXPECT_TRUE(has(metrics, "content-type: text/plain; version=0.0.4"));
  EXPECT_TRUE(metrics.ends_with("\r\n\r\nspw_up 1\n"));
  EXPECT_TRUE(ask("GET /health").ends_with("{\"status\":\"ok\"}"));
  EXPECT_TRUE(ask("GET /healthz").starts_with("HTTP/1.1 200"));
  EXPECT_TRUE(ask("GET /health/ready").starts_with("HTTP/1.1 200"));
  source.is_ready = false;
  EXPECT_TRUE(ask("GET /readyz").starts_with("HTTP/1.1 503"));
  EXPECT_TRUE(ask("GET /health").starts_with("HTTP/1.1 200")) << "draining is alive";
  EXPECT_TRUE(ask("GET /other").starts_with("HTTP/1.1 404"));
  EXPECT_TRUE(ask("DELETE /metrics").starts_with("HTTP/1.1 404"));
}

TEST_F(AdminTest, head_has_the_length_and_no_body) {
  const std::string answer = ask("HEAD /metrics");
  EXPECT_TRUE(has(answer, "content-length: 9\r\n")) << answer;
  EXPECT_TRUE(answer.ends_with("\r\n\r\n"));
}

TEST_F(AdminTest, reloads_on_post_but_not_for_a_page_of_another_site) {
  EXPECT_TRUE(ask("POST /admin/reload").starts_with("HTTP/1.1 202"));
  source.may_reload = false;
  EXPECT_TRUE(ask("POST /admin/reload").starts_with("HTTP/1.1 409"));
  EXPECT_EQ(source.reloads, 2);
  EXPECT_TRUE(ask("POST /admin/reload", "origin: http://elsewhere.example\r\n").starts_with("HTTP/1.1 404"));
  EXPECT_TRUE(ask("GET /admin/reload").starts_with("HTTP/1.1 404"));
  EXPECT_EQ(source.reloads, 2);
}

TEST_F(AdminTest, answers_one_after_the_other_on_one_connection) {
  say("GET /health HTTP/1.1\r\nhost: x\r\n\r\n");
  EXPECT_TRUE(arrives("{\"status\":\"ok\"}"));
  client.received.clear();
  say("GET /metrics HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\n\r\nabc");
  EXPECT_TRUE(arrives("spw_up 1\n"));
  client.received.clear();
  say("GET /health HTTP/1.1\r\nhost: x\r\n\r\nGET /metrics HTTP/1.1\r\nhost: x\r\n\r\n");
  EXPECT_TRUE(arrives("spw_up 1\n"));
  EXPECT_EQ(client.eofs, 0);
}

TEST_F(AdminTest, status_comes_when_it_is_ready) {
  say("GET /admin/status HTTP/1.1\r\nhost: x\r\n\r\n");
  ASSERT_TRUE(run_until(loop, [&] { return source.waiting != nullptr; }));
  EXPECT_EQ(client.received, "");
  source.answer("{\"workers\":2}");
  EXPECT_TRUE(arrives("\r\n\r\n{\"workers\":2}"));
  client.received.clear();
  say("GET /health HTTP/1.1\r\nhost: x\r\n\r\n");
  EXPECT_TRUE(arrives("200 OK"));
}

TEST_F(AdminTest, quota_is_what_the_policy_says_to_an_operator_s_words) {
  say("GET /admin/quota HTTP/1.1\r\nhost: x\r\n\r\n");
  ASSERT_TRUE(run_until(loop, [&] { return source.waiting != nullptr; }));
  EXPECT_EQ(source.words, "free_first: quota");
  source.answer("[]");
  EXPECT_TRUE(arrives("\r\n\r\n[]"));
  say("POST /admin/quota/clear?account=a%2Fb HTTP/1.1\r\nhost: x\r\n\r\n");
  ASSERT_TRUE(run_until(loop, [&] { return source.waiting != nullptr; }));
  EXPECT_EQ(source.words, "free_first: clear a/b");
  source.answer("");
  EXPECT_TRUE(arrives("HTTP/1.1 404")) << "nobody knows those words";
  for (const char* line : {"POST /admin/quota/clear", "POST /admin/quota/clear?account=", "POST /admin/quota/clear?x=1",
                           "POST /admin/quota/clear?account=%zz", "POST /admin/quota/clear?account=a&b"}) {
    EXPECT_TRUE(ask(line).starts_with("HTTP/1.1 400")) << line;
  }
  EXPECT_TRUE(ask("POST /admin/quota/clear?account=a", "origin: http://x\r\n").starts_with("HTTP/1.1 404"));
}

TEST_F(AdminTest, explain_passes_on_the_body_and_who_would_ask) {
  connect();
  say("POST /admin/explain?key=al%69ce&tags=a,b HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\nhe");
  say("llo");
  ASSERT_TRUE(run_until(loop, [&] { return source.waiting != nullptr; }));
  EXPECT_EQ(source.words, "hello of alice with a,b");
  source.answer("{}");
  EXPECT_TRUE(arrives("\r\n\r\n{}"));
  EXPECT_TRUE(ask("POST /admin/explain?key").starts_with("HTTP/1.1 4"));
}

TEST_F(AdminTest, pools_are_told_and_refreshed_but_not_for_a_page_of_another_site) {
  EXPECT_TRUE(has(ask("GET /admin/pools"), "[]"));
  EXPECT_TRUE(ask("POST /admin/pools/refresh").starts_with("HTTP/1.1 202"));
  source.may_reload = false;
  EXPECT_TRUE(ask("POST /admin/pools/refresh").starts_with("HTTP/1.1 409"));
  EXPECT_TRUE(ask("POST /admin/pools/refresh", "origin: http://evil\r\n").starts_with("HTTP/1.1 404"));
}

TEST_F(AdminTest, who_leaves_while_waiting_is_forgotten) {
  say("GET /admin/status HTTP/1.1\r\nhost: x\r\n\r\n");
  ASSERT_TRUE(run_until(loop, [&] { return source.waiting != nullptr; }));
  client.stream->reset();
  client.stream.reset();
  EXPECT_TRUE(run_until(loop, [&] { return source.waiting == nullptr; }));
  EXPECT_EQ(source.forgotten, 1);
}

TEST_F(AdminTest, stopping_forgets_those_who_wait) {
  say("GET /admin/status HTTP/1.1\r\nhost: x\r\n\r\n");
  ASSERT_TRUE(run_until(loop, [&] { return source.waiting != nullptr; }));
  admin.stop();
  EXPECT_EQ(source.waiting, nullptr);
  EXPECT_TRUE(ended());
}

TEST_F(AdminTest, a_half_closed_client_gets_its_answer) {
  say("GET /admin/status HTTP/1.1\r\nhost: x\r\n\r\n");
  client.stream->shutdown();
  ASSERT_TRUE(run_until(loop, [&] { return source.waiting != nullptr; }));
  run_for(loop, 20);  // its FIN arrives meanwhile
  ASSERT_NE(source.waiting, nullptr);
  source.answer("{}");
  EXPECT_TRUE(arrives("\r\n\r\n{}"));
  EXPECT_TRUE(ended());
}

TEST_F(AdminTest, what_follows_a_request_that_waits_is_not_lost_without_a_word) {
  say("GET /admin/status HTTP/1.1\r\nhost: x\r\n\r\nGET /health HTTP/1.1\r\nhost: x\r\n\r\n");
  ASSERT_TRUE(run_until(loop, [&] { return source.waiting != nullptr; }));
  source.answer("{}");
  EXPECT_TRUE(ended());
  EXPECT_TRUE(has(client.received, "connection: close\r\n")) << client.received;
}

TEST_F(AdminTest, bad_requests_are_refused_once_and_nothing_follows) {
  say("GARBAGE\r\n\r\n");
  EXPECT_TRUE(arrives("HTTP/1.1 400"));
  client.received.clear();
  say("GET /health HTTP/1.1\r\nhost: x\r\n\r\n");
  EXPECT_TRUE(ended());
  EXPECT_FALSE(has(client.received, "HTTP/1.1")) << client.received;
}

TEST_F(AdminTest, bodies_are_bounded) {
  say("POST /admin/reload HTTP/1.1\r\nhost: x\r\ncontent-length: 33554433\r\n\r\n");
  EXPECT_TRUE(arrives("HTTP/1.1 413"));
  EXPECT_EQ(source.reloads, 0);
}

TEST_F(AdminTest, an_address_that_is_none_is_an_error_that_names_it) {
  AdminListener other(loop, source);
  const Status status = other.start({"256.0.0.1:1"});
  ASSERT_FALSE(status);
  EXPECT_TRUE(has(status.error().detail, "256.0.0.1:1")) << status.error().detail;
}

}  // namespace
}  // namespace spillway
