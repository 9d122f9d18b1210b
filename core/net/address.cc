// Addresses as libuv reads and prints them. Thread: any.
#include "net/address.h"

#include <arpa/inet.h>
#include <uv.h>

#include <charconv>
#include <cstring>

namespace spillway {

std::optional<Address> Address::literal(const std::string& host, std::uint16_t port) {
  Address address;
  if (uv_ip4_addr(host.c_str(), port, &address.v4) == 0) return address;
  if (uv_ip6_addr(host.c_str(), port, &address.v6) == 0) return address;
  return std::nullopt;
}

std::optional<Address> Address::from(const sockaddr* raw) {
  Address address;
  if (raw->sa_family == AF_INET) {
    std::memcpy(&address.v4, raw, sizeof address.v4);
  } else if (raw->sa_family == AF_INET6) {
    std::memcpy(&address.v6, raw, sizeof address.v6);
  } else {
    return std::nullopt;
  }
  return address;
}

std::uint16_t Address::port() const { return ntohs(is_v6() ? v6.sin6_port : v4.sin_port); }

void Address::set_port(std::uint16_t port) { (is_v6() ? v6.sin6_port : v4.sin_port) = htons(port); }

std::string Address::host() const {
  char text[INET6_ADDRSTRLEN] = "";
  if (is_v6()) {
    uv_ip6_name(&v6, text, sizeof text);
  } else {
    uv_ip4_name(&v4, text, sizeof text);
  }
  return text;
}

std::optional<HostPort> split_host_port(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  const std::string_view digits = text.substr(colon + 1);
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return std::nullopt;  // an IPv6 address without brackets: which colon starts the port?
  }
  HostPort parts{std::string(host), 0};
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), parts.port);
  if (failure != std::errc() || end != digits.data() + digits.size() || host.empty()) return std::nullopt;
  return parts;
}

Error system_error(int code, Source source, std::string_view what) {
  std::string detail(what);
  detail += ": ";
  detail += uv_strerror(code);
  switch (code) {
    case UV_ECONNREFUSED:
    case UV_EHOSTUNREACH:
    case UV_ENETUNREACH:
    case UV_EADDRNOTAVAIL:
    case UV_EACCES:
    case UV_EPERM: return {Kind::refused, source, Retry::yes, std::move(detail)};
    case UV_ETIMEDOUT: return {Kind::timeout, source, Retry::yes, std::move(detail)};
    case UV_EMFILE:
    case UV_ENFILE:
    case UV_ENOMEM:
    case UV_ENOBUFS: return {Kind::internal, Source::us, Retry::no, std::move(detail)};
    default: return {Kind::closed, source, Retry::yes, std::move(detail)};
  }
}

}  // namespace spillway
