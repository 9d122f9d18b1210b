#include "cli/bench_histogram.h"

#include <algorithm>
#include <bit>

namespace spillway::bench {

namespace {

constexpr unsigned kBits = Histogram::kPrecisionBits;
constexpr std::uint64_t kPerOctave = std::uint64_t{1} << kBits;

// How far a value is shifted to have kBits + 1 bits.
unsigned shift_of(std::uint64_t ns) {
  const unsigned width = static_cast<unsigned>(std::bit_width(ns));
  return width > kBits + 1 ? width - kBits - 1 : 0;
}

std::size_t bucket_of(std::uint64_t ns) {
  const unsigned shift = shift_of(ns);
  return static_cast<std::size_t>(shift * kPerOctave + (ns >> shift));
}

// The largest duration that falls into the bucket.
std::uint64_t top_of(std::size_t bucket) {
  if (bucket < 2 * kPerOctave) return bucket;
  const std::uint64_t shift = bucket / kPerOctave - 1;
  return ((bucket - shift * kPerOctave + 1) << shift) - 1;
}

}  // namespace

Histogram::Histogram() : buckets_(bucket_of(kMaxNs) + 1, 0) {}

void Histogram::record(std::uint64_t ns) {
  ns = std::min(ns, kMaxNs);
  ++buckets_[bucket_of(ns)];
  ++count_;
  min_ = std::min(min_, ns);
  max_ = std::max(max_, ns);
  sum_ += static_cast<double>(ns);
}

void Histogram::add(const Histogram& other) {
  for (std::size_t i = 0; i < buckets_.size(); ++i) buckets_[i] += other.buckets_[i];
  count_ += other.count_;
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
  sum_ += other.sum_;
}

double Histogram::mean_ns() const { return count_ == 0 ? 0 : sum_ / static_cast<double>(count_); }

std::uint64_t Histogram::percentile_ns(double percent) const {
  if (count_ == 0) return 0;
  // Rounded up by hand: std::ceil would pull in libm. The little below keeps 99.9 % of 1000 at 999.
  const double wanted = percent / 100 * static_cast<double>(count_) - 1e-6;
  const std::uint64_t rank = wanted <= 0 ? 1 : std::min(static_cast<std::uint64_t>(wanted) + 1, count_);
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    seen += buckets_[i];
    if (seen >= rank) return std::min(top_of(i), max_);
  }
  return max_;
}

}  // namespace spillway::bench
