// Tallies of threads and slices add up.
#include "cli/bench_tally.h"

#include <gtest/gtest.h>

namespace spillway::bench {
namespace {

TEST(BenchTally, failed_is_neither_ok_nor_unfinished) {
  Tally tally;
  for (const Ending ending : {Ending::ok, Ending::ok, Ending::connect, Ending::timeout, Ending::reset, Ending::invalid,
                              Ending::broken_stream, Ending::stream_error, Ending::unfinished}) {
    tally.end(ending);
  }
  tally.end(Ending::status, 429);
  tally.end(Ending::status, 503);
  tally.end(Ending::status, 503);
  EXPECT_EQ(tally.ok(), 2u);
  EXPECT_EQ(tally.failed(), 9u);
  EXPECT_EQ(tally.statuses[429], 1u);
  EXPECT_EQ(tally.statuses[503], 2u);
}

TEST(BenchTally, threads_share_a_window_and_slices_add_theirs) {
  Tally one, other;
  one.window_ns = 100;
  one.in_window = 5;
  one.latency.record(7);
  other.window_ns = 90;
  other.in_window = 6;
  other.events = 3;
  other.latency.record(9);
  other.end(Ending::status, 404);
  Tally threads = one, slices = one;
  threads.add_thread(other);
  slices.add_slice(other);
  EXPECT_EQ(threads.window_ns, 100u);
  EXPECT_EQ(slices.window_ns, 190u);
  for (const Tally* sum : {&threads, &slices}) {
    EXPECT_EQ(sum->in_window, 11u);
    EXPECT_EQ(sum->events, 3u);
    EXPECT_EQ(sum->latency.count(), 2u);
    EXPECT_EQ(sum->statuses[404], 1u);
  }
}

TEST(BenchTally, each_ending_has_its_own_name) {
  for (std::size_t i = 0; i < kEndings; ++i) {
    EXPECT_FALSE(to_string(static_cast<Ending>(i)).empty());
    for (std::size_t k = 0; k < i; ++k) {
      EXPECT_NE(to_string(static_cast<Ending>(i)), to_string(static_cast<Ending>(k)));
    }
  }
}

}  // namespace
}  // namespace spillway::bench
