// The breaker against a model (reliability.md 4.3): random lives on a virtual clock, a million steps and more, each
// judged by breaker_model.h; at random moments also what would become of it if all went well, all went badly, nothing
// were ever heard again, or nobody complained (P3 to P6). A failure names the seed and the step.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "base/dice.h"
#include "breaker_bench.h"
#include "breaker_gates.h"
#include "breaker_model.h"

namespace {

using spillway::Dice;
using u64 = std::uint64_t;
using Cells = std::array<u64, BRK_CELLS>;
using Name = std::string_view;
using State = BreakerModel::State;

// Settings anybody could have written, the shipped ones every other time.
brk_params some_params(Dice& dice) {
  if (dice.below(2) == 0) return kDefaults;
  brk_params p{};
  p.consecutive = 1 + dice.below(60);
  p.window_ms = 100 + dice.below(60'000);
  p.min_requests = 1 + dice.below(60);
  p.rate_permille = 10 + dice.below(991);
  p.open_ms = 1 + dice.below(20'000);
  p.open_max_ms = 1 + dice.below(400'000);
  p.probe_ms = 10 + dice.below(40'000);
  p.probes_to_close = 1 + dice.below(7);
  p.ramp_ms = 1 + dice.below(20'000);
  p.forgive_ms = 1000 + dice.below(900'000);
  return p;
}

// A random life: calm hours, outages, lost probes, cancels; the mood decides which verdicts are likely.
struct Walk {
  Walk(u64 seed, bool early) : dice(seed), with_early(early), params(some_params(dice)), model(params) {}

  struct Flight {
    brk_permit permit{};
    BreakerModel::Permit known{};
  };
  Dice dice;
  bool with_early;
  brk_params params;
  BreakerModel model;
  Cells cells{};
  std::vector<Flight> flights;
  u64 now = 5000, mood = 0, granted = 0, lost = 0;
  std::array<u64, 4> ended{};  // by verdict

  Name step() {
    if (dice.below(200) == 0) mood = dice.below(4);
    now += dice.below(20) == 0 ? dice.below(params.open_ms * 3) : dice.below(300);
    if (dice.below(5000) == 0) now += params.forgive_ms;
    if (flights.empty() || dice.below(2) == 0) return acquire(dice.below(2) == 0, with_early && dice.below(20) == 0);
    return end(dice.below(flights.size()));
  }

  Name acquire(bool spare, bool early) {
    Flight flight;
    brk_change change{};
    const brk_answer answer =
        brk_acquire(cells.data(), &params, now, dice.roll(), spare, early, &flight.permit, &change);
    const Name broken =
        model.acquired(now, spare, early, answer, flight.permit, change, brk_unpack(cells[BRK_STATE]), flight.known);
    if (!answer.allowed) return broken;
    flights.push_back(flight);
    ++granted;
    return broken;
  }

  brk_verdict some_verdict() {
    static constexpr std::array<std::array<u64, 4>, 4> kMoods = {
        {{1, 90, 5, 4}, {80, 10, 5, 5}, {50, 50, 0, 0}, {0, 0, 80, 20}}};  // of BRK_FAIL, OK, NEUTRAL, CANCEL
    u64 draw = dice.below(100);
    std::size_t kind = 0;
    while (draw >= kMoods[mood][kind]) draw -= kMoods[mood][kind++];
    return static_cast<brk_verdict>(kind);
  }

  Name end(std::size_t which) {
    Flight flight = flights[which];
    flights[which] = flights.back();
    flights.pop_back();
    // Never heard of again; nor is anybody whose generation's twelve bits could come round.
    if (dice.below(50) == 0 || flight.known.gen + 2000 < model.gen) {
      ++lost;
      return {};
    }
    return report(flight, some_verdict());
  }

  Name report(Flight flight, brk_verdict verdict) {
    const u64 before = cells[BRK_STATE];
    const brk_change change = brk_report(cells.data(), &flight.permit, verdict, &params, now, dice.roll());
    ++ended[verdict];
    if (flight.permit.held) return "P10: a reported permit holds nothing";
    return model.reported(now, flight.known, verdict, change, before, cells[BRK_STATE]);
  }

  // P10, and the shares of row 18 within five standard deviations.
  Name audit() const {
    const u64 heard = ended[0] + ended[1] + ended[2] + ended[3];
    if (granted != heard + lost + flights.size()) return "P10: permits = ok + fail + neutral + cancel";
    const double off = model.ramp_admitted - model.ramp_expected;
    return std::abs(off) <= 5 * std::sqrt(model.ramp_expected) + 5 ? Name{} : Name("row 18: the share let in");
  }
};

// What would become of it: each takes a copy of a life and goes on in its own way. The walk's steps count these too.

Name if_all_goes_well(Walk walk) {  // P3
  const u64 late = walk.now + walk.params.open_max_ms * 12 / 10 + 2 * walk.params.probe_ms + 1000;
  while (walk.model.state != State::closed) {
    const u64 had = walk.granted;
    if (const Name broken = walk.acquire(false, false); !broken.empty()) return broken;
    if (walk.granted > had) {
      const Walk::Flight last = walk.flights.back();
      walk.flights.pop_back();
      if (const Name broken = walk.report(last, BRK_OK); !broken.empty()) return broken;
    }
    walk.now += 1 + walk.params.open_ms / 50;
    if (walk.now > late + 10 * (1 + walk.params.open_ms / 50)) return "P3: all is well, and it does not close";
  }
  return {};
}

Name if_all_goes_badly(Walk walk) {         // P4
  std::vector<std::pair<u64, u64>> grants;  // when, and the shortest wait that level allows
  for (u64 tries = 0; tries < 600; ++tries) {
    const u64 had = walk.granted;
    if (const Name broken = walk.acquire(false, false); !broken.empty()) return broken;
    if (walk.granted > had) {
      if (walk.model.state == State::half_open) grants.emplace_back(walk.now, walk.model.least_wait(walk.model.k));
      const Walk::Flight last = walk.flights.back();
      walk.flights.pop_back();
      if (const Name broken = walk.report(last, BRK_FAIL); !broken.empty()) return broken;
    }
    walk.now += 1 + walk.params.open_ms / 10;
  }
  for (std::size_t i = 1; i < grants.size(); ++i) {
    const u64 window = grants[i].first - grants[i - 1].first;
    if (2 > 1 + window / std::max<u64>(grants[i].second, 1)) return "P4: permits do not get rare";
  }
  return {};
}

Name if_nothing_is_heard_again(Walk walk) {  // P6
  for (int permits = 0; permits < 4; ++permits) {
    const u64 late = walk.now + walk.model.most_wait(walk.model.k + 1) + walk.params.probe_ms;
    const u64 had = walk.granted, step = 1 + walk.params.open_ms / 50;
    while (walk.granted == had) {
      if (const Name broken = walk.acquire(false, false); !broken.empty()) return broken;
      if (walk.granted == had) walk.now += step;
      if (walk.now > late + step) return "P6: stuck";
    }
    walk.flights.pop_back();
    ++walk.lost;
  }
  return {};
}

Name if_nobody_complains(Walk walk) {  // P5
  if (walk.model.state != State::closed) return {};
  const u64 opened = walk.model.opened;
  for (int i = 0; i < 100; ++i) {
    if (const Name broken = walk.acquire(false, false); !broken.empty()) return broken;
    const Walk::Flight last = walk.flights.back();
    walk.flights.pop_back();
    if (const Name broken = walk.report(last, i % 2 ? BRK_NEUTRAL : BRK_CANCEL); !broken.empty()) return broken;
    walk.now += 20;
  }
  return walk.model.opened == opened ? Name{} : Name("P5: neutral words opened it");
}

TEST(BreakerModel, a_million_random_steps_keep_P1_to_P7_P10_and_P12) {
  const u64 lives = 50, steps = 21'000 / kWalkShare;
  u64 opened = 0, closed = 0, ramped = 0;
  for (u64 seed = 1; seed <= lives; ++seed) {
    Walk walk(seed, seed % 2 == 0);
    for (u64 step = 0; step < steps; ++step) {
      Name broken = walk.step();
      if (step % 1000 == 999) {
        for (const auto& tail : {if_all_goes_well, if_all_goes_badly, if_nothing_is_heard_again, if_nobody_complains}) {
          if (broken.empty()) broken = tail(walk);
        }
      }
      ASSERT_EQ(broken, "") << "seed " << seed << " step " << step << " at " << walk.now << " ms";
    }
    ASSERT_EQ(walk.audit(), "") << "seed " << seed;
    opened += walk.model.opened;
    closed += walk.model.closed_again;
    ramped += walk.model.ramp_expected > 0;
  }
  EXPECT_GT(opened, 20 * lives / kWalkShare) << "the walks must visit all states";
  EXPECT_GT(closed, 10 * lives / kWalkShare);
  EXPECT_GT(ramped, lives / 2);
}

// The gates beside it (rows 14 and 15), as a person would keep them: who is out, until when, why, and who asks.
struct GateModel {
  u64 until = 0, reason = GATE_NONE, reload = 0;
  u64 asker = 0;  // who probes it; 0: nobody

  bool out(u64 now, u64 reloads) const {
    if (reason == GATE_NONE || now >= until) return false;
    return asker != 0 || reason == GATE_BUDGET || reload == reloads;
  }
  // May `who` pass? Who passes a refused key's gate is the one who asks, until the deadline.
  bool enter(u64 who, u64 now, u64 reloads, u64 probe_ms, bool early, bool& asks) {
    asks = false;
    if (reason == GATE_NONE) return true;
    if (out(now, reloads) && (!early || asker != 0)) return false;
    if (reason == GATE_BUDGET) {
      if (now >= until) reason = GATE_NONE;
      return true;
    }
    asks = true;
    asker = who;
    until = now + probe_ms;
    reload = reloads;
    return true;
  }
  void answered(u64 who, u64 now, bool took) {
    if (asker != who) return;
    asker = 0;
    until = now;
    if (took) reason = GATE_NONE;
  }
  void isolate(u64 who, u64 to, u64 why, u64 reloads) {
    const bool mine = who != 0 ? asker == who : reason == GATE_NONE;
    if (!mine && (reason == GATE_NONE ? 0 : until) >= to) return;
    *this = {to, why, reloads, 0};
  }
};

struct GateWalk {
  explicit GateWalk(u64 seed) : dice(seed) {}
  struct Held {
    u64 who, word;
  };
  Dice dice;
  GateModel model;
  u64 cell = 0, now = 1000, reloads = 1, people = 0, throttle = 0, throttled = 0;
  std::vector<Held> held;
  u64 passed = 0, refused = 0;

  Name step() {
    now += dice.below(10) == 0 ? dice.below(50'000) : dice.below(500);
    if (dice.below(100) == 0) reloads = (reloads + 1) & 0xff;
    if (dice.below(4) == 0) {  // row 14: only ever longer
      const u64 to = now + dice.below(3'600'000);
      gate_throttle(&throttle, to);
      throttled = std::max(throttled, to);
      if (throttle != throttled) return "row 14: the longest wait told holds";
    }
    switch (dice.below(3)) {
      case 0: return enter();
      case 1: return held.empty() ? enter() : leave(dice.below(held.size()));
      default: return complain();
    }
  }

  Name enter() {
    const bool early = dice.below(10) == 0;
    bool asks = false;
    u64 word = 0;
    const bool out = model.out(now, reloads);
    if ((gate_wait_ms(cell, now, reloads) > 0) != out) return "row 15: whether the key is out";
    const bool expected = model.enter(++people, now, reloads, 30'000, early, asks);
    const bool got = gate_enter(&cell, now, reloads, 30'000, early, &word) != 0;
    if (got != expected) return out ? Name("row 15: an isolated key was asked") : Name("row 15: a free key was not");
    if ((word != 0) != asks) return "row 15: one asks at a time";
    ++(got ? passed : refused);
    if (asks) held.push_back({people, word});
    return same();
  }
  Name leave(std::size_t which) {
    const Held one = held[which];
    held.erase(held.begin() + static_cast<std::ptrdiff_t>(which));
    const bool took = dice.below(2) == 0;
    model.answered(one.who, now, took);
    gate_answered(&cell, one.word, now, took);
    return same();
  }
  // A refusal comes from the one who asks, or from somebody who was under way before.
  Name complain() {
    const bool asker = !held.empty() && dice.below(2) == 0;
    const Held one = asker ? held.back() : Held{0, 0};
    const u64 to = now + 1 + dice.below(900'000), why = 1 + dice.below(3);
    model.isolate(one.who, to, why, reloads);
    gate_isolate(&cell, one.word, to, why, reloads);
    return same();
  }
  Name same() const {
    const gate_state g = gate_unpack(cell);
    if (g.reason != model.reason) return "row 15: the reason";
    if (g.reason == GATE_NONE) return {};
    return g.until == model.until && (g.probing != 0) == (model.asker != 0) ? Name{}
                                                                            : Name("row 15: until, or the asker");
  }
};

TEST(BreakerModel, the_gates_equal_their_model_over_half_a_million_steps) {
  for (u64 seed = 1; seed <= 10; ++seed) {
    GateWalk walk(seed);
    for (u64 step = 0; step < 50'000 / kWalkShare; ++step) {
      ASSERT_EQ(walk.step(), "") << "seed " << seed << " step " << step << " at " << walk.now << " ms";
    }
    EXPECT_GT(walk.passed, 100u) << seed;
    EXPECT_GT(walk.refused, 100u) << seed;
  }
}

}  // namespace
