// The breaker against a simple model (reliability.md 4.3): a million steps of seeded random schedules on a virtual
// clock, with properties P1, P2, P7 and P10 checked at each.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <vector>

#include "base/dice.h"
#include "breaker_machine.h"

namespace {

using spillway::Dice;
using u64 = std::uint64_t;
using Cells = std::array<u64, BRK_CELLS>;

constexpr brk_params kDefaults = {5, 30'000, 20, 500, 10'000, 300'000, 30'000, 2, 10'000, 600'000};

// The same machine as a person would write it without atomics: one struct, plain ifs, unbounded generations.
struct Model {
  brk_params p;
  u64 state = BRK_CLOSED, until = 0, k = 0, run = 0, gen = 0, good = 0, soft = 0;
  bool flying = false;
  std::map<u64, std::pair<u64, u64>> slices{};  // slice of time -> oks, fails

  u64 open_for(u64 level, u64 random) const {
    const double base = std::min<double>(static_cast<double>(p.open_ms) * std::pow(2.0, static_cast<double>(level) - 1),
                                         static_cast<double>(p.open_max_ms));
    return static_cast<u64>(base) * (800 + random % 401) / 1000;
  }
  void open(u64 level, u64 when) {
    if (state == BRK_CLOSED) slices.clear();
    state = BRK_OPEN;
    k = std::min<u64>(level, BRK_K_MAX);
    until = when;
    flying = false;
    good = run = 0;
    ++gen;
  }
  void tick(u64 now, u64 random) {
    if (state != BRK_HALF_OPEN || !flying || now < until) return;
    const u64 level = std::min<u64>(k + 1, BRK_K_MAX);
    open(level, until + open_for(level, random));
  }
  bool acquire(u64 now, u64 random, bool spare, bool early, bool& probe) {
    tick(now, random);
    probe = state != BRK_CLOSED;
    if (state == BRK_CLOSED) {
      if (!spare || k == 0 || now >= until + p.ramp_ms) return true;
      return (random >> 16) % 1000 < 100 + 900 * (now - until) / p.ramp_ms;
    }
    if (state == BRK_OPEN) {
      if (now < until && !early) return false;
      state = BRK_HALF_OPEN;
      ++gen;
      good = soft = 0;
    } else if (flying) {
      return false;
    }
    flying = true;
    until = now + p.probe_ms;
    return true;
  }
  void report(u64 of, const brk_permit& permit, brk_verdict verdict, u64 now, u64 random) {
    if (of != gen) return;
    if (state == BRK_HALF_OPEN) {
      if (verdict == BRK_NEUTRAL && ++soft == 10) verdict = BRK_OK;
      if (verdict == BRK_OK || verdict == BRK_FAIL) soft = 0;
      flying = false;
      if (verdict == BRK_OK && ++good == p.probes_to_close) {
        state = BRK_CLOSED;
        good = run = 0;
        until = now;
        ++gen;
      } else if (verdict != BRK_OK && permit.early) {
        open(permit.k, permit.until);
      } else if (verdict == BRK_FAIL) {
        const u64 level = std::min<u64>(k + 1, BRK_K_MAX);
        open(level, now + open_for(level, random));
      }
      return;
    }
    if (verdict != BRK_OK && verdict != BRK_FAIL) return;
    auto& [oks, fails] = slices[now / (p.window_ms / 10)];
    ++(verdict == BRK_OK ? oks : fails);
    if (verdict == BRK_OK) {
      run = 0;
      return;
    }
    ++run;
    u64 ok = 0, fail = 0;
    for (const auto& [slice, counts] : slices) {
      if (slice + 10 <= now / (p.window_ms / 10)) continue;
      ok += counts.first;
      fail += counts.second;
    }
    if (run < p.consecutive && (ok + fail < p.min_requests || fail * 1000 < (ok + fail) * p.rate_permille)) return;
    const u64 forgiven = (now - until) / p.forgive_ms;
    const u64 level = std::min<u64>((k > forgiven ? k - forgiven : 0) + 1, BRK_K_MAX);
    open(level, now + open_for(level, random));
  }
};

struct Flight {
  brk_permit permit;
  u64 gen;  // the model's, which never wraps
};

void compare(const Cells& cells, const Model& model) {
  const brk_state s = brk_unpack(cells[BRK_STATE]);
  ASSERT_EQ(s.state, model.state);
  ASSERT_EQ(s.gen, model.gen & 0xfff);
  ASSERT_EQ(s.k, model.k);
  ASSERT_EQ(s.flying, model.flying ? 1u : 0u);
  ASSERT_EQ(s.good, model.good);
  ASSERT_EQ(s.run, model.run);
  ASSERT_EQ(s.until, model.until);
}

// A random life: calm hours, outages, lost probes, cancels; the mood decides which verdicts are likely.
struct Walk {
  explicit Walk(u64 seed, bool early) : dice(seed), with_early(early) {}
  Dice dice;
  bool with_early;
  Cells cells{};
  Model model{kDefaults};
  std::vector<Flight> flights;
  u64 now = 5000, mood = 0, granted = 0, ended = 0, lost = 0;

  void step() {
    if (dice.below(200) == 0) mood = dice.below(4);
    now += dice.below(20) == 0 ? dice.below(30'000) : dice.below(300);
    if (dice.below(5000) == 0) now += 600'000;
    if (flights.empty() || dice.below(2) == 0) {
      acquire(dice.roll());
    } else {
      end(dice.below(flights.size()), dice.roll());
    }
    compare(cells, model);
    lost += std::erase_if(flights, [&](const Flight& f) { return f.gen + 2000 < model.gen; });  // none lives so long
    const auto live_probes = std::count_if(flights.begin(), flights.end(),
                                           [&](const Flight& f) { return f.permit.probe && f.gen == model.gen; });
    ASSERT_LE(live_probes, 1) << "P2";
  }

  void acquire(u64 random) {
    const bool spare = dice.below(2) == 0, early = with_early && dice.below(20) == 0;
    model.tick(now, random);
    const bool was_open = model.state == BRK_OPEN && now < model.until;
    bool probe = false;
    const bool expected = model.acquire(now, random, spare, early, probe);
    Flight flight{};
    brk_change change{};
    const brk_answer answer = brk_acquire(cells.data(), &kDefaults, now, random, spare, early, &flight.permit, &change);
    ASSERT_EQ(answer.allowed != 0, expected);
    ASSERT_EQ(flight.permit.held, answer.allowed);
    ASSERT_FALSE(was_open && !early && answer.allowed) << "P1";
    if (!answer.allowed) return;
    ASSERT_EQ(flight.permit.probe != 0, probe);
    flight.gen = model.gen;
    flights.push_back(flight);
    ++granted;
  }

  void end(std::size_t which, u64 random) {
    static constexpr std::array<std::array<u64, 4>, 4> kMoods = {
        {{1, 90, 5, 4}, {80, 10, 5, 5}, {50, 50, 0, 0}, {0, 0, 80, 20}}};  // of BRK_FAIL, OK, NEUTRAL, CANCEL
    Flight flight = flights[which];
    flights[which] = flights.back();
    flights.pop_back();
    if (dice.below(50) == 0) {  // never reported
      ++lost;
      return;
    }
    u64 draw = dice.below(100);
    std::size_t kind = 0;
    while (draw >= kMoods[mood][kind]) draw -= kMoods[mood][kind++];
    const auto verdict = static_cast<brk_verdict>(kind);
    const u64 before = cells[BRK_STATE];
    const bool stale = flight.gen != model.gen;
    model.report(flight.gen, flight.permit, verdict, now, random);
    const brk_change change = brk_report(cells.data(), &flight.permit, verdict, &kDefaults, now, random);
    ASSERT_EQ(change.stale != 0, stale);
    ASSERT_TRUE(!stale || cells[BRK_STATE] == before) << "P7";
    ++ended;
  }
};

TEST(BreakerModel, P1_P2_P7_P10_a_million_random_steps_equal_the_model) {
  for (u64 seed = 1; seed <= 10; ++seed) {
    Walk walk(seed, seed % 2 == 0);
    for (int step = 0; step < 100'000; ++step) {
      walk.step();
      ASSERT_FALSE(HasFatalFailure()) << "seed " << seed << " step " << step;
    }
    EXPECT_EQ(walk.granted, walk.ended + walk.lost + walk.flights.size()) << "P10";
    EXPECT_GT(walk.model.gen, 20u) << "the walk must visit all states";
  }
}

}  // namespace
