// The opening handshake of WebSockets (RFC 6455 4): what a client's request must be, and a server's answer to it. What
// is said afterwards passes as bytes. Thread: any.
#pragma once
#include <string>
#include <string_view>

#include "http/reader.h"

namespace spillway {

inline constexpr std::string_view kWebSocketVersion = "13";

// What is wrong with a request that should open one (4.2.1); empty: nothing. 426: it asks for no upgrade, or for
// another version, and may come again with this one's; 400 otherwise.
struct WebSocketFlaw {
  int status = 0;
  std::string_view what;
  explicit operator bool() const { return status != 0; }
};
WebSocketFlaw websocket_flaw(const RequestHead& head);

// Sec-WebSocket-Accept for a key (4.2.2).
std::string websocket_accept(std::string_view key);

// What is wrong with a 101 that answers `asked` (4.1); empty: nothing. `protocols`: the list that was sent.
std::string_view websocket_answer_flaw(const RequestHead& asked, std::string_view protocols,
                                       const ResponseHead& answer);

}  // namespace spillway
