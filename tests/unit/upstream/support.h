// A loop, a dialer and a pool without sockets, and requests over them.
#pragma once
#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "support/fake_stream.h"
#include "upstream/attempt.h"
#include "upstream/pool.h"

namespace spillway {

inline constexpr std::string_view kAnswer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi";

inline Endpoint endpoint_of(std::uint64_t id, std::string host = "up.example") {
  Endpoint endpoint;
  endpoint.url.host = std::move(host);
  endpoint.url.port = 80;
  endpoint.authority = endpoint.url.host;
  endpoint.id = id;
  return endpoint;
}

class UpstreamTest : public testing::Test {
 protected:
  ~UpstreamTest() override {
    pool.close();
    loop.turn();
  }
  // Turns the loop for at least `ms`: deadlines are in real time. Not more than 50 in any test.
  void pass(std::uint64_t ms) {
    for (const std::uint64_t until = loop.now_ms() + ms; loop.now_ms() < until;) loop.turn();
  }
  Wire& new_wire() { return wires.emplace_back(); }
  Pool::Options options() {
    Pool::Options options;
    options.connections = &connections;
    return options;
  }

  Gauge connections;
  Loop loop;
  std::deque<Wire> wires;  // of streams that were not dialed; they outlive the pool
  FakeDialer dialer{loop};
  Pool pool{loop, dialer, options()};
  Endpoint endpoint = endpoint_of(1);
};

}  // namespace spillway
