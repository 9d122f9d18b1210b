#include "http/websocket.h"

#include "base/base64.h"
#include "base/hash.h"

namespace spillway {

namespace {

constexpr std::string_view kKey = "sec-websocket-key", kVersion = "sec-websocket-version",
                           kAccept = "sec-websocket-accept", kProtocol = "sec-websocket-protocol",
                           kExtensions = "sec-websocket-extensions";
constexpr std::size_t kKeyBytes = 16;

// The only field of that name; none, or several: nullptr.
const Header* only(const Headers& headers, std::string_view name) {
  const Header* found = nullptr;
  for (const Header& field : headers) {
    if (!equal_fold(field.name, name)) continue;
    if (found != nullptr) return nullptr;
    found = &field;
  }
  return found;
}

bool good_key(std::string_view text) {
  std::string bytes;
  return text.size() == 24 && text.ends_with("==") && from_base64(text, bytes) && bytes.size() == kKeyBytes;
}

}  // namespace

WebSocketFlaw websocket_flaw(const RequestHead& head) {
  if (head.method != "GET") return {400, "a WebSocket is opened by GET"};
  if (!head.headers.has_token("upgrade", "websocket")) return {426, "`Upgrade: websocket` is missing"};
  if (!head.headers.has_token("connection", "upgrade")) return {400, "`Connection: Upgrade` is missing"};
  if (head.minor < 1) return {400, "a WebSocket needs HTTP/1.1"};
  const bool empty = head.framing == Framing::none || (head.framing == Framing::length && head.length == 0);
  if (!empty) return {400, "a request for a WebSocket has no body"};
  const Header* version = only(head.headers, kVersion);
  if (version == nullptr) return {400, "`Sec-WebSocket-Version` is missing or there twice"};
  if (version->value != kWebSocketVersion) return {426, "this is version 13 of WebSockets"};
  const Header* key = only(head.headers, kKey);
  if (key == nullptr) return {400, "`Sec-WebSocket-Key` is missing or there twice"};
  if (!good_key(key->value)) return {400, "`Sec-WebSocket-Key` is not base64 of 16 bytes"};
  return {};
}

std::string websocket_accept(std::string_view key) {
  const auto digest = sha1(std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11");  // RFC 6455 1.3
  return to_base64({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

std::string_view websocket_answer_flaw(const RequestHead& asked, std::string_view protocols,
                                       const ResponseHead& answer) {
  if (!answer.headers.has_token("upgrade", "websocket")) return "its 101 does not say `Upgrade: websocket`";
  if (!answer.headers.has_token("connection", "upgrade")) return "its 101 does not say `Connection: Upgrade`";
  const Header* accept = only(answer.headers, kAccept);
  if (accept == nullptr || accept->value != websocket_accept(asked.headers.get(kKey))) {
    return "its `Sec-WebSocket-Accept` does not answer the key";
  }
  if (answer.headers.find(kProtocol) != nullptr) {
    const Header* chosen = only(answer.headers, kProtocol);
    std::string_view member;
    bool offered = false;
    while (chosen != nullptr && next_member(protocols, member)) offered = offered || member == chosen->value;
    if (!offered) return "it chose a subprotocol that nobody offered";
  }
  const bool extends = answer.headers.find(kExtensions) != nullptr;
  if (extends && asked.headers.find(kExtensions) == nullptr) return "it uses an extension that nobody offered";
  return {};
}

}  // namespace spillway
