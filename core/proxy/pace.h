// How long an answer that has begun may go on, and how little it may bring meanwhile (reliability.md U9).
//
// Silence has a clock of its own, in upstream/attempt; this is for providers that drip: every byte or comment is a
// sign of life, and yet the answer never ends. A client that takes its answer slowly is not the provider's fault: a
// window in which it did is not judged. Owner: a Request; it asks look() whenever next_ms() has passed. Thread: its
// loop's.
#pragma once
#include <cstdint>

#include "conf/config.h"

namespace spillway {

class Pace {
 public:
  enum class Found : std::uint8_t { fine, too_long, too_slow };

  // The answer begins. `counts`: content events are counted in it, so that a least rate can be asked for.
  void begin(const Limits& limits, std::uint64_t started_us, std::uint64_t now_us, bool counts);
  void client_stalled() { client_free_us_ = kNever; }
  void client_drained(std::uint64_t now_us);
  std::uint64_t next_ms(std::uint64_t now_us) const;              // until the next look; 0: none is needed
  Found look(std::uint64_t now_us, std::uint64_t events_so_far);  // fine: another window has begun
  bool client_stalls() const { return client_free_us_ == kNever; }
  bool client_was_slow() const { return client_free_us_ != 0; }

 private:
  static constexpr std::uint64_t kNever = ~std::uint64_t{0};
  std::uint64_t end_us_ = kNever;  // of the whole answer
  std::uint64_t window_us_ = 0;    // length of a window; 0: no least rate
  std::uint64_t window_end_us_ = kNever;
  std::uint64_t events_ = 0;          // when the window began
  std::uint64_t events_min_ = 0;      // a window's
  std::uint64_t client_free_us_ = 0;  // since when the client keeps up; 0: always did, kNever: it does not
};

}  // namespace spillway
