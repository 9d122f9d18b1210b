/* The circuit breaker of one target, as a pure machine over atomic words: no clock, no dice, no host of its own.
 *
 * closed -> open for d(k) = open_ms x 2^(k-1) with jitter -> half-open, one live probe at a time -> closed after
 * `probes_to_close` good ones, then a ramp. State, generation and instants are packed into one word that changes by
 * compare-and-swap, so workers share a breaker without locks and a result that belongs to an older state is recognised
 * by its generation. Times are milliseconds since the process started. C11, and readable as C++ by the tests. */
#ifndef SPILLWAY_BREAKER_MACHINE_H
#define SPILLWAY_BREAKER_MACHINE_H
#include <stddef.h>
#include <stdint.h>

enum { BRK_CLOSED, BRK_OPEN, BRK_HALF_OPEN }; /* zeroed cells are a closed breaker */
typedef enum { BRK_FAIL, BRK_OK, BRK_NEUTRAL, BRK_CANCEL } brk_verdict;

/* The cells of a target. SOFT counts neutral answers to probes in a row; the compat rules keep their counts there. RUNG
 * counts the throttles in a row. */
enum { BRK_STATE, BRK_SOFT, BRK_THROTTLE, BRK_RUNG, BRK_BUCKETS, BRK_WINDOW = 10 };
enum { BRK_CELLS = BRK_BUCKETS + BRK_WINDOW };
enum { BRK_RUN_MAX = 63, BRK_GOOD_MAX = 7, BRK_K_MAX = 15, BRK_SOFT_AS_OK = 10 };
#define BRK_UNTIL_MAX ((UINT64_C(1) << 36) - 1) /* two years of process time */

typedef struct {
  uint64_t consecutive, window_ms, min_requests, rate_permille;
  uint64_t open_ms, open_max_ms, probe_ms, probes_to_close, ramp_ms, forgive_ms;
} brk_params;

typedef struct {
  uint64_t state, flying, good, k, run, gen;
  uint64_t until; /* open: when a probe may start; half-open: the probe's deadline; closed: since when */
} brk_state;

/* What an admitted attempt carries until it is reported, exactly once. */
typedef struct {
  uint64_t gen, until, k; /* until, k: what an early probe puts back when it fails */
  int32_t held, probe, early;
} brk_permit;

typedef struct {
  int32_t allowed, ramped;
  int64_t wait_ms;
} brk_answer;
typedef struct {
  uint64_t from, to;
  int32_t stale;
} brk_change;

static inline uint64_t brk_load(const uint64_t *cell) { return __atomic_load_n(cell, __ATOMIC_ACQUIRE); }
static inline int brk_swap(uint64_t *cell, uint64_t *old, uint64_t value) {
  return __atomic_compare_exchange_n(cell, old, value, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}
static inline uint64_t brk_least(uint64_t a, uint64_t b) { return a < b ? a : b; }

static inline uint64_t brk_pack(brk_state s) {
  return s.state | s.flying << 2 | s.good << 3 | s.k << 6 | s.run << 10 | (s.gen & 0xfff) << 16 |
         brk_least(s.until, BRK_UNTIL_MAX) << 28;
}
static inline brk_state brk_unpack(uint64_t word) {
  brk_state s;
  s.state = word & 3;
  s.flying = word >> 2 & 1;
  s.good = word >> 3 & BRK_GOOD_MAX;
  s.k = word >> 6 & BRK_K_MAX;
  s.run = word >> 10 & BRK_RUN_MAX;
  s.gen = word >> 16 & 0xfff;
  s.until = word >> 28;
  return s;
}

/* d(k) within +-20 %: breakers that opened together must not all probe together. */
static inline uint64_t brk_open_for(const brk_params *p, uint64_t k, uint64_t random) {
  uint64_t ms = p->open_ms;
  for (uint64_t i = 1; i < k && ms < p->open_max_ms; ++i) ms *= 2;
  return brk_least(ms, p->open_max_ms) * (800 + random % 401) / 1000;
}

static inline brk_state brk_opened(brk_state s, uint64_t k, uint64_t until) {
  brk_state next = {BRK_OPEN, 0, 0, brk_least(k, BRK_K_MAX), 0, s.gen + 1, until};
  return next;
}

/* A bucket holds the number of its slice of time, oks and fails; one of an older slice starts afresh. */
static inline void brk_observe(uint64_t *cells, const brk_params *p, uint64_t now, int failed) {
  const uint64_t slice = now / (p->window_ms / BRK_WINDOW) & 0xfffffff;
  uint64_t *bucket = cells + BRK_BUCKETS + slice % BRK_WINDOW;
  uint64_t old = brk_load(bucket), next;
  do {
    uint64_t ok = old & 0x3ffff, fail = old >> 18 & 0x3ffff;
    if (old >> 36 != slice) ok = fail = 0;
    if (failed && fail < 0x3ffff) ++fail;
    if (!failed && ok < 0x3ffff) ++ok;
    next = slice << 36 | fail << 18 | ok;
  } while (!brk_swap(bucket, &old, next));
}
static inline void brk_counts(const uint64_t *cells, const brk_params *p, uint64_t now, uint64_t *ok, uint64_t *fail) {
  const uint64_t slice = now / (p->window_ms / BRK_WINDOW) & 0xfffffff;
  *ok = *fail = 0;
  for (size_t i = 0; i < BRK_WINDOW; ++i) {
    const uint64_t bucket = brk_load(cells + BRK_BUCKETS + i), at = bucket >> 36;
    if (at > slice || at + BRK_WINDOW <= slice) continue;
    *ok += bucket & 0x3ffff;
    *fail += bucket >> 18 & 0x3ffff;
  }
}
static inline void brk_forget(uint64_t *cells) {
  for (size_t i = 0; i < BRK_WINDOW; ++i) __atomic_store_n(cells + BRK_BUCKETS + i, 0, __ATOMIC_RELEASE);
  __atomic_store_n(cells + BRK_SOFT, 0, __ATOMIC_RELEASE);
}

/* Applies what time alone decides: a probe past its deadline has failed. The new wait starts at the deadline, so that a
 * breaker nobody asked for a while is not closed for longer. */
static inline brk_state brk_tick(uint64_t *cells, const brk_params *p, uint64_t now, uint64_t random,
                                 brk_change *change) {
  uint64_t word = brk_load(cells + BRK_STATE);
  while (1) {
    const brk_state s = brk_unpack(word);
    if (s.state != BRK_HALF_OPEN || !s.flying || now < s.until) return s;
    const uint64_t k = brk_least(s.k + 1, BRK_K_MAX);
    const brk_state next = brk_opened(s, k, s.until + brk_open_for(p, k, random));
    if (!brk_swap(cells + BRK_STATE, &word, brk_pack(next))) continue;
    change->from = BRK_HALF_OPEN;
    change->to = BRK_OPEN;
    return next;
  }
}

/* Share of requests a breaker that closed a moment ago lets in: 100 to 1000 per mille over the ramp. */
static inline uint64_t brk_ramp_permille(brk_state s, const brk_params *p, uint64_t now) {
  if (s.k == 0 || now >= s.until + p->ramp_ms) return 1000; /* k is 0 until it has opened once */
  return now <= s.until ? 100 : 100 + 900 * (now - s.until) / p->ramp_ms;
}

/* May this attempt be sent? `spare`: somebody else could take it. `early`: let it in before the wait is over, because
 * nobody else is left; such a probe leaves the wait as it was unless it succeeds. */
static inline brk_answer brk_acquire(uint64_t *cells, const brk_params *p, uint64_t now, uint64_t random, int spare,
                                     int early, brk_permit *permit, brk_change *change) {
  const brk_permit none = {0, 0, 0, 0, 0, 0};
  brk_answer answer = {0, 0, 0};
  *permit = none;
  change->from = change->to = BRK_CLOSED;
  change->stale = 0;
  while (1) {
    const brk_state s = brk_tick(cells, p, now, random, change);
    uint64_t word = brk_pack(s);
    brk_state next = s;
    if (s.state == BRK_CLOSED) {
      if (spare && (random >> 16) % 1000 >= brk_ramp_permille(s, p, now)) {
        answer.ramped = 1;
        return answer;
      }
    } else if (s.state == BRK_OPEN) {
      if (now < s.until && !early) {
        answer.wait_ms = (int64_t)(s.until - now);
        return answer;
      }
      permit->early = now < s.until;
      permit->until = s.until;
      permit->k = s.k;
      next.state = BRK_HALF_OPEN;
      next.gen = (s.gen + 1) & 0xfff;
      next.good = 0;
    } else if (s.flying) {
      answer.wait_ms = 1000; /* a verdict is due any moment */
      return answer;
    }
    if (s.state != BRK_CLOSED) {
      next.flying = 1;
      next.until = now + p->probe_ms;
      if (!brk_swap(cells + BRK_STATE, &word, brk_pack(next))) {
        permit->early = 0;
        continue;
      }
      if (s.state == BRK_OPEN) {
        __atomic_store_n(cells + BRK_SOFT, 0, __ATOMIC_RELEASE);
        change->from = BRK_OPEN;
        change->to = BRK_HALF_OPEN;
      }
    }
    permit->held = answer.allowed = 1;
    permit->probe = s.state != BRK_CLOSED;
    permit->gen = next.gen;
    return answer;
  }
}

/* What a probe's verdict makes of a half-open state. */
static inline brk_state brk_judged(brk_state s, const brk_permit *permit, brk_verdict verdict, const brk_params *p,
                                   uint64_t now, uint64_t random) {
  brk_state next = s;
  next.flying = 0;
  if (verdict == BRK_OK && s.good + 1 >= p->probes_to_close) {
    brk_state closed = {BRK_CLOSED, 0, 0, s.k, 0, s.gen + 1, now};
    return closed;
  }
  if (verdict == BRK_OK) {
    ++next.good;
  } else if (permit->early) {
    return brk_opened(s, permit->k, permit->until);
  } else if (verdict == BRK_FAIL) {
    const uint64_t k = brk_least(s.k + 1, BRK_K_MAX);
    return brk_opened(s, k, now + brk_open_for(p, k, random));
  }
  return next;
}

/* What a failure makes of a closed state; its bucket has counted it already. */
static inline brk_state brk_failed(const uint64_t *cells, brk_state s, const brk_params *p, uint64_t now,
                                   uint64_t random) {
  uint64_t ok, fail;
  brk_counts(cells, p, now, &ok, &fail);
  s.run = brk_least(s.run + 1, BRK_RUN_MAX);
  const int rate = ok + fail >= p->min_requests && fail * 1000 >= (ok + fail) * p->rate_permille;
  if (s.run < p->consecutive && !rate) return s;
  const uint64_t forgiven = now > s.until ? (now - s.until) / p->forgive_ms : 0; /* k falls while it stays closed */
  const uint64_t k = brk_least((s.k > forgiven ? s.k - forgiven : 0) + 1, BRK_K_MAX);
  return brk_opened(s, k, now + brk_open_for(p, k, random));
}

/* Ends a permit. A stale one, of a generation that is over, changes nothing. */
static inline brk_change brk_report(uint64_t *cells, brk_permit *permit, brk_verdict verdict, const brk_params *p,
                                    uint64_t now, uint64_t random) {
  brk_change change = {BRK_CLOSED, BRK_CLOSED, 0};
  uint64_t word = brk_load(cells + BRK_STATE);
  int counted = 0;
  permit->held = 0;
  while (1) {
    const brk_state s = brk_unpack(word);
    brk_state next = s;
    change.stale = s.gen != permit->gen;
    if (change.stale) return change;
    if (s.state == BRK_HALF_OPEN) {
      if (verdict == BRK_NEUTRAL && !counted) { /* it does answer */
        counted = 1;
        const uint64_t soft = __atomic_add_fetch(cells + BRK_SOFT, 1, __ATOMIC_ACQ_REL);
        if (soft >= BRK_SOFT_AS_OK) verdict = BRK_OK;
      }
      if (verdict == BRK_OK || verdict == BRK_FAIL) __atomic_store_n(cells + BRK_SOFT, 0, __ATOMIC_RELEASE);
      next = brk_judged(s, permit, verdict, p, now, random);
    } else if (verdict == BRK_OK || verdict == BRK_FAIL) {
      if (!counted) brk_observe(cells, p, now, verdict == BRK_FAIL);
      counted = 1;
      next.run = 0;
      if (verdict == BRK_FAIL) next = brk_failed(cells, s, p, now, random);
    }
    if (brk_pack(next) == word) return change;
    if (!brk_swap(cells + BRK_STATE, &word, brk_pack(next))) continue;
    change.from = s.state;
    change.to = next.state;
    if (s.state == BRK_CLOSED && next.state == BRK_OPEN) brk_forget(cells);
    return change;
  }
}

#endif
