/* The two gates beside a breaker's machine: throttled (one target, a rate limit that told its wait) and isolated (one
 * key, whose credential or credit was refused). A gate denies attempts and never counts as a failure.
 *
 * An isolated key is asked again when its time is up or a new config may have brought a new secret, by one attempt at
 * a time; whoever asks holds the word it wrote, so nobody else's answer is taken for its own. Times are milliseconds
 * since the process started. C11, and readable as C++ by the tests. */
#ifndef SPILLWAY_BREAKER_GATES_H
#define SPILLWAY_BREAKER_GATES_H
#include "breaker_machine.h"

/* The cells of a key: for all its models, and for its paid ones (credit ran out; free models go on). */
enum { GATE_ALL, GATE_PAID, GATE_CELLS };
enum { GATE_NONE, GATE_AUTH, GATE_CREDIT, GATE_BUDGET };

typedef struct {
  uint64_t until, reason, reload, probing;
} gate_state;

static inline uint64_t gate_pack(gate_state g) {
  return g.reason | (g.reload & 0xff) << 2 | g.probing << 10 | brk_least(g.until, BRK_UNTIL_MAX) << 16;
}
static inline gate_state gate_unpack(uint64_t word) {
  const gate_state g = {word >> 16, word & 3, word >> 2 & 0xff, word >> 10 & 1};
  return g;
}

/* Throttling only ever grows: the longest wait anybody was told holds. */
static inline void gate_throttle(uint64_t *cell, uint64_t until) {
  uint64_t old = brk_load(cell);
  while (old < until && !brk_swap(cell, &old, until)) {
  }
}

/* How long a free model that is busy stays out. Each look costs a request of a quota that all of the account share
 * (C-1, O-5), so while it is busy again and again the looks become rarer: first as told, then `first` at least, twice
 * that, up to the ceiling. A refusal of one that was let in before the throttle is no new one. */
enum { GATE_CLIMB_MOST_MS = 15 * 60 * 1000 };
static inline uint64_t gate_climb(uint64_t *rung, uint64_t throttled, uint64_t now, uint64_t told, uint64_t first) {
  if (now < throttled) return told;
  const uint64_t n = __atomic_fetch_add(rung, 1, __ATOMIC_ACQ_REL);
  if (n == 0) return told;
  const uint64_t least = brk_least(first << brk_least(n - 1, 16), GATE_CLIMB_MOST_MS);
  return told > least ? told : least;
}

/* Whoever held the gate may set it anew; others only for longer, so that a late small complaint shortens nothing. */
static inline void gate_isolate(uint64_t *cell, uint64_t held, uint64_t until, uint64_t reason, uint64_t reload) {
  const gate_state g = {until, reason, reload, 0};
  uint64_t old = brk_load(cell);
  while ((old == held || gate_unpack(old).until < until) && !brk_swap(cell, &old, gate_pack(g))) {
  }
}

/* How long the key stays out; 0: it may be tried. A reload lets a refused key, but no spent budget, be tried again. */
static inline uint64_t gate_wait_ms(uint64_t word, uint64_t now, uint64_t reload) {
  const gate_state g = gate_unpack(word);
  if (g.reason == GATE_NONE || now >= g.until) return 0;
  if (!g.probing && g.reason != GATE_BUDGET && g.reload != (reload & 0xff)) return 0;
  return g.until - now;
}

/* 1: go, and give *held back through gate_answered(); 0: denied. `early` goes through a closed gate. */
static inline int gate_enter(uint64_t *cell, uint64_t now, uint64_t reload, uint64_t probe_ms, int early,
                             uint64_t *held) {
  uint64_t word = brk_load(cell);
  *held = 0;
  while (word != 0) {
    gate_state g = gate_unpack(word);
    if (gate_wait_ms(word, now, reload) > 0 && (!early || g.probing)) return 0;
    if (g.reason == GATE_BUDGET) {
      if (now < g.until) return 1;
      if (brk_swap(cell, &word, 0)) return 1;
      continue;
    }
    g.probing = 1;
    g.reload = reload;
    g.until = now + probe_ms;
    const uint64_t mine = gate_pack(g);
    if (!brk_swap(cell, &word, mine)) continue;
    *held = mine;
    return 1;
  }
  return 1;
}

/* The attempt that held the gate ended. `answered`: the provider took the key. Otherwise the next one may ask again. */
static inline void gate_answered(uint64_t *cell, uint64_t held, uint64_t now, int answered) {
  if (held == 0) return;
  gate_state g = gate_unpack(held);
  g.probing = 0;
  g.until = now;
  brk_swap(cell, &held, answered ? 0 : gate_pack(g));
}

#endif
