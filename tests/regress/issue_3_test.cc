// What the models of the breaker and the quota ledger found, and the fuzz targets: one test per mended fault.
#include <gtest/gtest.h>

#include <array>

#include "quota_ledger.h"
#include "support/actor.h"
#include "support/fake_host.h"

namespace spillway {
namespace {

// Found by QuotaLedgerModel: a day spent while the clock was a year ahead stayed spent for that year, because the day
// put right was never written down.
TEST(Issue3, a_day_spent_under_a_clock_a_year_ahead_ends_at_the_next_midnight) {
  std::array<std::uint64_t, QUOTA_CELLS> cells{};
  const quota_limits limits{0, 50};
  std::int64_t wall = 20'400 * QUOTA_DAY_MS;
  quota_hold hold;
  while (quota_reserve(cells.data(), limits, wall, 1, 0, &hold).why == QUOTA_OPEN) {
  }
  wall -= 365 * QUOTA_DAY_MS;
  const quota_answer today = quota_look(cells.data(), limits, wall, 1);
  EXPECT_EQ(today.why, QUOTA_DAY_SPENT) << "nothing is re-opened by a clock that steps back";
  wall += today.wait_ms;
  EXPECT_EQ(quota_reserve(cells.data(), limits, wall, 1, 0, &hold).why, QUOTA_OPEN)
      << "and the wait that was told is true";
}

// Found while writing plugin_fuzz: a plugin's wait was taken as it was, and rounding it up to the seconds of a
// Retry-After overflowed.
TEST(Issue3, a_wait_that_a_plugin_makes_up_is_bounded) {
  Stage stage;
  FakeServices services;
  const Policies policies = policies_of({&Actor<0>::plugin});
  const std::unique_ptr<PolicyWorker> worker = start_worker(policies, services);
  Trial trial(*worker);
  Actor<0>::hooks.request = [](spw_call* call) -> std::int32_t {
    call->host->exclude(call, 0, SPW_X_THROTTLED, INT64_MAX, SPW_STR("for ever"));
    call->host->exclude(call, 1, SPW_X_THROTTLED, INT64_MIN, SPW_STR("never"));
    return SPW_NEXT;
  };
  trial.chain.run();
  EXPECT_EQ(trial.plan.candidates[0].wait_ms, std::int64_t{366} * 24 * 3600 * 1000);
  EXPECT_EQ(trial.plan.candidates[1].wait_ms, -1);
  trial.chain.end();
}

}  // namespace
}  // namespace spillway
