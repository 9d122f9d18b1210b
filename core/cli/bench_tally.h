// What one thread, one slice or one whole run measured; tallies of several add up.
//
// Requests are counted by how they ended, and durations only of those that ended well: a quick refusal must not make
// the answers look quick. Owner: a Worker, then the report. Thread: its owner's.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "cli/bench_histogram.h"

namespace spillway::bench {

enum class Ending : std::uint8_t {
  ok,
  connect,        // no connection: name, TCP or TLS
  timeout,        // not finished in time, counted from the intended start
  reset,          // the connection ended before the answer did
  invalid,        // an answer that is not HTTP
  status,         // 3xx, 4xx or 5xx
  broken_stream,  // cut, without its end, or not a stream of JSON events at all
  stream_error,   // the stream told of an error
  unfinished,     // ours: the run was interrupted before
};
inline constexpr std::size_t kEndings = 9;
std::string_view to_string(Ending ending);  // as in the JSON report

struct Tally {
  static constexpr std::size_t kStatuses = 1000;

  std::array<std::uint64_t, kEndings> endings{};
  std::array<std::uint64_t, kStatuses> statuses{};  // of Ending::status
  std::uint64_t in_window = 0;                      // ended well inside the measured time, whenever begun
  std::uint64_t events = 0;                         // of measured streams
  std::uint64_t bytes_in = 0;
  std::uint64_t connections = 0;  // made, also while warming up
  std::uint64_t window_ns = 0;    // the measured time; of threads side by side the longest
  Histogram latency, first_content, gaps, connects;

  void end(Ending ending, int status = 0);
  std::uint64_t count(Ending ending) const { return endings[static_cast<std::size_t>(ending)]; }
  std::uint64_t ok() const { return count(Ending::ok); }
  std::uint64_t failed() const;  // neither ok nor unfinished
  void add_thread(const Tally& other);
  void add_slice(const Tally& other);

 private:
  void add(const Tally& other);
};

}  // namespace spillway::bench
