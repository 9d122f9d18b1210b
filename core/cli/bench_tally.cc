#include "cli/bench_tally.h"

#include <algorithm>

namespace spillway::bench {

std::string_view to_string(Ending ending) {
  static constexpr std::array<std::string_view, kEndings> kNames = {
      "ok", "connect", "timeout", "reset", "invalid", "status", "broken_stream", "stream_error", "unfinished"};
  return kNames[static_cast<std::size_t>(ending)];
}

void Tally::end(Ending ending, int status) {
  ++endings[static_cast<std::size_t>(ending)];
  if (ending == Ending::status) ++statuses[static_cast<std::size_t>(std::clamp(status, 0, 999))];
}

std::uint64_t Tally::failed() const {
  std::uint64_t all = 0;
  for (const std::uint64_t one : endings) all += one;
  return all - ok() - count(Ending::unfinished);
}

void Tally::add(const Tally& other) {
  for (std::size_t i = 0; i < endings.size(); ++i) endings[i] += other.endings[i];
  for (std::size_t i = 0; i < statuses.size(); ++i) statuses[i] += other.statuses[i];
  in_window += other.in_window;
  events += other.events;
  bytes_in += other.bytes_in;
  connections += other.connections;
  latency.add(other.latency);
  first_content.add(other.first_content);
  gaps.add(other.gaps);
  connects.add(other.connects);
}

void Tally::add_thread(const Tally& other) {
  add(other);
  window_ns = std::max(window_ns, other.window_ns);
}

void Tally::add_slice(const Tally& other) {
  add(other);
  window_ns += other.window_ns;
}

}  // namespace spillway::bench
