/* The requests of one quota, as a pure ledger over atomic words: so many per day, so many per sliding minute, and
 * closures that a provider told us. All free models of an account share one (rules C-1, T-3).
 *
 * A request is reserved before it is sent and given back only if it was not: whether failed calls count is nowhere
 * documented, so they do (O-5). Reserving is a compare-and-swap, so workers together never go over the limit. Days come
 * from the wall clock, which may jump: a step back never re-opens a spent day. Minutes come from a clock that counts ms
 * since the process started. C11, and readable as C++ by the tests. */
#ifndef SPILLWAY_QUOTA_LEDGER_H
#define SPILLWAY_QUOTA_LEDGER_H
#include <stddef.h>
#include <stdint.h>

enum {
  QUOTA_DAY,    /* {day 22 bits, used 21, limit as the provider told it 21}; 0: not yet loaded */
  QUOTA_CLOSED, /* wall ms until which the day is closed; 0: open */
  QUOTA_PAUSED, /* process ms until which the minute is closed */
  QUOTA_HEAD,   /* number of the minute's newest slot */
  QUOTA_DIRTY,
  QUOTA_SAVED, /* for whoever keeps it: changed since, and when it was last saved */
  QUOTA_RING,
  QUOTA_SLOTS = 240,
  QUOTA_CELLS = QUOTA_RING + QUOTA_SLOTS
};
enum { QUOTA_MINUTE_MS = 60000, QUOTA_COUNT_MAX = (1 << 21) - 1, QUOTA_AHEAD_DAYS = 2 };
#define QUOTA_DAY_MS INT64_C(86400000)

typedef struct {
  uint64_t day, used, limit;
} quota_day;
typedef struct {
  int64_t rpm, rpd; /* as configured; 0: none */
  int64_t reset_ms; /* when its day begins, in ms of the UTC day */
} quota_limits;
typedef enum {
  QUOTA_OPEN,
  QUOTA_DAY_SPENT,
  QUOTA_DAY_CLOSED,
  QUOTA_MINUTE_SPENT,
  QUOTA_MINUTE_CLOSED,
  QUOTA_DAY_TOKENS, /* these three are of quota_tokens.h */
  QUOTA_MINUTE_TOKENS,
  QUOTA_TOLD
} quota_why;
typedef struct {
  quota_why why;
  int64_t wait_ms;
  uint64_t used, limit;
} quota_answer;
typedef struct {
  uint64_t day, slot, seq;
} quota_hold; /* what a reservation took; day 0: nothing */

static inline uint64_t quota_load(const uint64_t *cell) { return __atomic_load_n(cell, __ATOMIC_ACQUIRE); }
static inline int quota_swap(uint64_t *cell, uint64_t *old, uint64_t value) {
  return __atomic_compare_exchange_n(cell, old, value, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}
static inline uint64_t quota_count(int64_t n) {
  return n < 0 ? 0 : n > QUOTA_COUNT_MAX ? (uint64_t)QUOTA_COUNT_MAX : (uint64_t)n;
}
static inline uint64_t quota_pack(quota_day d) { return d.day << 42 | d.used << 21 | d.limit; }
static inline quota_day quota_unpack(uint64_t word) {
  const quota_day d = {word >> 42, word >> 21 & QUOTA_COUNT_MAX, word & QUOTA_COUNT_MAX};
  return d;
}
/* Day 1 is the first of 1970, so that a ledger in use is never zero. A quota's days begin when it is reset. */
static inline uint64_t quota_day_of(int64_t wall_ms) {
  return wall_ms < 0 ? 1 : (uint64_t)(wall_ms / QUOTA_DAY_MS) + 1;
}
static inline uint64_t quota_date(quota_limits limits, int64_t wall_ms) {
  return quota_day_of(wall_ms - limits.reset_ms);
}
static inline int64_t quota_day_ends(quota_limits limits, uint64_t day) {
  return (int64_t)day * QUOTA_DAY_MS + limits.reset_ms;
}
static inline int64_t quota_midnight(quota_limits limits, int64_t wall_ms) {
  return quota_day_ends(limits, quota_date(limits, wall_ms));
}

/* The limit in force: the provider's word before the config's; 0: none. */
static inline uint64_t quota_limit(quota_day d, quota_limits limits) {
  return d.limit > 0 ? d.limit : quota_count(limits.rpd);
}

/* The ledger as of today. On a new day nothing is used, and a told limit below the configured one is put to the test
 * again. On a day before the ledger's the clock has stepped back: the ledger's day stays, or, if it was days ahead and
 * so plainly wrong, today takes over with what was used. */
static inline quota_day quota_today(quota_day d, quota_limits limits, int64_t wall_ms) {
  const uint64_t today = quota_date(limits, wall_ms);
  if (today > d.day) {
    d.used = 0;
    if (limits.rpd == 0 || d.limit < quota_count(limits.rpd)) d.limit = 0;
  }
  if (today > d.day || d.day - today > QUOTA_AHEAD_DAYS) d.day = today;
  return d;
}

/* Is the day closed by the provider's word? When the closure is over the day's count starts afresh: its clock and ours
 * need not agree on when a day begins. A closure far ahead was told by a wrong clock and lasts to midnight. */
static inline int64_t quota_closed_until(uint64_t *cells, quota_limits limits, int64_t wall_ms) {
  uint64_t until = quota_load(cells + QUOTA_CLOSED);
  while (until != 0) {
    if ((int64_t)until - wall_ms > QUOTA_AHEAD_DAYS * QUOTA_DAY_MS) {
      const uint64_t midnight = (uint64_t)quota_midnight(limits, wall_ms);
      if (quota_swap(cells + QUOTA_CLOSED, &until, midnight)) return (int64_t)midnight;
      continue;
    }
    if ((int64_t)until > wall_ms) return (int64_t)until;
    uint64_t word = quota_load(cells + QUOTA_DAY);
    const uint64_t day = quota_unpack(word).day;
    if (!quota_swap(cells + QUOTA_CLOSED, &until, 0)) continue;
    quota_day d;
    do { /* unless a new day has begun and counts already */
      d = quota_unpack(word);
      d.used = 0;
    } while (d.day == day && !quota_swap(cells + QUOTA_DAY, &word, quota_pack(d)));
    return 0;
  }
  return 0;
}

/* Closes the day until `until`, with everything used. The latest word about the end wins. */
static inline void quota_close(uint64_t *cells, quota_limits limits, int64_t until, int64_t told_limit,
                               int64_t wall_ms) {
  uint64_t word = quota_load(cells + QUOTA_DAY);
  quota_day d;
  __atomic_store_n(cells + QUOTA_CLOSED, (uint64_t)until, __ATOMIC_RELEASE);
  do {
    d = quota_today(quota_unpack(word), limits, wall_ms);
    if (told_limit > 0) d.limit = quota_count(told_limit);
    if (quota_limit(d, limits) > 0) d.used = quota_limit(d, limits);
  } while (!quota_swap(cells + QUOTA_DAY, &word, quota_pack(d)));
}

/* A successful answer told how the day stands. Only upwards: the provider has not counted what is in the air. */
static inline void quota_learn(uint64_t *cells, quota_limits limits, int64_t limit, int64_t remaining,
                               int64_t wall_ms) {
  uint64_t word = quota_load(cells + QUOTA_DAY);
  quota_day d;
  if (limit <= 0 || remaining < 0 || remaining > limit) return;
  do {
    d = quota_today(quota_unpack(word), limits, wall_ms);
    const uint64_t used = quota_count(limit - remaining);
    if (quota_count(limit) != quota_limit(d, limits)) d.limit = quota_count(limit);
    if (used > d.used) d.used = used;
  } while (!quota_swap(cells + QUOTA_DAY, &word, quota_pack(d)));
}

/* Has nothing been sent for so long that what the provider counts is complete? Never sure without a minute's ring, nor
 * before the process has watched for as long. */
static inline int quota_quiet(const uint64_t *cells, quota_limits limits, uint64_t now, uint64_t quiet_ms) {
  if (limits.rpm <= 0 || now < quiet_ms) return 0;
  for (int i = 0; i < QUOTA_SLOTS; ++i) {
    const uint64_t slot = quota_load(cells + QUOTA_RING + i), time = slot & ((UINT64_C(1) << 36) - 1);
    if ((slot >> 36 & 0xfff) > 0 && time + quiet_ms > now) return 0;
  }
  return 1;
}

/* After a quiet time the provider's count holds downwards too: it may not count calls that failed (O-5). Not against
 * its own word that the day is over. */
static inline void quota_relearn(uint64_t *cells, quota_limits limits, int64_t used, int64_t wall_ms) {
  uint64_t word = quota_load(cells + QUOTA_DAY);
  quota_day d;
  if (used < 0 || quota_load(cells + QUOTA_CLOSED) != 0) return;
  do {
    d = quota_today(quota_unpack(word), limits, wall_ms);
    if (quota_count(used) >= d.used) return;
    d.used = quota_count(used);
  } while (!quota_swap(cells + QUOTA_DAY, &word, quota_pack(d)));
}

static inline void quota_pause(uint64_t *cells, uint64_t until) {
  uint64_t old = quota_load(cells + QUOTA_PAUSED);
  while (old < until && !quota_swap(cells + QUOTA_PAUSED, &old, until)) {
  }
}

/* The minute is a ring of the last sends. A slot {seq 16 bits, count 12, time 36} is taken again when what it holds is
 * a minute old, so no 60 s ever hold more than rpm sends. Above QUOTA_SLOTS per minute a slot stands for several. (For
 * a minute after a reload that changes rpm the ring knows the old places only.) */
typedef struct {
  uint64_t slots, each;
} quota_ring;
static inline quota_ring quota_ring_of(int64_t rpm) {
  const uint64_t n = quota_count(rpm), each = (n + QUOTA_SLOTS - 1) / QUOTA_SLOTS;
  const quota_ring ring = {each ? n / each : 0, each};
  return ring;
}
static inline uint64_t quota_slot(uint64_t seq, uint64_t count, uint64_t now) {
  return (seq & 0xffff) << 48 | count << 36 | (now & ((UINT64_C(1) << 36) - 1));
}

/* How long until the minute has room, 0 if it has. With `hold` it takes the room, at once or, when it opens within
 * `ahead` ms, in advance: who waits its turn is then a send of that later moment, and nobody overtakes. */
static inline int64_t quota_minute(uint64_t *cells, int64_t rpm, uint64_t now, int64_t ahead, quota_hold *hold) {
  const quota_ring ring = quota_ring_of(rpm);
  while (ring.slots > 0) {
    uint64_t head = quota_load(cells + QUOTA_HEAD);
    const uint64_t seq = head + 1, at = seq % ring.slots;
    uint64_t *slot = cells + QUOTA_RING + at, old = quota_load(slot);
    const uint64_t count = old >> 36 & 0xfff, time = old & ((UINT64_C(1) << 36) - 1);
    uint64_t opens = now, taken = 1;
    if (old != 0 && old >> 48 == (seq & 0xffff)) {
      if (count >= ring.each) { /* full: whoever notices moves on */
        quota_swap(cells + QUOTA_HEAD, &head, head + 1);
        continue;
      }
      taken = count + 1;
      if (time > now) opens = time; /* begun in advance */
    } else if (count > 0 && now < time + QUOTA_MINUTE_MS) {
      opens = time + QUOTA_MINUTE_MS;
    }
    const int64_t wait = (int64_t)(opens - now);
    if (hold == NULL || wait > ahead) return wait;
    if (!quota_swap(slot, &old, quota_slot(seq, taken, opens))) continue;
    hold->slot = at;
    hold->seq = seq;
    return wait;
  }
  return 0;
}

/* The ledger as of today, for looking. A day that was plainly wrong is put right for good: left in the ledger, it would
 * be spent anew every morning until that day comes. */
static inline quota_day quota_seen(uint64_t *cells, quota_limits limits, int64_t wall_ms) {
  uint64_t word = quota_load(cells + QUOTA_DAY);
  quota_day d;
  do {
    d = quota_today(quota_unpack(word), limits, wall_ms);
  } while (quota_unpack(word).day > d.day && !quota_swap(cells + QUOTA_DAY, &word, quota_pack(d)));
  return d;
}

/* May a free request of this account go now? Takes nothing. */
static inline quota_answer quota_look(uint64_t *cells, quota_limits limits, int64_t wall_ms, uint64_t now) {
  const int64_t closed = quota_closed_until(cells, limits, wall_ms);
  const quota_day d = quota_seen(cells, limits, wall_ms);
  quota_answer answer = {QUOTA_OPEN, 0, d.used, quota_limit(d, limits)};
  const uint64_t paused = quota_load(cells + QUOTA_PAUSED);
  if (closed > 0) {
    answer.why = QUOTA_DAY_CLOSED;
    answer.wait_ms = closed - wall_ms;
  } else if (answer.limit > 0 && d.used >= answer.limit) {
    answer.why = QUOTA_DAY_SPENT;
    answer.wait_ms = quota_day_ends(limits, d.day) - wall_ms;
  } else if (now < paused) {
    answer.why = QUOTA_MINUTE_CLOSED;
    answer.wait_ms = (int64_t)(paused - now);
  } else {
    answer.wait_ms = quota_minute(cells, limits.rpm, now, 0, NULL);
    if (answer.wait_ms > 0) answer.why = QUOTA_MINUTE_SPENT;
  }
  return answer;
}

static inline void quota_release(uint64_t *cells, quota_hold *hold) {
  uint64_t word = quota_load(cells + QUOTA_DAY);
  while (hold->day != 0) {
    quota_day d = quota_unpack(word);
    if (d.day != hold->day || d.used == 0) break;
    --d.used;
    if (quota_swap(cells + QUOTA_DAY, &word, quota_pack(d))) break;
  }
  uint64_t *slot = cells + QUOTA_RING + hold->slot, old = quota_load(slot);
  while (hold->seq != 0 && old >> 48 == (hold->seq & 0xffff) && (old >> 36 & 0xfff) > 0 &&
         !quota_swap(slot, &old, old - (UINT64_C(1) << 36))) {
  }
  hold->day = hold->seq = 0;
}

/* Takes one request from the day and the minute, or says why not. A minute that opens within `ahead` ms is taken in
 * advance: open, with the wait. */
static inline quota_answer quota_reserve(uint64_t *cells, quota_limits limits, int64_t wall_ms, uint64_t now,
                                         int64_t ahead, quota_hold *hold) {
  const quota_hold none = {0, 0, 0};
  *hold = none;
  for (;;) {
    quota_answer answer = quota_look(cells, limits, wall_ms, now);
    if (answer.why == QUOTA_MINUTE_SPENT && answer.wait_ms <= ahead) answer.why = QUOTA_OPEN;
    if (answer.why != QUOTA_OPEN) return answer;
    uint64_t word = quota_load(cells + QUOTA_DAY);
    quota_day d = quota_today(quota_unpack(word), limits, wall_ms);
    answer.limit = quota_limit(d, limits);
    /* Somebody took the last one since, and may have given it back by the next look: only a swap takes one. */
    if (answer.limit > 0 && d.used >= answer.limit) continue;
    d.used = quota_count((int64_t)d.used + 1);
    answer.used = d.used;
    if (!quota_swap(cells + QUOTA_DAY, &word, quota_pack(d))) continue;
    hold->day = d.day;
    answer.wait_ms = quota_minute(cells, limits.rpm, now, ahead, hold);
    if (answer.wait_ms <= ahead) return answer;
    answer.why = QUOTA_MINUTE_SPENT;
    quota_release(cells, hold);
    return answer;
  }
}

#endif
