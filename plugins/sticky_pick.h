/* Which of the best candidates a session goes to: pure, no host calls.
 *
 * The best are those of the highest quality, equal ones in the order of their ids; the session's hash points at one of
 * the first `most`. The id is the model's name, then the provider and the account: it must not change when a config
 * lists its targets in another order. */
#ifndef STICKY_PICK_H
#define STICKY_PICK_H
#include <string.h>

#include "spillway_plugin.h"
#include "sticky_sha256.h"

enum { STICKY_TOP_MAX = 64 };

typedef struct {
  int64_t quality;
  spw_str model, provider, account;
  size_t index; /* the host's */
} sticky_candidate;

typedef struct {
  sticky_candidate best[STICKY_TOP_MAX]; /* in order */
  size_t n, most;
} sticky_top;

static inline int sticky_compare(spw_str a, spw_str b) {
  const size_t n = a.len < b.len ? a.len : b.len;
  const int order = n > 0 ? memcmp(a.ptr, b.ptr, n) : 0;
  return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static inline int sticky_before(const sticky_candidate *a, const sticky_candidate *b) {
  if (a->quality != b->quality) return a->quality > b->quality;
  int order = sticky_compare(a->model, b->model);
  if (order == 0) order = sticky_compare(a->provider, b->provider);
  if (order == 0) order = sticky_compare(a->account, b->account);
  return order < 0;
}

/* Puts `one` among the best, if it is; of equal ones who came first stays before. */
static inline void sticky_top_add(sticky_top *top, const sticky_candidate *one) {
  size_t at = top->n;
  while (at > 0 && sticky_before(one, &top->best[at - 1])) --at;
  if (at == top->most) return;
  if (top->n < top->most) ++top->n;
  memmove(top->best + at + 1, top->best + at, (top->n - 1 - at) * sizeof *top->best);
  top->best[at] = *one;
}

/* The hash that Q-11 takes of a session's name. */
static inline void sticky_hash(spw_str session, uint8_t digest[STICKY_DIGEST_BYTES]) {
  const spw_str prefix = SPW_STR("auto_fastest:");
  sticky_sha256 sum = sticky_sha256_begin();
  sticky_sha256_add(&sum, prefix.ptr, prefix.len);
  sticky_sha256_add(&sum, session.ptr, session.len);
  sticky_sha256_end(&sum, digest);
}

/* Its first eight bytes as a big-endian number, modulo `count` > 0. */
static inline size_t sticky_index(const uint8_t digest[STICKY_DIGEST_BYTES], size_t count) {
  uint64_t number = 0;
  for (size_t i = 0; i < 8; ++i) number = number << 8 | digest[i];
  return (size_t)(number % count);
}

#endif
