/* free_first's memory: which quotas this worker has met, which number each has in the store, when it was saved. The
 * buckets themselves are the host's cells, shared by all workers. All that was saved is put back at the start, because
 * the host loads only then. */
#ifndef SPILLWAY_QUOTA_BOOK_H
#define SPILLWAY_QUOTA_BOOK_H
#include "quota_record.h"
#include "spillway_plugin.h"

enum { BUCKETS_MAX = 256, ASKS_MAX = 16, SAVE_EVERY_MS = 200, TOLD_MAX = 64 };
enum { SCOPE_FREE, SCOPE_ACCOUNT, SCOPE_KEY, SCOPE_PROJECT, SCOPE_MODEL, SCOPE_TOLD };

typedef struct {
  uint64_t *cells, hash;
  int32_t slot; /* in the store; -1: none was left */
  bucket_limits limits;
  char name[QUOTA_NAME_BYTES];
} bucket;
typedef struct {
  bucket *of;
  char url[160];
} question; /* what a provider is asked about a bucket */
typedef struct {
  uint64_t *start_us, *slots;             /* slots: hash of the bucket that a record number belongs to */
  size_t n_known, n_told, n_asks, asking; /* asking: 1 + the question under way; 0: none */
  question asks[ASKS_MAX];
  bucket known[BUCKETS_MAX]; /* what this worker has met */
} free_worker;

static inline uint64_t now_ms(const spw_call *call) { /* above 0 */
  return (call->host->now_us(call) - quota_load(((const free_worker *)call->worker)->start_us)) / 1000 + 1;
}

static inline uint64_t *book_cells(spw_call *call, const char *name) {
  char text[QUOTA_NAME_BYTES + 8];
  const int n = snprintf(text, sizeof text, "quota %s", name);
  return call->host->cells(call, (spw_str){text, (size_t)n}, BUCKET_CELLS);
}

/* The name that belongs to a record number, for whoever lists them all. */
static inline uint64_t *book_label(spw_call *call, int32_t slot) {
  char text[32];
  const int n = snprintf(text, sizeof text, "free_first slot %d", (int)slot);
  return call->host->cells(call, (spw_str){text, (size_t)n}, QUOTA_NAME_BYTES / 8);
}

static inline int32_t book_open(spw_call *call) {
  free_worker *worker = (free_worker *)call->worker;
  worker->start_us = call->host->cells(call, SPW_STR("free_first start"), 1);
  worker->slots = call->host->cells(call, SPW_STR("free_first slots"), BUCKETS_MAX);
  if (!worker->start_us || !worker->slots) return -1;
  uint64_t unset = 0;
  quota_swap(worker->start_us, &unset, call->host->now_us(call));
  for (int32_t i = 0; i < BUCKETS_MAX; ++i) {
    char text[4];
    spw_str value = {NULL, 0};
    if (call->host->load(call, quota_record_key((size_t)i, text), &value) != 1) continue;
    const quota_record saved = quota_record_parse(value, call->host->wall_ms(call));
    uint64_t *cells = saved.hash ? book_cells(call, saved.name) : NULL, *label = cells ? book_label(call, i) : NULL;
    unset = 0;
    if (label == NULL || !quota_swap(worker->slots + i, &unset, saved.hash)) continue;
    bucket_write_name(label, saved.name);
    bucket_write_name(cells + BUCKET_NAME, saved.name);
    quota_record_restore(cells, &saved, call->host->wall_ms(call), now_ms(call));
  }
  return 0;
}

/* The record number of a bucket: the one it has, else the first that is free; -1: none is. */
static inline int32_t book_slot(spw_call *call, const bucket *who) {
  const free_worker *worker = (const free_worker *)call->worker;
  for (int32_t pass = 0; pass < 2; ++pass) {
    for (int32_t i = 0; i < BUCKETS_MAX; ++i) {
      uint64_t owner = quota_load(worker->slots + i);
      if (owner == who->hash) return i;
      if (pass == 0 || owner != 0) continue;
      uint64_t *label = book_label(call, i);
      if (label != NULL && quota_swap(worker->slots + i, &owner, who->hash))
        return bucket_write_name(label, who->name), i;
      if (owner == who->hash) return i; /* another worker was quicker */
    }
  }
  return -1;
}

/* The bucket this worker knows by that hash, or the place behind the last. */
static inline bucket *book_find(free_worker *worker, uint64_t hash) {
  bucket *who = worker->known;
  while (who < worker->known + worker->n_known && who->hash != hash) ++who;
  return who;
}

/* The bucket of a name; NULL: over the host's limits, then it goes unlimited. */
static inline bucket *book_meet(spw_call *call, spw_str name, const bucket_limits *limits) {
  free_worker *worker = (free_worker *)call->worker;
  const uint64_t hash = quota_name_hash(name);
  bucket *who = book_find(worker, hash);
  const int fresh = who == worker->known + worker->n_known;
  if (fresh) {
    if (worker->n_known == BUCKETS_MAX || name.len == 0 || name.len >= QUOTA_NAME_BYTES) return NULL;
    memcpy(who->name, name.ptr, name.len);
    memset(who->name + name.len, 0, sizeof who->name - name.len);
    who->cells = book_cells(call, who->name);
    if (who->cells == NULL) return NULL;
    who->hash = hash;
    who->slot = book_slot(call, who);
    ++worker->n_known;
    if (who->slot < 0) call->host->log(call, 1, SPW_STR("too many quotas: one is neither saved nor shown"));
  }
  if (fresh || memcmp(&who->limits, limits, sizeof *limits) != 0) {
    who->limits = *limits;
    bucket_describe(who->cells, limits, who->name);
  }
  return who;
}

/* The bucket of a model whose heads tell windows while the config says nothing of it: it holds these alone. NULL: none
 * is known, or the TOLD_MAX of this worker are. Each worker hears for itself, and then all share it. */
static inline bucket *book_told(spw_call *call, spw_str account, spw_str model, int make) {
  free_worker *worker = (free_worker *)call->worker;
  const bucket_limits none = {{0, 0, 0}, {0, 0, 0}, SCOPE_TOLD};
  char name[QUOTA_NAME_BYTES];
  const spw_str whole = {name, account.len + 1 + model.len};
  if ((!make && worker->n_told == 0) || model.len == 0 || whole.len >= sizeof name) return NULL;
  memcpy(name, account.ptr, account.len);
  name[account.len] = '/';
  memcpy(name + account.len + 1, model.ptr, model.len);
  const bucket *end = worker->known + worker->n_known;
  bucket *who = book_find(worker, quota_name_hash(whole));
  if (who != end) return who->limits.scope == SCOPE_TOLD ? who : NULL;
  if (!make || worker->n_told == TOLD_MAX) return NULL;
  bucket *made = book_meet(call, whole, &none);
  worker->n_told += made != NULL;
  return made;
}

/* Saves a bucket if it has changed and was not saved a moment ago; the timer comes back to what is left. */
static inline void book_save(spw_call *call, uint64_t *cells, int32_t slot, const char *name, int at_once) {
  const uint64_t now = now_ms(call);
  uint64_t last = quota_load(cells + QUOTA_SAVED);
  if (slot < 0 || !quota_load(cells + QUOTA_DIRTY)) return;
  if (!at_once && last != 0 && now < last + SAVE_EVERY_MS) return;
  if (!quota_swap(cells + QUOTA_SAVED, &last, now) && !at_once) return;
  __atomic_store_n(cells + QUOTA_DIRTY, 0, __ATOMIC_RELEASE);
  char text[QUOTA_RECORD_BYTES], key[4];
  const size_t n = quota_record_print(text, cells, name, call->host->wall_ms(call), now);
  call->host->save(call, quota_record_key((size_t)slot, key), (spw_str){text, n});
}
static inline void book_touched(spw_call *call, const bucket *who) {
  __atomic_store_n(who->cells + QUOTA_DIRTY, 1, __ATOMIC_RELEASE);
  book_save(call, who->cells, who->slot, who->name, 0);
}
static inline void book_save_all(spw_call *call, int at_once) {
  const free_worker *worker = (const free_worker *)call->worker;
  for (size_t i = 0; i < worker->n_known; ++i) {
    const bucket *who = &worker->known[i];
    book_save(call, who->cells, who->slot, who->name, at_once);
  }
}

#endif
