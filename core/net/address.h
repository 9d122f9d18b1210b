// An IP address with its port, and the system's errors in words. Private to net/. Thread: any.
#pragma once
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace spillway {

struct Address {
  union {
    sockaddr any;
    sockaddr_in v4;
    sockaddr_in6 v6;
  };
  Address() : v6{} {}

  static std::optional<Address> literal(const std::string& host, std::uint16_t port);  // v6 without brackets
  static std::optional<Address> from(const sockaddr* raw);  // anything but IPv4 and IPv6: none
  bool is_v6() const { return any.sa_family == AF_INET6; }
  socklen_t size() const { return is_v6() ? sizeof v6 : sizeof v4; }
  std::uint16_t port() const;
  void set_port(std::uint16_t port);
  std::string host() const;
};

using Addresses = std::vector<Address>;

// "127.0.0.1:4000", "[::1]:4000", "localhost:4000" in parts, brackets removed.
struct HostPort {
  std::string host;
  std::uint16_t port = 0;
};
std::optional<HostPort> split_host_port(std::string_view text);

// `code` is negative, as libuv returns it. The kind follows from it; a lack of our own resources is blamed on us.
Error system_error(int code, Source source, std::string_view what);

}  // namespace spillway
