/* One quota with all it limits: requests and tokens, by the minute and by the day, what headers tell, closures, and a
 * ladder for refusals that say no time. A bucket is one array of shared cells and describes itself (name, limits), so
 * that any worker can save and show it. Pure; C11, and readable as C++ by the tests. */
#ifndef SPILLWAY_QUOTA_BUCKET_H
#define SPILLWAY_QUOTA_BUCKET_H
#include <string.h>

#include "quota_tokens.h"

enum { QUOTA_NAME_BYTES = 128, BUCKET_HOLDS = 5 };
enum {
  BUCKET_TOKENS = (int)QUOTA_CELLS,
  BUCKET_TOLD_REQUESTS = BUCKET_TOKENS + (int)TOKENS_CELLS,
  BUCKET_TOLD_TOKENS = BUCKET_TOLD_REQUESTS + (int)TOLD_CELLS,
  BUCKET_RUNG = BUCKET_TOLD_TOKENS + (int)TOLD_CELLS, /* of the ladder */
  BUCKET_WHY,                                         /* the SPW_E_* that closed it last */
  BUCKET_SOURCE,                                      /* whose word its day's limit is */
  BUCKET_FLYING,                                      /* reserved and not yet settled */
  BUCKET_ASKED,                                       /* process ms of the last question to the provider */
  BUCKET_GOOD,                                        /* hash of the model that answered last, see `stay`; 0: none */
  BUCKET_LIMITS,                                      /* rpm rpd reset_ms tpm tpd scope */
  BUCKET_NAME = BUCKET_LIMITS + 6,
  BUCKET_CELLS = BUCKET_NAME + (int)QUOTA_NAME_BYTES / 8
};
enum { SOURCE_CONFIG, SOURCE_HEADERS, SOURCE_ERROR, SOURCE_KEY };

typedef struct {
  quota_limits requests;
  token_limits tokens;
  int64_t scope;
} bucket_limits;
typedef struct {
  uint64_t *cells;
  bucket_limits limits; /* as they were then: a reload changes them */
  quota_hold requests;
  token_hold tokens;
  int64_t told_tokens;
} bucket_hold; /* cells NULL: nothing is held */

static inline void bucket_write_name(uint64_t *cells, const char name[QUOTA_NAME_BYTES]) {
  for (int i = 0; i < QUOTA_NAME_BYTES / 8; ++i) {
    uint64_t word;
    memcpy(&word, name + 8 * i, 8);
    __atomic_store_n(cells + i, word, __ATOMIC_RELEASE);
  }
}
static inline void bucket_read_name(const uint64_t *cells, char name[QUOTA_NAME_BYTES]) {
  for (int i = 0; i < QUOTA_NAME_BYTES / 8; ++i) {
    const uint64_t word = quota_load(cells + i);
    memcpy(name + 8 * i, &word, 8);
  }
  name[QUOTA_NAME_BYTES - 1] = 0;
}
static inline void bucket_describe(uint64_t *cells, const bucket_limits *l, const char name[QUOTA_NAME_BYTES]) {
  const int64_t list[6] = {l->requests.rpm, l->requests.rpd, l->requests.reset_ms,
                           l->tokens.tpm,   l->tokens.tpd,   l->scope};
  for (int i = 0; i < 6; ++i) __atomic_store_n(cells + BUCKET_LIMITS + i, (uint64_t)list[i], __ATOMIC_RELEASE);
  bucket_write_name(cells + BUCKET_NAME, name);
}
static inline bucket_limits bucket_described(const uint64_t *cells) {
  int64_t n[6];
  for (int i = 0; i < 6; ++i) n[i] = (int64_t)quota_load(cells + BUCKET_LIMITS + i);
  const bucket_limits l = {{n[0], n[1], n[2]}, {n[3], n[4], n[2]}, n[5]};
  return l;
}

/* May one request of `tokens` go now? Takes nothing. */
static inline quota_answer bucket_look(uint64_t *cells, const bucket_limits *l, int64_t tokens, int64_t wall,
                                       uint64_t now) {
  quota_answer answer = quota_look(cells, l->requests, wall, now);
  if (answer.why != QUOTA_OPEN) return answer;
  if (l->tokens.tpm > 0 || l->tokens.tpd > 0) {
    const quota_answer more = tokens_look(cells + BUCKET_TOKENS, l->tokens, tokens, wall, now);
    if (more.why != QUOTA_OPEN) return more;
  }
  const int64_t requests_wait = told_wait(cells + BUCKET_TOLD_REQUESTS, 1, now, 0);
  const int64_t tokens_wait = told_wait(cells + BUCKET_TOLD_TOKENS, tokens, now, 0);
  answer.wait_ms = requests_wait > tokens_wait ? requests_wait : tokens_wait;
  if (answer.wait_ms > 0) answer.why = QUOTA_TOLD;
  return answer;
}

static inline void bucket_release(bucket_hold *hold, int64_t wall, uint64_t now) {
  if (hold->cells == NULL) return;
  quota_release(hold->cells, &hold->requests);
  tokens_settle(hold->cells + BUCKET_TOKENS, hold->limits.tokens, &hold->tokens, 0, wall, now);
  told_give(hold->cells + BUCKET_TOLD_REQUESTS, 1);
  told_give(hold->cells + BUCKET_TOLD_TOKENS, hold->told_tokens);
  tokens_sub(hold->cells + BUCKET_FLYING, 1);
  hold->cells = NULL;
}

/* Takes one request of `tokens`, or says why not; a minute of requests that opens within `ahead` ms in advance. */
static inline quota_answer bucket_reserve(uint64_t *cells, const bucket_limits *l, int64_t tokens, int64_t wall,
                                          uint64_t now, int64_t ahead, bucket_hold *hold) {
  const bucket_hold none = {NULL, *l, {0, 0, 0}, {0, 0, 0}, 0};
  *hold = none;
  quota_answer answer = quota_reserve(cells, l->requests, wall, now, ahead, &hold->requests);
  if (answer.why != QUOTA_OPEN) return answer;
  if (l->tokens.tpm > 0 || l->tokens.tpd > 0) {
    const quota_answer more = tokens_reserve(cells + BUCKET_TOKENS, l->tokens, tokens, wall, now, &hold->tokens);
    if (more.why != QUOTA_OPEN) {
      quota_release(cells, &hold->requests);
      return more;
    }
  }
  int64_t wait = told_wait(cells + BUCKET_TOLD_REQUESTS, 1, now, 1);
  const int requests_taken = wait == 0;
  if (requests_taken) wait = told_wait(cells + BUCKET_TOLD_TOKENS, tokens, now, 1);
  if (wait > 0) {
    if (requests_taken) told_give(cells + BUCKET_TOLD_REQUESTS, 1);
    quota_release(cells, &hold->requests);
    tokens_settle(cells + BUCKET_TOKENS, l->tokens, &hold->tokens, 0, wall, now);
    answer.why = QUOTA_TOLD;
    answer.wait_ms = wait;
    return answer;
  }
  hold->cells = cells;
  hold->told_tokens = tokens;
  tokens_add(cells + BUCKET_FLYING, 1);
  return answer;
}

/* It was sent and has ended, with so many tokens; -1: nobody knows, so the estimate stands. */
static inline void bucket_settle(bucket_hold *hold, int64_t used, int64_t wall, uint64_t now) {
  if (hold->cells == NULL) return;
  if (used >= 0) {
    tokens_settle(hold->cells + BUCKET_TOKENS, hold->limits.tokens, &hold->tokens, used, wall, now);
    if (used < hold->told_tokens) told_give(hold->cells + BUCKET_TOLD_TOKENS, hold->told_tokens - used);
  }
  tokens_sub(hold->cells + BUCKET_FLYING, 1);
  hold->cells = NULL;
}

/* How long it stays closed after a refusal that told no time: longer each time, until a success (reliability.md B2). */
static inline int64_t bucket_climb(uint64_t *cells, int64_t first_ms) {
  static const int64_t rungs[4] = {120000, 600000, 3600000, 86400000};
  const uint64_t rung = __atomic_fetch_add(cells + BUCKET_RUNG, 1, __ATOMIC_ACQ_REL);
  const uint64_t at = first_ms > 0 ? rung - 1 : rung;
  if (first_ms > 0 && rung == 0) return first_ms;
  return rungs[at < 3 ? at : 3];
}
static inline int bucket_succeeded(uint64_t *cells) { /* 1: that changed something */
  return quota_load(cells + BUCKET_RUNG) != 0 && __atomic_exchange_n(cells + BUCKET_RUNG, 0, __ATOMIC_ACQ_REL) != 0;
}

/* An operator knows better: what was counted and told is forgotten, what is in flight is not. The day stays, because a
 * ledger without one counts as not yet loaded. */
static inline void bucket_clear(uint64_t *cells, const bucket_limits *l, int64_t wall) {
  const quota_day fresh = {quota_date(l->requests, wall), 0, 0};
  __atomic_store_n(cells + QUOTA_DAY, quota_pack(fresh), __ATOMIC_RELEASE);
  for (int i = QUOTA_DAY + 1; i <= BUCKET_SOURCE; ++i) {
    if (i != QUOTA_HEAD && i != QUOTA_DIRTY && i != QUOTA_SAVED) __atomic_store_n(cells + i, 0, __ATOMIC_RELEASE);
  }
  __atomic_store_n(cells + QUOTA_DIRTY, 1, __ATOMIC_RELEASE);
}

#endif
