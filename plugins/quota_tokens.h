/* The tokens of one quota, pure and over atomic words: so many per day, so many in any minute, and windows of requests
 * or tokens that a provider's headers tell about.
 *
 * What a request will use is known when it has ended, so an estimate is taken before and corrected then. A minute is
 * kept by seconds: the sum is raised before a second's slot is, and lowered after it, so that it never says less than
 * was taken and no 60 s hold more than the limit. C11, and readable as C++ by the tests. */
#ifndef SPILLWAY_QUOTA_TOKENS_H
#define SPILLWAY_QUOTA_TOKENS_H
#include "quota_ledger.h"

enum {
  TOKENS_DAY, /* {day 22 bits, used 42} */
  TOKENS_SUM, /* of the minute */
  TOKENS_RING,
  TOKENS_SLOTS = 64,
  TOKENS_CELLS = TOKENS_RING + TOKENS_SLOTS
};
enum { TOKENS_SPAN_S = 60 };
#define TOKENS_MAX ((INT64_C(1) << 36) - 1)
#define TOKENS_DAY_MASK ((UINT64_C(1) << 42) - 1)

typedef struct {
  int64_t tpm, tpd, reset_ms; /* 0: none; reset_ms as in quota_limits */
} token_limits;
typedef struct {
  uint64_t day, second, amount;
} token_hold; /* amount 0: nothing */

static inline uint64_t tokens_clamp(int64_t n, int64_t most) {
  if (most > TOKENS_MAX || most <= 0) most = TOKENS_MAX;
  return n < 0 ? 0 : (uint64_t)(n < most ? n : most);
}
static inline uint64_t tokens_second(uint64_t now_ms) { return now_ms / 1000 + 1; }
static inline void tokens_add(uint64_t *cell, uint64_t n) { __atomic_add_fetch(cell, n, __ATOMIC_ACQ_REL); }
static inline void tokens_sub(uint64_t *cell, uint64_t n) { __atomic_sub_fetch(cell, n, __ATOMIC_ACQ_REL); }

/* Seconds of which nothing is in a running minute any more. */
static inline void tokens_expire(uint64_t *cells, uint64_t second) {
  for (int i = 0; i < TOKENS_SLOTS; ++i) {
    uint64_t word = quota_load(cells + TOKENS_RING + i);
    if (word == 0 || second <= (word >> 36) + TOKENS_SPAN_S) continue;
    if (quota_swap(cells + TOKENS_RING + i, &word, 0)) tokens_sub(cells + TOKENS_SUM, word & (uint64_t)TOKENS_MAX);
  }
}

/* Puts what the sum already has into its second; returns the second whose slot it is in. */
static inline uint64_t tokens_put(uint64_t *cells, uint64_t second, uint64_t amount) {
  uint64_t *slot = cells + TOKENS_RING + second % TOKENS_SLOTS, word = quota_load(slot);
  while (1) {
    const uint64_t at = word >> 36, has = word & (uint64_t)TOKENS_MAX;
    const int old = at < second; /* its second is long over */
    const uint64_t sum = old ? amount : has + amount;
    const uint64_t next = (old ? second : at) << 36 | tokens_clamp((int64_t)sum, 0);
    if (!quota_swap(slot, &word, next)) continue;
    if (old && word != 0) tokens_sub(cells + TOKENS_SUM, has);
    return old ? second : at;
  }
}

/* How long until the minute has room for `amount`; 0: it has. What is above the whole limit waits for an empty one. */
static inline int64_t tokens_minute(uint64_t *cells, int64_t tpm, uint64_t now, uint64_t amount) {
  if (tpm <= 0) return 0;
  const uint64_t second = tokens_second(now), most = tokens_clamp(tpm, 0);
  tokens_expire(cells, second);
  uint64_t sum = quota_load(cells + TOKENS_SUM);
  amount = tokens_clamp((int64_t)amount, tpm);
  if (sum + amount <= most) return 0;
  for (uint64_t at = second > TOKENS_SPAN_S ? second - TOKENS_SPAN_S : 1; at <= second; ++at) {
    const uint64_t word = quota_load(cells + TOKENS_RING + at % TOKENS_SLOTS);
    if (word >> 36 != at) continue;
    sum -= sum < (word & (uint64_t)TOKENS_MAX) ? sum : word & (uint64_t)TOKENS_MAX;
    if (sum + amount <= most) return (int64_t)((at + TOKENS_SPAN_S) * 1000 - now);
  }
  return 1000; /* somebody is just taking */
}

/* The day's count as of now: nothing on a new day, and as it was when the clock stepped back (fault K1). */
static inline uint64_t tokens_today(uint64_t word, token_limits limits, int64_t wall_ms) {
  const uint64_t today = quota_day_of(wall_ms - limits.reset_ms), day = word >> 42;
  if (today > day) return today << 42;
  return day - today > QUOTA_AHEAD_DAYS ? today << 42 | (word & TOKENS_DAY_MASK) : word;
}
static inline uint64_t tokens_used(const uint64_t *cells, token_limits limits, int64_t wall_ms) {
  return tokens_today(quota_load(cells + TOKENS_DAY), limits, wall_ms) & TOKENS_DAY_MASK;
}

/* May `amount` go now? Takes nothing. */
static inline quota_answer tokens_look(uint64_t *cells, token_limits limits, int64_t amount, int64_t wall_ms,
                                       uint64_t now) {
  quota_answer answer = {QUOTA_OPEN, 0, 0, 0};
  uint64_t word = quota_load(cells + TOKENS_DAY), today;
  do { /* a day that was plainly wrong is put right for good */
    today = tokens_today(word, limits, wall_ms);
  } while (word >> 42 > today >> 42 && !quota_swap(cells + TOKENS_DAY, &word, today));
  answer.used = today & TOKENS_DAY_MASK;
  answer.limit = limits.tpd > 0 ? (uint64_t)limits.tpd : 0;
  if (limits.tpd > 0 && answer.used + tokens_clamp(amount, limits.tpd) > answer.limit) {
    answer.why = QUOTA_DAY_TOKENS;
    answer.wait_ms = (int64_t)(today >> 42) * QUOTA_DAY_MS + limits.reset_ms - wall_ms;
    return answer;
  }
  answer.wait_ms = tokens_minute(cells, limits.tpm, now, tokens_clamp(amount, 0));
  if (answer.wait_ms > 0) answer.why = QUOTA_MINUTE_TOKENS;
  return answer;
}

/* Adds to the day or takes away, never below nothing. `day` 0: whatever day it is. */
static inline void tokens_day_add(uint64_t *cells, token_limits limits, int64_t wall_ms, uint64_t day, int64_t n) {
  uint64_t word = quota_load(cells + TOKENS_DAY), next;
  do {
    const uint64_t today = tokens_today(word, limits, wall_ms), used = today & TOKENS_DAY_MASK;
    if (day != 0 && today >> 42 != day) return;
    const uint64_t sum = n < 0 && used < (uint64_t)-n ? 0 : used + (uint64_t)n;
    next = (today & ~TOKENS_DAY_MASK) | (sum < TOKENS_DAY_MASK ? sum : TOKENS_DAY_MASK);
  } while (!quota_swap(cells + TOKENS_DAY, &word, next));
}

/* Takes `amount` from day and minute, or says why not. */
static inline quota_answer tokens_reserve(uint64_t *cells, token_limits limits, int64_t amount, int64_t wall_ms,
                                          uint64_t now, token_hold *hold) {
  const token_hold none = {0, 0, 0};
  *hold = none;
  while (1) {
    quota_answer answer = tokens_look(cells, limits, amount, wall_ms, now);
    if (answer.why != QUOTA_OPEN || amount <= 0) return answer;
    const uint64_t n = tokens_clamp(amount, 0);
    uint64_t word = quota_load(cells + TOKENS_DAY);
    const uint64_t today = tokens_today(word, limits, wall_ms);
    const uint64_t room = tokens_clamp(amount, limits.tpd); /* what is above the whole limit needs all of it */
    if (limits.tpd > 0 && (today & TOKENS_DAY_MASK) + room > (uint64_t)limits.tpd) continue;
    uint64_t sum = quota_load(cells + TOKENS_SUM);
    const uint64_t share = tokens_clamp(amount, limits.tpm);
    if (limits.tpm > 0 && sum + share > tokens_clamp(limits.tpm, 0)) continue;
    if (limits.tpm > 0 && !quota_swap(cells + TOKENS_SUM, &sum, sum + n)) continue;
    if (!quota_swap(cells + TOKENS_DAY, &word, today + n)) { /* somebody was quicker */
      if (limits.tpm > 0) tokens_sub(cells + TOKENS_SUM, n);
      continue;
    }
    hold->day = today >> 42;
    hold->amount = n;
    if (limits.tpm > 0) hold->second = tokens_put(cells, tokens_second(now), n);
    return answer;
  }
}

/* The request ended, or was not sent: `used` instead of the estimate. */
static inline void tokens_settle(uint64_t *cells, token_limits limits, token_hold *hold, int64_t used, int64_t wall_ms,
                                 uint64_t now) {
  const int64_t more = (int64_t)tokens_clamp(used, 0) - (int64_t)hold->amount;
  const uint64_t day = hold->day;
  hold->day = 0;
  if (day == 0 || more == 0) return;
  tokens_day_add(cells, limits, wall_ms, more < 0 ? day : 0, more);
  if (hold->second == 0) return;
  if (more > 0) {
    tokens_add(cells + TOKENS_SUM, (uint64_t)more);
    tokens_put(cells, tokens_second(now), (uint64_t)more);
    return;
  }
  uint64_t *slot = cells + TOKENS_RING + hold->second % TOKENS_SLOTS, word = quota_load(slot);
  while (word >> 36 == hold->second) { /* else that second is over, and its tokens with it */
    const uint64_t has = word & (uint64_t)TOKENS_MAX, back = has < (uint64_t)-more ? has : (uint64_t)-more;
    if (!quota_swap(slot, &word, word - back)) continue;
    tokens_sub(cells + TOKENS_SUM, back);
    return;
  }
}

/* A window as headers tell it: a limit that refills evenly. One word says when it would be full; each unit puts that
 * off by its share (GCRA). */
enum { TOLD_FULL_NS, TOLD_UNIT_NS, TOLD_LIMIT, TOLD_CELLS };

static inline void told_learn(uint64_t *cells, int64_t limit, int64_t left, int64_t reset_ms, uint64_t now_ms) {
  if (limit <= 0 || limit > TOKENS_MAX || left < 0 || left >= limit || reset_ms <= 0) return;
  if (reset_ms > 2 * QUOTA_DAY_MS) reset_ms = 2 * QUOTA_DAY_MS;
  const uint64_t used = (uint64_t)(limit - left), most = (uint64_t)(2 * QUOTA_DAY_MS) * 1000000 / (uint64_t)limit;
  uint64_t unit = (uint64_t)reset_ms * 1000000 / used, known = quota_load(cells + TOLD_FULL_NS);
  unit = unit < 1 ? 1 : unit < most ? unit : most; /* a whole window is two days at most */
  const uint64_t full = now_ms * 1000000 + used * unit;
  __atomic_store_n(cells + TOLD_UNIT_NS, unit, __ATOMIC_RELEASE);
  __atomic_store_n(cells + TOLD_LIMIT, (uint64_t)limit, __ATOMIC_RELEASE);
  while (known < full && !quota_swap(cells + TOLD_FULL_NS, &known, full)) {
  }
}

/* How long until the window has room for n; 0: it has, and with `take` it is taken. The head was written a little
 * before it was read, and the window has refilled by that much already. */
static inline int64_t told_wait(uint64_t *cells, int64_t n, uint64_t now_ms, int take) {
  const uint64_t unit = quota_load(cells + TOLD_UNIT_NS), limit = quota_load(cells + TOLD_LIMIT);
  const uint64_t now = now_ms * 1000000;
  uint64_t full = quota_load(cells + TOLD_FULL_NS);
  if (unit == 0 || limit == 0 || n <= 0) return 0;
  const uint64_t on_the_way = unit / 8 < UINT64_C(1000000000) ? unit / 8 : UINT64_C(1000000000);
  const uint64_t cost = (n < (int64_t)limit ? (uint64_t)n : limit) * unit, room = limit * unit;
  while (1) {
    const uint64_t then = (full > now ? full : now) + cost;
    if (then - now > room + on_the_way) return (int64_t)((then - now - room) / 1000000) + 1;
    if (!take || quota_swap(cells + TOLD_FULL_NS, &full, then)) return 0;
  }
}
static inline void told_give(uint64_t *cells, int64_t n) {
  uint64_t full = quota_load(cells + TOLD_FULL_NS);
  const uint64_t cost = quota_load(cells + TOLD_UNIT_NS) * (n > 0 ? (uint64_t)n : 0);
  while (cost > 0 && full > cost && !quota_swap(cells + TOLD_FULL_NS, &full, full - cost)) {
  }
}
static inline int64_t told_left(const uint64_t *cells, uint64_t now_ms) { /* -1: nothing was told */
  const uint64_t unit = quota_load(cells + TOLD_UNIT_NS), limit = quota_load(cells + TOLD_LIMIT);
  const uint64_t now = now_ms * 1000000, full = quota_load(cells + TOLD_FULL_NS);
  if (unit == 0) return -1;
  const uint64_t gone = full > now ? (full - now + unit - 1) / unit : 0;
  return gone < limit ? (int64_t)(limit - gone) : 0;
}

#endif
