// What the two kinds of load share: a connection, and the figures printed as JSON for bench/run.py.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "framing.h"
#include "sockets.h"

namespace bench {

int run_rate(const Words& words);
int run_streams(const Words& words);

// The request as it goes on the wire, head and body, from the file that `request=` names.
std::string request_bytes(const Words& words);
// Sends all of it, waiting where it must; false when the connection is gone.
bool send_all(int fd, std::string_view bytes);

// Microseconds; sorts what it is given.
class Spread {
 public:
  void add(std::uint64_t ns) { ns_.push_back(ns); }
  std::size_t count() const { return ns_.size(); }
  // "p50_us":1.0,"p99_us":2.0 and so on, each with that prefix; nothing when there are none.
  std::string json(std::string_view prefix);

 private:
  std::vector<std::uint64_t> ns_;
};

}  // namespace bench
