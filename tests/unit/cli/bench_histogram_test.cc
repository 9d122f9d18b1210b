// Percentiles are never too low and never more than kErrorBound too high, compared with sorting everything.
#include "cli/bench_histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace spillway::bench {
namespace {

constexpr double kPercents[] = {0.1, 1, 25, 50, 75, 90, 99, 99.9, 99.99, 100};

// The nearest rank: the least value that `percent` of all do not exceed.
std::uint64_t sorted_percentile(const std::vector<std::uint64_t>& sorted, double percent) {
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    if (static_cast<double>(i + 1) * 100 >= percent * static_cast<double>(sorted.size()) - 1e-6) return sorted[i];
  }
  return sorted.back();
}

void compare(std::vector<std::uint64_t> values) {
  Histogram histogram;
  for (const std::uint64_t value : values) histogram.record(value);
  std::sort(values.begin(), values.end());
  for (const double percent : kPercents) {
    const std::uint64_t is = histogram.percentile_ns(percent), should = sorted_percentile(values, percent);
    EXPECT_GE(is, should) << percent;
    EXPECT_LE(static_cast<double>(is), static_cast<double>(should) * (1 + Histogram::kErrorBound)) << percent;
  }
  EXPECT_EQ(histogram.min_ns(), values.front());
  EXPECT_EQ(histogram.max_ns(), values.back());
  EXPECT_EQ(histogram.count(), values.size());
}

TEST(BenchHistogram, percentiles_agree_with_sorting_within_the_bound) {
  std::uint64_t state = 42;
  for (const unsigned bits : {4u, 9u, 14u, 20u, 30u, 41u}) {
    std::vector<std::uint64_t> values;
    for (int i = 0; i < 5000; ++i) {
      state = state * 6364136223846793005u + 1442695040888963407u;
      values.push_back((state >> 20) & ((std::uint64_t{1} << bits) - 1));
    }
    compare(values);
  }
}

TEST(BenchHistogram, every_power_of_two_and_its_neighbours_keep_the_bound) {
  for (unsigned bit = 0; bit < 42; ++bit) {
    const std::uint64_t power = std::uint64_t{1} << bit;
    for (const std::uint64_t value : {power - 1, power, power + 1}) {
      Histogram histogram;
      histogram.record(value);
      histogram.record(Histogram::kMaxNs);  // so that the maximum does not cap the answer
      EXPECT_GE(histogram.percentile_ns(50), value);
      EXPECT_LE(static_cast<double>(histogram.percentile_ns(50)),
                static_cast<double>(value) * (1 + Histogram::kErrorBound));
    }
  }
}

TEST(BenchHistogram, small_values_are_exact) {
  for (std::uint64_t value = 0; value < 512; ++value) {
    Histogram histogram;
    histogram.record(value);
    histogram.record(100'000);
    EXPECT_EQ(histogram.percentile_ns(50), value);
  }
}

TEST(BenchHistogram, percentiles_of_a_thousand_are_the_ranks) {
  Histogram histogram;
  for (std::uint64_t i = 0; i < 999; ++i) histogram.record(10);
  histogram.record(1'000'000);
  EXPECT_EQ(histogram.percentile_ns(99.9), 10u);
  EXPECT_EQ(histogram.percentile_ns(99.91), 1'000'000u);
}

TEST(BenchHistogram, nothing_recorded_reads_as_zero) {
  const Histogram histogram;
  EXPECT_EQ(histogram.percentile_ns(99), 0u);
  EXPECT_EQ(histogram.min_ns(), 0u);
  EXPECT_EQ(histogram.max_ns(), 0u);
  EXPECT_EQ(histogram.mean_ns(), 0);
}

TEST(BenchHistogram, what_is_too_long_counts_as_the_longest) {
  Histogram histogram;
  histogram.record(~std::uint64_t{0});
  EXPECT_EQ(histogram.max_ns(), Histogram::kMaxNs);
  EXPECT_EQ(histogram.percentile_ns(50), Histogram::kMaxNs);
}

TEST(BenchHistogram, two_add_up_to_one_that_saw_both) {
  Histogram odd, even, all;
  for (std::uint64_t i = 0; i < 10'000; ++i) {
    (i % 2 == 0 ? even : odd).record(i * i);
    all.record(i * i);
  }
  odd.add(even);
  for (const double percent : kPercents) EXPECT_EQ(odd.percentile_ns(percent), all.percentile_ns(percent));
  EXPECT_EQ(odd.count(), all.count());
  EXPECT_EQ(odd.min_ns(), 0u);
  EXPECT_DOUBLE_EQ(odd.mean_ns(), all.mean_ns());
}

}  // namespace
}  // namespace spillway::bench
