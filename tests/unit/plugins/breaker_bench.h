// A breaker's cells with a clock and a draw, for the tests of the pure machine.
#pragma once
#include <gtest/gtest.h>

#include <array>

#include "breaker_machine.h"

inline constexpr brk_params kDefaults = {5, 30'000, 20, 500, 10'000, 300'000, 30'000, 2, 10'000, 600'000};
inline constexpr std::uint64_t kMiddle = 200;  // jitter draw that gives exactly d(k)

// One breaker with a clock that is a number.
struct Breaker {
  std::array<std::uint64_t, BRK_CELLS> cells{};
  brk_params params = kDefaults;
  std::uint64_t now = 1000;
  brk_change change{};

  brk_state state() const { return brk_unpack(cells[BRK_STATE]); }
  brk_answer ask(brk_permit& permit, bool early = false, bool spare = false, std::uint64_t random = kMiddle) {
    return brk_acquire(cells.data(), &params, now, random, spare, early, &permit, &change);
  }
  brk_permit go() {
    brk_permit permit;
    EXPECT_TRUE(ask(permit).allowed);
    return permit;
  }
  brk_change report(brk_permit permit, brk_verdict verdict) {
    return brk_report(cells.data(), &permit, verdict, &params, now, kMiddle);
  }
  void fail(int times) {
    for (int i = 0; i < times; ++i) report(go(), BRK_FAIL);
  }
  bool denied() {
    brk_permit permit;
    return !ask(permit).allowed;
  }
  void open() { fail(5); }
};
