// The opening handshake (RFC 6455 4).
#include "http/websocket.h"

#include <gtest/gtest.h>

namespace spillway {
namespace {

constexpr std::string_view kKey = "dGhlIHNhbXBsZSBub25jZQ==", kAccept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";  // 1.3

// The head lives in the reader.
struct Asked {
  explicit Asked(const std::string& text) : bytes(text), reader(ReadLimits{}) {
    std::string_view in = bytes;
    const auto step = reader.next(in);
    EXPECT_TRUE(step && *step == Step::head) << text;
  }
  const RequestHead& head() const { return reader.head(); }
  std::string bytes;
  RequestReader reader;
};

std::string request(const std::string& fields, const std::string& line = "GET /v1/realtime HTTP/1.1") {
  return line + "\r\nHost: a\r\n" + fields + "\r\n";
}

const std::string kUpgrade = "Upgrade: websocket\r\n", kConnection = "Connection: keep-alive, Upgrade\r\n",
                  kGoodKey = "Sec-WebSocket-Key: " + std::string(kKey) + "\r\n",
                  kThirteen = "Sec-WebSocket-Version: 13\r\n";

WebSocketFlaw flaw_of(const std::string& text) { return websocket_flaw(Asked(text).head()); }

TEST(WebSocket, the_key_of_the_rfc_has_its_accept) { EXPECT_EQ(websocket_accept(kKey), kAccept); }

TEST(WebSocket, a_whole_handshake_is_good) {
  EXPECT_FALSE(flaw_of(request(kUpgrade + kConnection + kGoodKey + kThirteen)));
  EXPECT_FALSE(flaw_of(
      request("Upgrade: h2c, WebSocket\r\nConnection: UPGRADE\r\nContent-Length: 0\r\n" + kGoodKey + kThirteen)));
}

TEST(WebSocket, each_part_of_a_handshake_is_needed) {
  const std::string rest = kGoodKey + kThirteen;
  EXPECT_EQ(flaw_of(request(kConnection + rest)).status, 426);
  EXPECT_EQ(flaw_of(request("Upgrade: h2c\r\n" + kConnection + rest)).status, 426);
  EXPECT_EQ(flaw_of(request(kUpgrade + rest)).status, 400);
  EXPECT_EQ(flaw_of(request(kUpgrade + kConnection + kThirteen)).status, 400);
  EXPECT_EQ(flaw_of(request(kUpgrade + kConnection + kGoodKey)).status, 400);
  EXPECT_EQ(flaw_of(request(kUpgrade + kConnection + kGoodKey + "Sec-WebSocket-Version: 8\r\n")).status, 426);
  EXPECT_EQ(flaw_of(request(kUpgrade + kConnection + kGoodKey + kThirteen + kThirteen)).status, 400);
  EXPECT_EQ(flaw_of(request(kUpgrade + kConnection + kGoodKey + rest)).status, 400);
  EXPECT_EQ(flaw_of(request(kUpgrade + kConnection + rest, "POST /v1/realtime HTTP/1.1")).status, 400);
  EXPECT_EQ(flaw_of(request(kUpgrade + kConnection + rest, "GET /v1/realtime HTTP/1.0")).status, 400);
  EXPECT_EQ(flaw_of(request(kUpgrade + kConnection + rest + "Content-Length: 2\r\n")).status, 400);
  EXPECT_EQ(flaw_of(request(kUpgrade + kConnection + rest + "Transfer-Encoding: chunked\r\n")).status, 400);
  for (const char* const key :
       {"", "AAAA", "dGhlIHNhbXBsZSBub25jZQ=", "dGhlIHNhbXBsZSBub25j!Q==", "dGhlIHNhbXBsZSBub25jZQAA"}) {
    const std::string field = "Sec-WebSocket-Key: " + std::string(key) + "\r\n";
    EXPECT_EQ(flaw_of(request(kUpgrade + kConnection + field + kThirteen)).status, 400) << key;
  }
}

std::string answer_flaw(const std::string& fields, const std::string& asked_for = {}) {
  const Asked asked(request(kUpgrade + kConnection + kGoodKey + kThirteen + asked_for));
  ResponseReader reader(ReadLimits{});
  reader.expect(false, true);
  const std::string text = "HTTP/1.1 101 Switching Protocols\r\n" + fields + "\r\n\x81\x02hi";
  std::string_view in = text;
  const auto step = reader.next(in);
  EXPECT_TRUE(step && *step == Step::head) << fields;
  EXPECT_EQ(reader.head().framing, Framing::until_close);
  const auto body = reader.next(in);
  EXPECT_TRUE(body && *body == Step::body && reader.body() == "\x81\x02hi") << "what follows is one body";
  return std::string(websocket_answer_flaw(asked.head(), "realtime, v1", reader.head()));
}

TEST(WebSocket, an_answer_must_answer_the_key_and_choose_of_what_was_offered) {
  const std::string accept = "Sec-WebSocket-Accept: " + std::string(kAccept) + "\r\n",
                    good = kUpgrade + kConnection + accept;
  EXPECT_EQ(answer_flaw(good), "");
  EXPECT_EQ(answer_flaw(good + "Sec-WebSocket-Protocol: realtime\r\n"), "");
  EXPECT_NE(answer_flaw(good + "Sec-WebSocket-Protocol: other\r\n"), "");
  EXPECT_NE(answer_flaw(good + "Sec-WebSocket-Protocol: realtime\r\nSec-WebSocket-Protocol: v1\r\n"), "");
  EXPECT_NE(answer_flaw(kConnection + accept), "");
  EXPECT_NE(answer_flaw(kUpgrade + accept), "");
  EXPECT_NE(answer_flaw(kUpgrade + kConnection), "");
  EXPECT_NE(answer_flaw(kUpgrade + kConnection + "Sec-WebSocket-Accept: AAAA\r\n"), "");
  const std::string deflate = "Sec-WebSocket-Extensions: permessage-deflate\r\n";
  EXPECT_NE(answer_flaw(good + deflate), "");
  EXPECT_EQ(answer_flaw(good + deflate, deflate), "");
}

TEST(WebSocket, a_101_that_nobody_asked_for_is_refused) {
  ResponseReader reader(ReadLimits{});
  reader.expect(false);
  std::string_view in = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
  EXPECT_FALSE(reader.next(in));
}

}  // namespace
}  // namespace spillway
