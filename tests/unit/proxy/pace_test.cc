// Row U9 of reliability.md: answers that drip. The clock is a number.
#include "proxy/pace.h"

#include <gtest/gtest.h>

namespace spillway {
namespace {

constexpr std::uint64_t kStart = 5'000'000;  // the request's, in microseconds
constexpr std::uint64_t kBegan = 7'000'000;  // the answer's

class Paced {
 public:
  Paced(std::int64_t answer_ms, std::int64_t window_ms, std::int64_t events, bool counts = true) {
    Limits limits;
    limits.answer_ms = answer_ms;
    limits.stream_window_ms = window_ms;
    limits.stream_window_events = events;
    pace.begin(limits, kStart, kBegan, counts);
  }
  Pace pace;
};

TEST(Pace, defaults_are_ten_minutes_and_an_event_a_minute) {
  const Limits limits;
  EXPECT_EQ(limits.answer_ms, 600'000);
  EXPECT_EQ(limits.stream_window_ms, 60'000);
  EXPECT_EQ(limits.stream_window_events, 1);
}

TEST(Pace, the_whole_is_counted_from_the_requests_start) {
  Paced one(10'000, 60'000, 0);
  EXPECT_EQ(one.pace.next_ms(kBegan), 8'000u);
  EXPECT_EQ(one.pace.look(kStart + 9'999'999, 1'000'000), Pace::Found::fine);
  EXPECT_EQ(one.pace.next_ms(kStart + 9'999'999), 1u);
  EXPECT_EQ(one.pace.look(kStart + 10'000'000, 1'000'000), Pace::Found::too_long);
}

TEST(Pace, nothing_is_asked_for_when_both_are_off) {
  Paced one(0, 60'000, 0);
  EXPECT_EQ(one.pace.next_ms(kBegan), 0u);
  EXPECT_EQ(one.pace.look(kBegan + 1'000'000'000'000, 0), Pace::Found::fine);
}

TEST(Pace, an_answer_without_events_has_no_rate) {
  Paced one(0, 60'000, 1, false);
  EXPECT_EQ(one.pace.next_ms(kBegan), 0u);
}

TEST(Pace, each_window_must_bring_its_events) {
  Paced one(0, 1'000, 2);
  std::uint64_t now = kBegan;
  std::uint64_t events = 1;
  for (int window = 0; window < 5; ++window) {
    EXPECT_EQ(one.pace.next_ms(now), 1'000u);
    now += 1'000'000;
    events += 2;
    EXPECT_EQ(one.pace.look(now, events), Pace::Found::fine) << window;
  }
  EXPECT_EQ(one.pace.look(now + 1'000'000, events + 1), Pace::Found::too_slow);
}

TEST(Pace, a_look_before_the_windows_end_judges_nothing) {
  Paced one(0, 1'000, 1);
  EXPECT_EQ(one.pace.look(kBegan + 999'999, 0), Pace::Found::fine);
  EXPECT_EQ(one.pace.next_ms(kBegan + 999'999), 1u);
  EXPECT_EQ(one.pace.look(kBegan + 1'000'000, 0), Pace::Found::too_slow);
}

TEST(Pace, the_earlier_of_the_two_ends_comes_first) {
  Paced one(3'000, 2'000, 1);
  EXPECT_EQ(one.pace.next_ms(kBegan), 1'000u);
  EXPECT_EQ(one.pace.look(kStart + 3'000'000, 0), Pace::Found::too_long);
}

TEST(Pace, a_window_in_which_the_client_was_slow_is_not_judged) {
  Paced one(0, 1'000, 1);
  EXPECT_FALSE(one.pace.client_was_slow());
  one.pace.client_stalled();
  EXPECT_TRUE(one.pace.client_was_slow());
  EXPECT_EQ(one.pace.look(kBegan + 1'000'000, 0), Pace::Found::fine) << "it still is";
  one.pace.client_drained(kBegan + 1'500'000);
  EXPECT_EQ(one.pace.look(kBegan + 2'000'000, 0), Pace::Found::fine) << "it was, in half of it";
  EXPECT_EQ(one.pace.look(kBegan + 3'000'000, 0), Pace::Found::too_slow) << "now it is the provider";
  EXPECT_TRUE(one.pace.client_was_slow());
}

TEST(Pace, draining_without_a_stall_changes_nothing) {
  Paced one(0, 1'000, 1);
  one.pace.client_drained(kBegan + 500'000);
  EXPECT_FALSE(one.pace.client_was_slow());
  EXPECT_EQ(one.pace.look(kBegan + 1'000'000, 0), Pace::Found::too_slow);
}

}  // namespace
}  // namespace spillway
