/* How a bucket is written down between two lives of the process, under the number of its record:
 * "2 DAY USED LIMIT CLOSED PAUSED TOKEN_DAY TOKENS WHY RUNG SOURCE NAME", times as Unix ms. "1 DAY USED LIMIT CLOSED
 * NAME" was written by earlier versions. C11. */
#ifndef SPILLWAY_QUOTA_RECORD_H
#define SPILLWAY_QUOTA_RECORD_H
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "quota_bucket.h"
#include "spillway_plugin.h"

enum { QUOTA_RECORD_BYTES = QUOTA_NAME_BYTES + 256, QUOTA_RECORD_DAYS = 30 };

typedef struct {
  uint64_t hash, day; /* hash of the bucket's name; 0: none */
  int64_t closed, paused;
  uint64_t tokens, why, rung, source;
  char name[QUOTA_NAME_BYTES];
} quota_record;

static inline uint64_t quota_name_hash(spw_str name) { /* FNV-1a; names come from the config */
  uint64_t hash = UINT64_C(14695981039346656037);
  for (size_t i = 0; i < name.len; ++i) hash = (hash ^ (uint8_t)name.ptr[i]) * UINT64_C(1099511628211);
  return hash ? hash : 1;
}

static inline spw_str quota_record_key(size_t slot, char text[4]) {
  const int n = snprintf(text, 4, "%02d", (int)(slot % 1000));
  return (spw_str){text, (size_t)n};
}

/* Anything that is no record is nobody's. */
static inline quota_record quota_record_parse(spw_str value, int64_t wall_ms) {
  char text[QUOTA_RECORD_BYTES], *at = text;
  quota_record r;
  int64_t n[11] = {0};
  memset(&r, 0, sizeof r);
  if (value.len >= sizeof text) return r;
  memcpy(text, value.ptr, value.len);
  text[value.len] = 0;
  for (int i = 0; i < (n[0] == 1 ? 5 : 11); ++i) {
    char *end = at;
    n[i] = strtoll(at, &end, 10);
    if (end == at || *end != ' ' || n[i] < 0) return r;
    at = end + 1;
  }
  if ((n[0] != 1 && n[0] != 2) || n[1] == 0 || n[1] >= INT64_C(1) << 22 || n[6] >= INT64_C(1) << 22) return r;
  if ((uint64_t)n[1] + QUOTA_RECORD_DAYS < quota_day_of(wall_ms)) return r; /* a quota that is used no more */
  if (*at == 0 || strlen(at) >= sizeof r.name) return r;
  memcpy(r.name, at, strlen(at));
  r.hash = quota_name_hash((spw_str){at, strlen(at)});
  r.day = quota_pack((quota_day){(uint64_t)n[1], quota_count(n[2]), quota_count(n[3])});
  r.closed = n[4];
  r.paused = n[5];
  r.tokens = (uint64_t)n[6] << 42 | ((uint64_t)n[7] & TOKENS_DAY_MASK);
  r.why = (uint64_t)n[8];
  r.rung = (uint64_t)n[9] < 16 ? (uint64_t)n[9] : 16;
  r.source = (uint64_t)n[10];
  return r;
}

static inline size_t quota_record_print(char text[QUOTA_RECORD_BYTES], const uint64_t *cells, const char *name,
                                        int64_t wall_ms, uint64_t now_ms) {
  const quota_day d = quota_unpack(quota_load(cells + QUOTA_DAY));
  const uint64_t tokens = quota_load(cells + BUCKET_TOKENS + TOKENS_DAY), paused = quota_load(cells + QUOTA_PAUSED);
  const int64_t until = paused > now_ms ? wall_ms + (int64_t)(paused - now_ms) : 0;
  const int n = snprintf(
      text, QUOTA_RECORD_BYTES, "2 %llu %llu %llu %llu %lld %llu %llu %llu %llu %llu %s", (unsigned long long)d.day,
      (unsigned long long)d.used, (unsigned long long)d.limit, (unsigned long long)quota_load(cells + QUOTA_CLOSED),
      (long long)until, (unsigned long long)(tokens >> 42), (unsigned long long)(tokens & TOKENS_DAY_MASK),
      (unsigned long long)quota_load(cells + BUCKET_WHY), (unsigned long long)quota_load(cells + BUCKET_RUNG),
      (unsigned long long)quota_load(cells + BUCKET_SOURCE), name);
  return (size_t)n;
}

/* Fills cells that no worker has filled yet; all workers have the same record, so any may be first. */
static inline void quota_record_restore(uint64_t *cells, const quota_record *r, int64_t wall_ms, uint64_t now_ms) {
  const int64_t hour = 3600000, pause = r->paused - wall_ms;
  uint64_t unset = 0;
  if (quota_load(cells + QUOTA_DAY) != 0) return;
  if (r->closed > wall_ms) quota_swap(cells + QUOTA_CLOSED, &unset, (uint64_t)r->closed);
  unset = 0;
  if (pause > 0) quota_swap(cells + QUOTA_PAUSED, &unset, now_ms + (uint64_t)(pause < 24 * hour ? pause : 24 * hour));
  const int to[4] = {BUCKET_TOKENS + (int)TOKENS_DAY, BUCKET_WHY, BUCKET_RUNG, BUCKET_SOURCE};
  const uint64_t kept[4] = {r->tokens, r->why, r->rung, r->source};
  for (int i = 0; i < 4; ++i) {
    unset = 0;
    quota_swap(cells + to[i], &unset, kept[i]);
  }
  unset = 0;
  quota_swap(cells + QUOTA_DAY, &unset, r->day); /* last: it says that all is there */
}

#endif
