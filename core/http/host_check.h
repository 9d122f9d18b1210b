// Syntax of authorities without user info: Host fields, absolute-form targets, provider URLs. Thread: any.
#pragma once
#include <cstdint>
#include <string_view>

namespace spillway {

struct Authority {
  std::string_view host;   // v6 without its brackets
  std::uint16_t port = 0;  // 0: none given
  bool v6 = false;
};

// uri-host [ ":" port ] of RFC 9110 7.2. False: not that, or an empty host, or a port above 65535.
bool split_authority(std::string_view text, Authority& out);

}  // namespace spillway
