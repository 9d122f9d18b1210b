// xoshiro256** by Blackman and Vigna (2018), seeded by SplitMix64 as its authors advise.
#include "base/dice.h"

#include <sys/random.h>

#include <bit>

#include "base/clock.h"
#include "base/error.h"

namespace spillway {

Dice::Dice() {
  std::uint64_t seed = 0;
  if (::getrandom(&seed, sizeof seed, 0) != static_cast<ssize_t>(sizeof seed)) seed = SystemClock().now_us();
  *this = Dice(seed);
}

Dice::Dice(std::uint64_t seed) {
  for (std::uint64_t& word : state_) {
    seed += 0x9e3779b97f4a7c15ull;
    std::uint64_t z = seed;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
    word = z ^ (z >> 31);
  }
}

std::uint64_t Dice::roll() {
  const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const std::uint64_t shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

double Dice::unit() { return static_cast<double>(roll() >> 11) * 0x1.0p-53; }

std::uint64_t Dice::below(std::uint64_t bound) {
  CHECK(bound > 0);
  // Rolls at or above it would favour low numbers.
  const std::uint64_t limit = ~std::uint64_t{0} - ~std::uint64_t{0} % bound;
  std::uint64_t n = roll();
  while (n >= limit) n = roll();
  return n % bound;
}

}  // namespace spillway
