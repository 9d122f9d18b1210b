// A blocking HTTP request to this machine, for the demo: one connection, one answer. Thread: any.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"

namespace spillway {

struct Asked {
  int status = 0;  // 0: no answer, `body` says why
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  bool stream_error = false;  // an error event came, or the body broke off
  bool done = false;          // a stream ended with [DONE]
  std::string header(std::string_view name) const;
};

// `host` is an IPv4 address or "localhost".
Asked ask(const std::string& host, std::uint16_t port, std::string_view method, std::string_view path,
          std::string_view body);
Asked ask(std::uint16_t port, std::string_view method, std::string_view path, std::string_view body);

// The body of a running process's answer at its admin listener, "http://127.0.0.1:4001". Kind::config: that is no such
// address; any other error is why there is no answer, or what it said instead.
Result<std::string> ask_admin(const std::string& admin, std::string_view method, std::string_view path,
                              std::string_view body);

}  // namespace spillway
