// Does the time it takes to look up a client's key tell anything about the keys? (reliability.md X5, after dudect)
//
// Two classes of guesses in random order, each timed alone; Welch's t-test says whether their means differ. Beyond 4.5 a
// difference is certain for practical purposes. The largest |t| is taken over all samples and over those below several
// percentiles, since what interrupts the process hides small differences. `memcmp` is the control: if it does not show,
// the machine is too noisy to say anything. A measurement, no test: it always ends with 0.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "base/hash.h"
#include "conf/load.h"
#include "proxy/generation.h"
#include "proxy/shared.h"

namespace spillway {
namespace {

constexpr double kPercentiles[] = {1.0, 0.99, 0.95, 0.9, 0.8, 0.7, 0.6, 0.5};
constexpr std::size_t kKeys = 8;
volatile std::uint64_t g_sink;  // keeps what is timed from being left out

std::uint64_t ticks() {
#if defined(__x86_64__)
  __builtin_ia32_lfence();  // what came before is over
  return __builtin_ia32_rdtsc();
#else
  return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
#endif
}

struct Mean {
  double n = 0, mean = 0, squares = 0;
  void add(double x) {
    const double before = x - mean;
    mean += before / ++n;
    squares += before * (x - mean);
  }
  double error() const { return squares / (n - 1) / n; }
};

double welch(const Mean& a, const Mean& b) { return (a.mean - b.mean) / std::sqrt(a.error() + b.error()); }

// `timed(i)` looks at a guess of class 0 or 1 that prepare() put where both classes have theirs.
template <typename Prepare, typename Timed>
void measure(const char* name, std::size_t samples, Prepare prepare, Timed timed) {
  std::mt19937_64 random(1);
  std::vector<std::uint32_t> took(samples);
  std::vector<std::uint8_t> classes(samples);
  for (std::size_t i = 0; i < samples; ++i) {
    classes[i] = static_cast<std::uint8_t>(random() >> 40 & 1);
    prepare(classes[i], random);
    const std::uint64_t before = ticks();
    g_sink = g_sink + timed();
    took[i] = static_cast<std::uint32_t>(std::min<std::uint64_t>(ticks() - before, UINT32_MAX));
  }
  std::vector<std::uint32_t> sorted = took;
  std::sort(sorted.begin(), sorted.end());
  double worst = 0;
  for (const double percentile : kPercentiles) {
    const std::uint32_t most = sorted[static_cast<std::size_t>(percentile * static_cast<double>(samples - 1))];
    Mean means[2];
    for (std::size_t i = 0; i < samples; ++i) {
      if (took[i] <= most) means[classes[i]].add(took[i]);
    }
    if (means[0].n < 1000 || means[1].n < 1000) continue;
    const double t = std::abs(welch(means[0], means[1]));
    if (std::isfinite(t)) worst = std::max(worst, t);
  }
  std::printf("%-58s median %6u ticks, largest |t| %8.2f\n", name, sorted[samples / 2], worst);
}

std::string random_key(std::mt19937_64& random) {
  std::string key = "sk-";
  while (key.size() < 51) key += "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"[random() % 62];
  return key;
}

void compare_digests(std::size_t samples) {
  const Digest stored = sha256("the key");
  Digest guess{};
  const auto prepare = [&](int which, std::mt19937_64&) {
    guess = stored;
    guess[which == 0 ? 0 : 31] ^= 1;  // the first byte, or the last
  };
  measure("control, memcmp: wrong in the first byte or the last", samples, prepare, [&] {
    std::uint64_t equal = 0;
    for (int i = 0; i < 16; ++i) {
      const void* volatile from = guess.data();
      std::size_t at = 0;  // a loop with an early exit, as a simple memcmp has
      while (at < guess.size() && static_cast<const std::uint8_t*>(from)[at] == stored[at]) ++at;
      equal += at;
    }
    return equal;
  });
  measure("equal_in_constant_time: the same", samples, prepare, [&] {
    std::uint64_t equal = 0;
    for (int i = 0; i < 16; ++i) {
      const Digest* volatile from = &guess;
      equal += equal_in_constant_time(*from, stored) ? 1 : 0;
    }
    return equal;
  });
}

void look_up(std::size_t samples) {
  std::mt19937_64 random(2);
  std::string text = "[[provider]]\nname = \"up\"\nbase_url = \"http://127.0.0.1:1/v1\"\n";
  text += "[[route]]\nmodel = \"*\"\ntargets = [{ provider = \"up\" }]\n";
  std::vector<std::string> keys;
  for (std::size_t i = 0; i < kKeys; ++i) {
    keys.push_back(random_key(random));
    text += "[[key]]\nname = \"k" + std::to_string(i) + "\"\nsecret = \"" + keys.back() + "\"\n";
  }
  Loaded loaded = load_config_text(text, "key_timing.toml");
  const SystemClock clock;
  Shared shared(clock);
  const auto generation = Generation::build(std::move(loaded.config), shared, loaded.problems);
  if (generation == nullptr || generation->authenticate(keys[0]) == nullptr) std::abort();
  std::string guess = keys[0];
  std::string both[2];  // written anew for each sample and chosen by index, so that only the bytes differ
  const auto prepare = [&](int which) { std::memcpy(guess.data(), both[which].data(), guess.size()); };
  const auto timed = [&] { return std::uint64_t{generation->authenticate(guess) != nullptr}; };
  const auto near = [&](int which, std::mt19937_64& dice) {
    both[0] = keys[0];
    both[1] = random_key(dice);
    both[0].back() = both[1].back() = '-';  // in no key
    prepare(which);
  };
  measure("authenticate: all but the last character right, or none", samples, near, timed);
  const auto place = [&](int which, std::mt19937_64&) {
    both[0] = keys.front();
    both[1] = keys.back();
    prepare(which);
  };
  measure("authenticate: the first key of eight, or the last", samples, place, timed);
}

}  // namespace
}  // namespace spillway

int main(int argc, char** argv) {
  const std::size_t samples = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 1'000'000;
  if (samples < 10'000) {
    std::fprintf(stderr, "usage: key_timing [SAMPLES, at least 10000]\n");
    return 2;
  }
  spillway::compare_digests(samples);
  spillway::look_up(samples);
  return 0;
}
