// Randomness for weighted picks, jitter and ids; not for secrets. xoshiro256**, seeded by the system or by a test.
// Thread: one Dice per thread.
#pragma once
#include <cstdint>

namespace spillway {

class Dice {
 public:
  Dice();  // seeded from the system
  explicit Dice(std::uint64_t seed);
  std::uint64_t roll();
  double unit();                             // 0 <= u < 1, 53 bits
  std::uint64_t below(std::uint64_t bound);  // 0 <= n < bound; bound > 0

 private:
  std::uint64_t state_[4] = {};
};

}  // namespace spillway
