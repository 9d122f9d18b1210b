#include "proxy/pace.h"

#include <algorithm>
#include <utility>

namespace spillway {

void Pace::begin(const Limits& limits, std::uint64_t started_us, std::uint64_t now_us, bool counts) {
  *this = Pace();
  if (limits.answer_ms > 0) end_us_ = started_us + static_cast<std::uint64_t>(limits.answer_ms) * 1000;
  if (!counts || limits.stream_window_events == 0) return;
  window_us_ = static_cast<std::uint64_t>(limits.stream_window_ms) * 1000;
  window_end_us_ = now_us + window_us_;
  events_min_ = static_cast<std::uint64_t>(limits.stream_window_events);
}

void Pace::client_drained(std::uint64_t now_us) {
  if (client_free_us_ == kNever) client_free_us_ = now_us;
}

std::uint64_t Pace::next_ms(std::uint64_t now_us) const {
  const std::uint64_t due_us = std::min(end_us_, window_end_us_);
  if (due_us == kNever) return 0;
  return due_us <= now_us ? 1 : (due_us - now_us + 999) / 1000;
}

Pace::Found Pace::look(std::uint64_t now_us, std::uint64_t events_so_far) {
  if (now_us >= end_us_) return Found::too_long;
  if (now_us < window_end_us_) return Found::fine;
  const std::uint64_t came = events_so_far - std::exchange(events_, events_so_far);
  const bool judged = client_free_us_ <= window_end_us_ - window_us_;
  window_end_us_ = now_us + window_us_;
  return judged && came < events_min_ ? Found::too_slow : Found::fine;
}

}  // namespace spillway
