#include "base/error.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace spillway {

std::string_view to_string(Kind kind) {
  switch (kind) {
    case Kind::invalid: return "invalid";
    case Kind::limit: return "limit";
    case Kind::refused: return "refused";
    case Kind::closed: return "closed";
    case Kind::timeout: return "timeout";
    case Kind::dns: return "dns";
    case Kind::tls: return "tls";
    case Kind::not_found: return "not_found";
    case Kind::config: return "config";
    case Kind::internal: return "internal";
  }
  return "?";
}

Error invalid(std::string detail) { return {Kind::invalid, Source::us, Retry::no, std::move(detail)}; }

void check_failed(const char* condition, const char* file, int line) {
  char text[512];
  const int n = std::snprintf(text, sizeof text, "CHECK(%s) failed at %s:%d\n", condition, file, line);
  // Not through the log: it may be what failed.
  if (n > 0 && ::write(STDERR_FILENO, text, static_cast<std::size_t>(n)) < 0) std::abort();
  std::abort();
}

}  // namespace spillway
