// Which connections are used again, which never, and what one exchange tells its user.
#include "upstream/pool.h"

#include "support.h"

namespace spillway {
namespace {

// Writes down what it hears.
class Heard final : public Connection::User {
 public:
  void on_response_byte() override { ++bytes; }
  void on_response_head(const ResponseHead& head) override {
    status = head.status;
    if (leave != nullptr) leave->abandon();
  }
  void on_response_body(std::string_view piece) override { body += piece; }
  void on_response_end() override { ++ends; }
  void on_response_broken(const Error& error) override { broken = error.detail; }
  void on_request_drained() override {}

  int bytes = 0, status = 0, ends = 0;
  std::string body, broken;
  Connection* leave = nullptr;  // abandoned at the head
};

class PoolTest : public UpstreamTest {
 protected:
  Connection& adopt(Wire& wire, const Endpoint& to) { return pool.adopt(to, make_fake_stream(loop, wire)); }
  Connection& adopt(Wire& wire) { return adopt(wire, endpoint); }
  // One whole exchange, after which the connection is idle or gone.
  Heard exchange(Connection& connection, Wire& wire, std::string_view answer = kAnswer, bool head_request = false) {
    Heard heard;
    const std::string_view pieces[] = {"GET / HTTP/1.1\r\n", "\r\n"};
    connection.exchange(heard, head_request, pieces);
    EXPECT_EQ(wire.take(), "GET / HTTP/1.1\r\n\r\n");
    EXPECT_TRUE(wire.give(answer));
    return heard;
  }
  // Whether a connection that got this answer is kept.
  bool kept_after(std::string_view answer, bool head_request = false) {
    Wire& wire = new_wire();
    const Heard heard = exchange(adopt(wire), wire, answer, head_request);
    EXPECT_EQ(heard.ends, 1) << answer;
    EXPECT_EQ(heard.broken, "");
    Connection* idle = pool.take(endpoint);
    if (idle != nullptr) idle->abandon();
    EXPECT_TRUE(wire.closed) << "refused at once, or abandoned here";
    return idle != nullptr;
  }
};

TEST_F(PoolTest, an_answer_is_told_in_parts_then_its_end) {
  Wire& wire = new_wire();
  const Heard heard = exchange(adopt(wire), wire);
  EXPECT_EQ(heard.status, 200);
  EXPECT_EQ(heard.body, "hi");
  EXPECT_EQ(heard.ends, 1);
  EXPECT_EQ(pool.idle(), 1u);
  EXPECT_FALSE(wire.paused) << "idle connections listen";
}

TEST_F(PoolTest, the_one_used_last_is_used_first) {
  Wire& a = new_wire();
  Wire& b = new_wire();
  Connection& first = adopt(a);
  Connection& second = adopt(b);
  EXPECT_EQ(pool.take(endpoint), nullptr) << "neither is idle yet";
  exchange(first, a);
  exchange(second, b);
  EXPECT_EQ(pool.idle(), 2u);
  EXPECT_EQ(pool.take(endpoint), &second);
  EXPECT_EQ(pool.take(endpoint), &first);
  EXPECT_EQ(pool.take(endpoint), nullptr);
  EXPECT_EQ(pool.idle(), 0u);
  EXPECT_EQ(pool.size(), 2u);
}

TEST_F(PoolTest, endpoints_do_not_share) {
  Wire& wire = new_wire();
  exchange(adopt(wire), wire);
  EXPECT_EQ(pool.take(endpoint_of(2)), nullptr);
  EXPECT_NE(pool.take(endpoint), nullptr);
}

TEST_F(PoolTest, only_a_whole_unambiguous_answer_leaves_a_connection_usable) {
  EXPECT_TRUE(kept_after(kAnswer));
  EXPECT_TRUE(kept_after("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"));
  EXPECT_TRUE(kept_after("HTTP/1.1 204 No Content\r\n\r\n"));
  EXPECT_TRUE(kept_after("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n", true)) << "HEAD";
  EXPECT_FALSE(kept_after("HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nhi"));
  EXPECT_FALSE(kept_after("HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nhi"));
  EXPECT_FALSE(kept_after(std::string(kAnswer) + "H")) << "left-over bytes";
  EXPECT_FALSE(kept_after(std::string(kAnswer) + std::string(kAnswer))) << "an answer nobody asked for";
}

TEST_F(PoolTest, an_answer_that_overtook_its_request_is_the_last) {
  Wire& wire = new_wire();
  wire.queued = 1;
  const Heard heard = exchange(adopt(wire), wire);
  EXPECT_EQ(heard.ends, 1);
  EXPECT_TRUE(wire.closed);
}

TEST_F(PoolTest, an_idle_connection_that_dies_or_talks_is_dropped) {
  Wire& hangs_up = new_wire();
  Wire& breaks = new_wire();
  Wire& talks = new_wire();
  Connection& first = adopt(hangs_up);
  Connection& second = adopt(breaks);
  Connection& third = adopt(talks);
  exchange(first, hangs_up);
  exchange(second, breaks);
  exchange(third, talks);
  EXPECT_TRUE(hangs_up.eof());
  EXPECT_TRUE(breaks.fail("reset"));
  EXPECT_TRUE(talks.give("HTTP/1.1 408 Request Timeout\r\n\r\n"));
  EXPECT_TRUE(hangs_up.closed && breaks.closed && talks.closed);
  EXPECT_EQ(pool.size(), 0u);
  EXPECT_EQ(pool.take(endpoint), nullptr);
}

TEST_F(PoolTest, too_old_ones_are_not_used_again) {
  Pool::Options short_lived = options();
  short_lived.age_ms = 20;
  pool.set_options(short_lived);
  Wire& a = new_wire();
  Wire& b = new_wire();
  Connection& first = adopt(a);
  Connection& second = adopt(b);
  exchange(first, a);
  pass(25);
  EXPECT_EQ(pool.take(endpoint), nullptr) << "idle and too old";
  EXPECT_TRUE(a.closed);
  exchange(second, b);
  EXPECT_TRUE(b.closed) << "too old when it came back";
  EXPECT_EQ(pool.size(), 0u);
}

TEST_F(PoolTest, too_long_idle_ones_are_not_used_again) {
  Pool::Options impatient = options();
  impatient.idle_ms = 20;
  pool.set_options(impatient);
  Wire& wire = new_wire();
  Connection& connection = adopt(wire);
  exchange(connection, wire);
  EXPECT_EQ(pool.take(endpoint), &connection);
  exchange(connection, wire);
  pass(25);
  EXPECT_EQ(pool.take(endpoint), nullptr);
  EXPECT_TRUE(wire.closed);
}

TEST_F(PoolTest, idle_ones_per_endpoint_are_bounded) {
  Pool::Options narrow = options();
  narrow.idle_connections = 1;
  pool.set_options(narrow);
  Wire& a = new_wire();
  Wire& b = new_wire();
  Wire& c = new_wire();
  Connection& first = adopt(a);
  Connection& second = adopt(b);
  const Endpoint elsewhere = endpoint_of(2);
  Connection& third = adopt(c, elsewhere);
  exchange(first, a);
  exchange(second, b);
  exchange(third, c);
  EXPECT_TRUE(b.closed);
  EXPECT_FALSE(a.closed);
  EXPECT_FALSE(c.closed) << "the bound is each endpoint's own";
}

TEST_F(PoolTest, idle_ones_are_bounded_over_all_endpoints) {
  Pool::Options narrow = options();
  narrow.idle_total = 1;
  pool.set_options(narrow);
  Wire& a = new_wire();
  Wire& b = new_wire();
  Wire& c = new_wire();
  Connection& first = adopt(a);
  const Endpoint elsewhere = endpoint_of(2);
  Connection& second = adopt(b, elsewhere);
  exchange(first, a);
  exchange(second, b);
  EXPECT_FALSE(a.closed);
  EXPECT_TRUE(b.closed) << "one is kept, whoever it belongs to";
  EXPECT_NE(pool.take(endpoint), nullptr);
  Connection& third = adopt(c, elsewhere);
  exchange(third, c);
  EXPECT_FALSE(c.closed) << "its place is free once it is taken";
}

TEST_F(PoolTest, an_answer_cut_short_is_broken_never_an_end) {
  Wire& wire = new_wire();
  Heard heard;
  const std::string_view pieces[] = {"GET"};
  adopt(wire).exchange(heard, false, pieces);
  wire.give("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhi");
  wire.eof();
  EXPECT_EQ(heard.ends, 0);
  EXPECT_EQ(heard.broken, "the provider closed the connection in the middle of its answer");
  EXPECT_TRUE(wire.closed);
}

TEST_F(PoolTest, the_end_of_the_connection_may_be_the_end_of_the_answer) {
  Wire& wire = new_wire();
  Heard heard;
  const std::string_view pieces[] = {"GET"};
  adopt(wire).exchange(heard, false, pieces);
  wire.give("HTTP/1.1 200 OK\r\n\r\nhi");
  wire.eof();
  EXPECT_EQ(heard.body, "hi");
  EXPECT_EQ(heard.ends, 1);
  EXPECT_EQ(pool.size(), 0u);
}

TEST_F(PoolTest, garbage_is_broken) {
  Wire& wire = new_wire();
  Heard heard;
  const std::string_view pieces[] = {"GET"};
  adopt(wire).exchange(heard, false, pieces);
  wire.give("SSH-2.0-OpenSSH_9.2\r\n");
  EXPECT_NE(heard.broken, "");
  EXPECT_EQ(heard.bytes, 1);
  EXPECT_TRUE(wire.closed);
}

TEST_F(PoolTest, abandoned_inside_a_call_hears_nothing_more) {
  Wire& wire = new_wire();
  Connection& connection = adopt(wire);
  Heard heard;
  heard.leave = &connection;
  const std::string_view pieces[] = {"GET"};
  connection.exchange(heard, false, pieces);
  wire.give(kAnswer);
  EXPECT_EQ(heard.status, 200);
  EXPECT_EQ(heard.body, "");
  EXPECT_EQ(heard.ends, 0);
  EXPECT_TRUE(wire.closed);
  EXPECT_EQ(pool.size(), 0u);
}

TEST_F(PoolTest, every_connection_is_counted_once) {
  Wire& a = new_wire();
  Wire& b = new_wire();
  Wire& c = new_wire();
  Connection& first = adopt(a);
  Connection& second = adopt(b);
  adopt(c);
  EXPECT_EQ(connections.value.load(), 3);
  exchange(second, b);
  second.abandon();
  EXPECT_EQ(connections.value.load(), 2);
  exchange(first, a);
  pool.close();
  EXPECT_EQ(connections.value.load(), 0);
  EXPECT_TRUE(a.closed && b.closed && c.closed);
  EXPECT_EQ(pool.size() + pool.idle(), 0u);
}

TEST_F(PoolTest, plain_endpoints_are_dialed_without_tls_and_a_missing_ca_file_is_an_error) {
  const auto plain = pool.tls_for(endpoint);
  ASSERT_TRUE(plain);
  EXPECT_EQ(*plain, nullptr);
  Endpoint secure = endpoint;
  secure.url.tls = true;
  secure.ca_file = "/nowhere/ca.pem";
  EXPECT_FALSE(pool.tls_for(secure));
  EXPECT_FALSE(pool.tls_for(secure)) << "also the second time";
}

}  // namespace
}  // namespace spillway
