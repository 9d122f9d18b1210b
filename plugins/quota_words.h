/* What free_first says of a bucket: why a candidate is out, and the rows of `spillway quota`. C11. */
#ifndef SPILLWAY_QUOTA_WORDS_H
#define SPILLWAY_QUOTA_WORDS_H
#include <stdio.h>

#include "quota_book.h"

enum { QUOTA_TEXT_BYTES = 192 };

/* "account free quota 50/50 until 00:00 UTC". `minute` is the minute of the UTC day at which the wait ends. */
static inline size_t quota_denial(char text[QUOTA_TEXT_BYTES], const bucket *who, quota_answer a, int64_t wall_ms) {
  const int minute = (int)((wall_ms + a.wait_ms) / 60000 % 1440);
  const long long seconds = (long long)(a.wait_ms + 999) / 1000;
  const int shared = who->limits.scope == 0;
  const char *what = shared ? "account free quota" : "quota", *name = shared ? "" : who->name;
  const char *of = shared ? "" : " ";
  const char *unit = a.why == QUOTA_MINUTE_TOKENS ? " of tokens" : "";
  int n = 0;
  if (a.why == QUOTA_MINUTE_SPENT || a.why == QUOTA_MINUTE_CLOSED || a.why == QUOTA_MINUTE_TOKENS) {
    n = snprintf(text, QUOTA_TEXT_BYTES, "%s%s%s%s of the minute %s, room in %lld s", what, of, name, unit,
                 a.why == QUOTA_MINUTE_CLOSED ? "closed" : "used", seconds);
  } else if (a.why == QUOTA_TOLD) {
    n = snprintf(text, QUOTA_TEXT_BYTES, "%s%s%s used as its headers tell, room in %lld s", what, of, name, seconds);
  } else if (a.limit == 0 || (a.why == QUOTA_DAY_CLOSED && a.used < a.limit)) {
    n = snprintf(text, QUOTA_TEXT_BYTES, "%s%s%s closed until %02d:%02d UTC", what, of, name, minute / 60, minute % 60);
  } else {
    n = snprintf(text, QUOTA_TEXT_BYTES, "%s%s%s %llu/%llu%s until %02d:%02d UTC", what, of, name,
                 (unsigned long long)a.used, (unsigned long long)a.limit, a.why == QUOTA_DAY_TOKENS ? " tokens" : "",
                 minute / 60, minute % 60);
  }
  return n < 0 ? 0 : n < QUOTA_TEXT_BYTES ? (size_t)n : QUOTA_TEXT_BYTES - 1;
}

static inline const char *quota_open_word(quota_why why) {
  static const char *const words[] = {
      "open",          "day used",        "day closed",         "minute used",
      "minute closed", "day tokens used", "minute tokens used", "used, as headers tell"};
  return words[why];
}
static inline const char *quota_cause(uint64_t error) {
  switch (error) {
    case SPW_E_FREE_DAY_QUOTA: return "day quota";
    case SPW_E_FREE_MINUTE_QUOTA: return "minute quota";
    case SPW_E_RATE_LIMITED: return "upstream 429";
    default: return "";
  }
}

static inline void quota_row(spw_call *call, const char *comma, uint64_t *cells, const char *name) {
  static const char *const scopes[] = {"account free", "account", "key", "project", "model", "model, by its headers"};
  static const char *const sources[] = {"configured", "told by headers", "told by an error", "GET key"};
  const int64_t wall = call->host->wall_ms(call);
  const uint64_t now = now_ms(call), source = quota_load(cells + BUCKET_SOURCE);
  const bucket_limits l = bucket_described(cells);
  const quota_answer a = bucket_look(cells, &l, 1, wall, now);
  const quota_day d = quota_seen(cells, l.requests, wall);
  const uint64_t limit = quota_limit(d, l.requests);
  char text[QUOTA_NAME_BYTES + 640], shown[QUOTA_NAME_BYTES], left[24] = "null";
  memcpy(shown, name, sizeof shown);
  for (char *c = shown; *c; ++c) {
    if (*c < ' ' || *c > '~' || *c == '"' || *c == '\\') *c = '_';
  }
  if (limit > 0) snprintf(left, sizeof left, "%llu", (unsigned long long)(limit > d.used ? limit - d.used : 0));
  const int n = snprintf(
      text, sizeof text,
      "%s{\"quota\":\"%s\",\"scope\":\"%s\",\"used\":%llu,\"limit\":%llu,\"left\":%s,\"open\":%s,\"state\":\"%s\","
      "\"wait_ms\":%lld,\"resets_unix_ms\":%lld,\"cause\":\"%s\",\"source\":\"%s\",\"in_flight\":%llu,\"rpm\":%lld,"
      "\"tpm\":%lld,\"tpd\":%lld,\"tokens_minute\":%llu,\"tokens_today\":%llu,\"told_requests_left\":%lld,"
      "\"told_tokens_left\":%lld}",
      comma, shown, scopes[l.scope >= 0 && l.scope <= SCOPE_TOLD ? l.scope : 0], (unsigned long long)d.used,
      (unsigned long long)limit, left, a.why == QUOTA_OPEN ? "true" : "false", quota_open_word(a.why),
      (long long)a.wait_ms, (long long)quota_midnight(l.requests, wall),
      a.why == QUOTA_OPEN ? "" : quota_cause(quota_load(cells + BUCKET_WHY)), sources[source < 4 ? source : 0],
      (unsigned long long)quota_load(cells + BUCKET_FLYING), (long long)l.requests.rpm, (long long)l.tokens.tpm,
      (long long)l.tokens.tpd, (unsigned long long)quota_load(cells + BUCKET_TOKENS + TOKENS_SUM),
      (unsigned long long)tokens_used(cells + BUCKET_TOKENS, l.tokens, wall),
      (long long)told_left(cells + BUCKET_TOLD_REQUESTS, now), (long long)told_left(cells + BUCKET_TOLD_TOKENS, now));
  call->host->print(call, (spw_str){text, n > 0 && n < (int)sizeof text ? (size_t)n : 0});
}

/* All buckets of the process, whoever met them, as a JSON array. */
static inline void quota_table(spw_call *call) {
  const free_worker *worker = (const free_worker *)call->worker;
  const char *comma = "";
  call->host->print(call, SPW_STR("["));
  for (int32_t i = 0; i < BUCKETS_MAX; ++i) {
    char name[QUOTA_NAME_BYTES];
    const uint64_t *label = quota_load(worker->slots + i) ? book_label(call, i) : NULL;
    if (label == NULL) continue;
    bucket_read_name(label, name);
    uint64_t *cells = name[0] ? book_cells(call, name) : NULL;
    if (cells == NULL) continue;
    quota_row(call, comma, cells, name);
    comma = ",";
  }
  call->host->print(call, SPW_STR("]"));
}

/* Clears the bucket of this name, and those whose name begins with it and a slash: all of an account. How many. */
static inline int quota_clear(spw_call *call, spw_str account) {
  const free_worker *worker = (const free_worker *)call->worker;
  int cleared = 0;
  for (int32_t i = 0; i < BUCKETS_MAX; ++i) {
    char name[QUOTA_NAME_BYTES];
    const uint64_t *label = quota_load(worker->slots + i) ? book_label(call, i) : NULL;
    if (label == NULL) continue;
    bucket_read_name(label, name);
    if (account.len == 0 || account.len >= sizeof name || strncmp(name, account.ptr, account.len) != 0) continue;
    if (name[account.len] != 0 && name[account.len] != '/') continue;
    uint64_t *cells = book_cells(call, name);
    if (cells == NULL) continue;
    const bucket_limits l = bucket_described(cells);
    bucket_clear(cells, &l, call->host->wall_ms(call));
    book_save(call, cells, i, name, 1);
    ++cleared;
  }
  return cleared;
}

#endif
