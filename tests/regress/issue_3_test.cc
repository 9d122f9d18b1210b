// What the models of the breaker and the quota ledger found, and the fuzz targets: one test per mended fault.
#include <gtest/gtest.h>

#include <array>

#include "quota_ledger.h"

namespace {

// Found by QuotaLedgerModel: a day spent while the clock was a year ahead stayed spent for that year, because the day
// put right was never written down.
TEST(Issue3, a_day_spent_under_a_clock_a_year_ahead_ends_at_the_next_midnight) {
  std::array<std::uint64_t, QUOTA_CELLS> cells{};
  const quota_limits limits{0, 50};
  std::int64_t wall = 20'400 * QUOTA_DAY_MS;
  quota_hold hold;
  while (quota_reserve(cells.data(), limits, wall, 1, &hold).why == QUOTA_OPEN) {
  }
  wall -= 365 * QUOTA_DAY_MS;
  const quota_answer today = quota_look(cells.data(), limits, wall, 1);
  EXPECT_EQ(today.why, QUOTA_DAY_SPENT) << "nothing is re-opened by a clock that steps back";
  wall += today.wait_ms;
  EXPECT_EQ(quota_reserve(cells.data(), limits, wall, 1, &hold).why, QUOTA_OPEN)
      << "and the wait that was told is true";
}

}  // namespace
