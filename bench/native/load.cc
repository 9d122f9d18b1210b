// The load client for what wrk cannot do: requests at a fixed rate, and streams.
//
//   load rate port=8000 request=FILE rate=1000 connections=64 seconds=5 warm_ms=500
//   load streams port=8000 request=FILE streams=256 ramp_ms=1000 seconds=5
#include "load.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <fstream>
#include <sstream>

namespace bench {

std::string request_bytes(const Words& words) {
  std::ifstream file(words.text("request"), std::ios::binary);
  std::stringstream all;
  all << file.rdbuf();
  if (!file || all.str().empty()) die("request=");
  return all.str();
}

bool send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n > 0) bytes.remove_prefix(static_cast<std::size_t>(n));
    if (n > 0) continue;
    if (errno != EAGAIN) return false;
    pollfd room{fd, POLLOUT, 0};
    if (poll(&room, 1, 10'000) <= 0) return false;
  }
  return true;
}

std::string Spread::json(std::string_view prefix) {
  if (ns_.empty()) return {};
  std::sort(ns_.begin(), ns_.end());
  std::string text;
  const std::pair<const char*, double> marks[] = {{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p999", 0.999}};
  for (const auto& [name, part] : marks) {
    const auto at = std::min(ns_.size() - 1, static_cast<std::size_t>(part * static_cast<double>(ns_.size())));
    char figure[96];
    std::snprintf(figure, sizeof figure, ",\"%s%s_us\":%.1f", std::string(prefix).c_str(), name,
                  static_cast<double>(ns_[at]) / 1000);
    text += figure;
  }
  return text;
}

}  // namespace bench

int main(int count, char** words) {
  const std::string_view kind = count > 1 ? words[1] : "";
  if (kind == "rate") return bench::run_rate(bench::Words(count - 2, words + 2));
  if (kind == "streams") return bench::run_streams(bench::Words(count - 2, words + 2));
  bench::die("load rate|streams name=value...");
}
