// The breaker as the table of reliability.md 4.2 reads, for tests to hold plugins/breaker_machine.h against.
//
// It knows no dice and no packed words: where the rules leave a choice (the jitter of a wait, who gets in during a
// ramp) it takes what the machine did if the rules allow it. Every answer is judged by a name: empty, or the property
// (P1 to P14) or the row of the table that is broken. Generations never wrap here.
#pragma once
#include <algorithm>
#include <cstdint>
#include <map>
#include <string_view>

#include "breaker_machine.h"

class BreakerModel {
 public:
  using u64 = std::uint64_t;
  using Name = std::string_view;
  enum class State { closed, open, half_open };
  struct Permit {
    u64 gen = 0;
    bool probe = false, early = false;
    u64 until = 0, k = 0;  // what an early probe found
  };

  explicit BreakerModel(const brk_params& params) : p_(params) {}

  State state = State::closed;
  u64 until = 0, k = 0, run = 0, gen = 0, good = 0, soft = 0;
  bool flying = false;
  double ramp_expected = 0, ramp_admitted = 0;  // row 18 is a matter of shares
  u64 opened = 0, closed_again = 0;

  // Judges the machine's answer to an attempt that asked at `now`, and follows it.
  Name acquired(u64 now, bool spare, bool early, const brk_answer& said, const brk_permit& got,
                const brk_change& change, const brk_state& after, Permit& permit) {
    moved_from_ = moved_to_ = state;
    if (state == State::half_open && flying && now >= until) {
      if (Name broken = deadline(now, early, got, after); !broken.empty()) return broken;
    }
    permit = Permit{};
    permit.probe = state != State::closed;
    if (Name broken = judge(now, spare, early, said, permit); !broken.empty()) return broken;
    if (said.allowed) {
      if (permit.probe) fly(now, permit);
      permit.gen = gen;
      if (!got.held || (got.probe != 0) != permit.probe || (got.early != 0) != permit.early) return "a permit's kind";
      if (got.gen != (gen & 0xfff)) return "P7: a permit carries its generation";
    } else if (got.held) {
      return "P10: a refusal holds nothing";
    }
    if (change.stale) return "P7: asking is never stale";
    return compare(change, after);
  }

  // Judges what a verdict did. `word_before`, `word_after`: the machine's state word.
  Name reported(u64 now, const Permit& permit, brk_verdict verdict, const brk_change& change, u64 word_before,
                u64 word_after) {
    moved_from_ = moved_to_ = state;
    if (permit.gen != gen) {
      return change.stale && word_before == word_after ? Name{} : Name("P7: a stale report changes no state");
    }
    if (change.stale) return "P7: a report of this generation is not stale";
    const brk_state after = brk_unpack(word_after);
    const State before = state;
    const Name broken =
        state == State::half_open ? probe_ended(now, permit, verdict, after) : closed_ended(now, verdict, after);
    if (!broken.empty()) return broken;
    const bool silent = verdict == BRK_NEUTRAL || verdict == BRK_CANCEL;
    if (silent && before == State::closed && word_after != word_before) return "P5: neither good nor bad says nothing";
    return compare(change, after);
  }

  // The least and the most an opening of level `level` may last (P12).
  u64 least_wait(u64 level) const { return formula(level) * 8 / 10; }
  u64 most_wait(u64 level) const { return formula(level) * 12 / 10; }

 private:
  u64 formula(u64 level) const {
    u64 wait = p_.open_ms;
    while (--level > 0 && wait < p_.open_max_ms) wait += wait;
    return std::min(wait, p_.open_max_ms);
  }
  u64 slice(u64 now) const { return now / (p_.window_ms / 10); }

  void move(State to) {
    moved_from_ = state;
    moved_to_ = state = to;
    ++gen;
    flying = false;
    good = run = 0;
    if (to == State::open) ++opened;
  }

  // Row 11's second half, taken when somebody asks: the wait starts at the deadline. If it is over already we never
  // saw it, so all that can be said is that it may have been.
  Name deadline(u64 now, bool early, const brk_permit& got, const brk_state& after) {
    k = std::min<u64>(k + 1, BRK_K_MAX);
    const u64 least = until + least_wait(k), most = until + most_wait(k);
    move(State::open);
    until = after.state == BRK_OPEN ? after.until : early && got.early ? got.until : std::clamp(now, least, most);
    if (after.state != BRK_OPEN && !early && now < least) return "P1: open, and asked before its time";
    return until < least || until > most ? Name("P12: the wait after a lost probe") : Name{};
  }

  Name judge(u64 now, bool spare, bool early, const brk_answer& said, Permit& permit) {
    switch (state) {
      case State::closed: {
        if (!spare || k == 0 || now >= until + p_.ramp_ms) {
          return said.allowed && !said.ramped ? Name{} : Name("P6: closed, and did not let in");
        }
        ramp_expected += 0.1 + 0.9 * static_cast<double>(now - until) / static_cast<double>(p_.ramp_ms);
        ramp_admitted += said.allowed ? 1 : 0;
        return (said.allowed != 0) != (said.ramped != 0) ? Name{} : Name("row 18: a ramp's refusal says so");
      }
      case State::open:
        permit.early = now < until;
        permit.until = until;
        permit.k = k;
        if (now >= until || early) return said.allowed ? Name{} : Name("P6: its time has come, and no probe");
        if (said.allowed) return "P1: open, and let in before its time";
        return said.wait_ms == static_cast<std::int64_t>(until - now) ? Name{} : Name("row 5: how long to wait");
      case State::half_open:
        if (flying) return said.allowed ? Name("P2: two probes at once") : Name{};
        return said.allowed ? Name{} : Name("P6: nobody probes, and no probe");
    }
    return {};
  }

  void fly(u64 now, Permit& permit) {
    if (state == State::open) {
      move(State::half_open);
      soft = 0;
    }
    if (!permit.early) permit.until = permit.k = 0;
    flying = true;
    until = now + p_.probe_ms;
  }

  // `since`: when the wait begins.
  Name open(u64 level, u64 since, const brk_state& after) {
    slices_.clear();
    k = std::min<u64>(level, BRK_K_MAX);
    move(State::open);
    until = after.until;
    const bool within = until >= since + least_wait(k) && until <= since + most_wait(k);
    return within ? Name{} : Name("P12: d(k) is within a fifth of the formula");
  }

  Name probe_ended(u64 now, const Permit& permit, brk_verdict verdict, const brk_state& after) {
    flying = false;
    if (verdict == BRK_NEUTRAL && ++soft == 10) verdict = BRK_OK;
    if (verdict == BRK_OK || verdict == BRK_FAIL) soft = 0;
    if (verdict == BRK_OK) {
      if (++good < p_.probes_to_close) return {};
      move(State::closed);
      until = now;
      ++closed_again;
    } else if (permit.early) {
      move(State::open);
      k = permit.k;
      until = permit.until;
    } else if (verdict == BRK_FAIL) {
      return open(k + 1, now, after);
    }
    return {};
  }

  Name closed_ended(u64 now, brk_verdict verdict, const brk_state& after) {
    if (verdict != BRK_OK && verdict != BRK_FAIL) return {};
    auto& [oks, fails] = slices_[slice(now)];
    ++(verdict == BRK_OK ? oks : fails);
    run = verdict == BRK_OK ? 0 : run + 1;
    if (verdict == BRK_OK) return {};
    u64 all = 0, bad = 0;
    std::erase_if(slices_, [&](const auto& entry) { return entry.first + 10 <= slice(now); });
    for (const auto& [at, counts] : slices_) {
      all += counts.first + counts.second;
      bad += counts.second;
    }
    const bool rate = all >= p_.min_requests && bad * 1000 >= all * p_.rate_permille;
    if (run < p_.consecutive && !rate) return {};
    const u64 forgiven = (now - until) / p_.forgive_ms;
    return open(k > forgiven ? k - forgiven + 1 : 1, now, after);
  }

  Name compare(const brk_change& change, const brk_state& after) const {
    if (static_cast<State>(after.state) != state) return "the state itself";
    if ((after.flying != 0) != flying) return "P2: whether a probe flies";
    if (after.gen != (gen & 0xfff)) return "P7: each change of state is a generation";
    if (after.k != k || after.good != good || after.run != run) return "k, good or run";
    if (after.until != until) return "until";
    if (static_cast<State>(change.to) != moved_to_ && change.from != change.to) return "the change that was told";
    if (moved_from_ != moved_to_ && static_cast<State>(change.from) != moved_from_) return "the change not told";
    return {};
  }

  brk_params p_;
  std::map<u64, std::pair<u64, u64>> slices_;  // slice of time -> oks, fails
  State moved_from_ = State::closed, moved_to_ = State::closed;
};

// How many steps a random walk takes: sanitizers cost an order of magnitude, and look for other things.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr std::uint64_t kWalkShare = 10;
#else
inline constexpr std::uint64_t kWalkShare = 1;
#endif
