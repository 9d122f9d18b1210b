/* What OpenRouter's GET /key tells about an account's free models (O-4): "free_model_daily_requests": {"used", "limit",
 * "remaining"}, optional and about a minute old. Pure; C11, and readable as C++ by the tests. */
#ifndef SPILLWAY_QUOTA_KEY_H
#define SPILLWAY_QUOTA_KEY_H
#include <string.h>

#include "spillway_plugin.h"

typedef struct {
  int64_t used, limit, remaining; /* -1: not told */
} key_told;

/* Where the value of "name" begins between `at` and `end`; NULL: there is none. */
static inline const char *key_value(const char *at, const char *end, const char *name) {
  const size_t n = strlen(name);
  for (; at + n + 2 < end; ++at) {
    if (*at != '"' || memcmp(at + 1, name, n) != 0 || at[n + 1] != '"') continue;
    const char *value = at + n + 2;
    while (value < end && strchr(" \t\r\n", *value) != NULL && *value != 0) ++value;
    if (value == end || *value != ':') continue;
    ++value;
    while (value < end && strchr(" \t\r\n", *value) != NULL && *value != 0) ++value;
    return value;
  }
  return NULL;
}

static inline int64_t key_count(const char *at, const char *end, const char *name) {
  const char *value = key_value(at, end, name);
  int64_t n = 0;
  if (value == NULL || value == end || *value < '0' || *value > '9') return -1;
  for (; value < end && *value >= '0' && *value <= '9'; ++value) {
    if (n > INT64_C(1) << 40) return -1;
    n = n * 10 + (*value - '0');
  }
  return n;
}

static inline key_told key_read(spw_str body) {
  key_told told = {-1, -1, -1};
  const char *end = body.ptr + body.len;
  const char *at = body.len == 0 ? NULL : key_value(body.ptr, end, "free_model_daily_requests");
  if (at == NULL || at == end || *at != '{') return told;
  const char *close = (const char *)memchr(at, '}', (size_t)(end - at));
  if (close == NULL) return told;
  told.used = key_count(at, close, "used");
  told.limit = key_count(at, close, "limit");
  told.remaining = key_count(at, close, "remaining");
  if (told.remaining < 0 && told.limit >= 0 && told.used >= 0) {
    told.remaining = told.used < told.limit ? told.limit - told.used : 0;
  }
  return told;
}

#endif
