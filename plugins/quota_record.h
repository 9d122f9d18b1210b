/* How an account's ledger is written down between two lives of the process: "1 DAY USED LIMIT CLOSED NAME", under the
 * number of its record. C11. */
#ifndef SPILLWAY_QUOTA_RECORD_H
#define SPILLWAY_QUOTA_RECORD_H
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "quota_ledger.h"
#include "spillway_plugin.h"

enum { QUOTA_NAME_BYTES = 96, QUOTA_RECORD_BYTES = QUOTA_NAME_BYTES + 96, QUOTA_RECORD_DAYS = 30 };

typedef struct {
  uint64_t hash, day;
  int64_t closed;
} quota_record; /* hash of the account's name; 0: none */

static inline uint64_t quota_name_hash(spw_str name) { /* FNV-1a; names come from the config */
  uint64_t hash = UINT64_C(14695981039346656037);
  for (size_t i = 0; i < name.len; ++i) hash = (hash ^ (uint8_t)name.ptr[i]) * UINT64_C(1099511628211);
  return hash ? hash : 1;
}

static inline spw_str quota_record_key(size_t slot, char text[4]) {
  const int n = snprintf(text, 4, "%02d", (int)(slot % 100));
  return (spw_str){text, (size_t)n};
}

/* "1 DAY USED LIMIT CLOSED NAME"; anything else is nobody's record. */
static inline quota_record quota_record_parse(spw_str value, int64_t wall_ms) {
  char text[QUOTA_RECORD_BYTES], *at = text;
  quota_record r = {0, 0, 0};
  int64_t n[5];
  if (value.len >= sizeof text) return r;
  memcpy(text, value.ptr, value.len);
  text[value.len] = 0;
  for (int i = 0; i < 5; ++i) {
    char *end = at;
    n[i] = strtoll(at, &end, 10);
    if (end == at || *end != ' ' || n[i] < 0) return r;
    at = end + 1;
  }
  if (n[0] != 1 || n[1] == 0 || n[1] >= INT64_C(1) << 22) return r;
  if ((uint64_t)n[1] + QUOTA_RECORD_DAYS < quota_day_of(wall_ms)) return r; /* an account that is used no more */
  r.hash = quota_name_hash((spw_str){at, strlen(at)});
  r.day = quota_pack((quota_day){(uint64_t)n[1], quota_count(n[2]), quota_count(n[3])});
  r.closed = n[4];
  return r;
}

static inline size_t quota_record_print(char text[QUOTA_RECORD_BYTES], const uint64_t *cells, const char *name) {
  const quota_day d = quota_unpack(quota_load(cells + QUOTA_DAY));
  const int n = snprintf(text, QUOTA_RECORD_BYTES, "1 %llu %llu %llu %llu %s", (unsigned long long)d.day,
                         (unsigned long long)d.used, (unsigned long long)d.limit,
                         (unsigned long long)quota_load(cells + QUOTA_CLOSED), name);
  return (size_t)n;
}

#endif
