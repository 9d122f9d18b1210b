// Counts of durations, from which percentiles are read: log-linear buckets, as HDR histograms have them.
//
// Every octave has 2^kPrecisionBits buckets, so a percentile is never less than the true one and at most kErrorBound
// (0.4 %) more; below 512 ns, and for minimum, maximum and mean, it is exact. Recording is an increment, without any
// allocation. Owner: a Tally. Thread: its owner's.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace spillway::bench {

class Histogram {
 public:
  static constexpr unsigned kPrecisionBits = 8;
  static constexpr double kErrorBound = 1.0 / (1u << kPrecisionBits);
  static constexpr std::uint64_t kMaxNs = (std::uint64_t{1} << 42) - 1;  // 73 minutes; longer counts as that long

  Histogram();
  void record(std::uint64_t ns);
  void add(const Histogram& other);

  std::uint64_t count() const { return count_; }
  std::uint64_t min_ns() const { return count_ == 0 ? 0 : min_; }
  std::uint64_t max_ns() const { return max_; }
  double mean_ns() const;
  // The least recorded duration that `percent` of all do not exceed; 0 when there are none.
  std::uint64_t percentile_ns(double percent) const;

 private:
  std::vector<std::uint64_t> buckets_;
  std::uint64_t count_ = 0, min_ = kMaxNs, max_ = 0;
  double sum_ = 0;
};

}  // namespace spillway::bench
