/* cache - answers a request that was answered before, and lets equal requests in the air share one answer.
 *
 * Only what is deterministic by its own words (temperature 0, a seed, or an embedding), unless asked for more; only
 * complete successes; never across the callers' keys, which are part of the fingerprint. On a miss the first request
 * leads and the others wait for it; if it fails they go on alone. Values, bounds and eviction are the host's. */
#include <string.h>

#include "spillway_plugin.h"

enum { COUNT_HITS, COUNT_MISSES, COUNT_BYPASSED, COUNT_WAITS, COUNT_STORED };
enum { FINGERPRINT_BYTES = 32 };

typedef struct {
  int32_t all, ignore_user;
  int64_t ttl_s, max_bytes, entry_bytes_max;
} cache_conf;
typedef struct {
  uint8_t key[FINGERPRINT_BYTES];
  int32_t keeps, leads;
} cache_request;

/* What a Cache-Control field of the client asks (RFC 9111 5.2.1). */
typedef struct {
  int32_t no_store, no_cache;
  int64_t max_age_ms;
} wishes; /* max_age_ms -1: any */

static char lower(char c) { return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c); }
static int same_word(spw_str text, const char *word) {
  size_t i = 0;
  while (i < text.len && word[i] && lower(text.ptr[i]) == word[i]) ++i;
  return i == text.len && word[i] == 0;
}

static spw_str trimmed(spw_str text) {
  while (text.len > 0 && (*text.ptr == ' ' || *text.ptr == '\t')) text = (spw_str){text.ptr + 1, text.len - 1};
  while (text.len > 0 && (text.ptr[text.len - 1] == ' ' || text.ptr[text.len - 1] == '\t')) --text.len;
  return text;
}

/* A number of seconds; unreadable is 0, which means no stored answer is fresh enough. */
static int64_t age_of(spw_str text) {
  int64_t seconds = 0;
  if (text.len > 1 && text.ptr[0] == '"' && text.ptr[text.len - 1] == '"') text = (spw_str){text.ptr + 1, text.len - 2};
  for (size_t i = 0; i < text.len; ++i) {
    if (text.ptr[i] < '0' || text.ptr[i] > '9') return 0;
    if (seconds < 1000000000) seconds = seconds * 10 + (text.ptr[i] - '0');
  }
  return seconds * 1000;
}

static wishes read_wishes(spw_str field) {
  wishes w = {0, 0, -1};
  while (field.len > 0) {
    const char *comma = (const char *)memchr(field.ptr, ',', field.len);
    const size_t n = comma ? (size_t)(comma - field.ptr) : field.len;
    spw_str part = trimmed((spw_str){field.ptr, n}), value = {NULL, 0};
    const char *equals = part.len ? (const char *)memchr(part.ptr, '=', part.len) : NULL;
    if (equals) {
      value = trimmed((spw_str){equals + 1, part.len - (size_t)(equals + 1 - part.ptr)});
      part = trimmed((spw_str){part.ptr, (size_t)(equals - part.ptr)});
    }
    w.no_store |= same_word(part, "no-store");
    w.no_cache |= same_word(part, "no-cache");
    if (same_word(part, "max-age")) w.max_age_ms = age_of(value);
    field = comma ? (spw_str){comma + 1, field.len - n - 1} : (spw_str){NULL, 0};
  }
  return w;
}

/* May this request's answer be kept at all, by what the operator and the caller say? */
static int eligible(const spw_call *call) {
  const spw_host *host = call->host;
  const spw_str api = host->text(call, SPW_API), wish = trimmed(host->header(call, "x-spillway-cache"));
  const int embeddings = same_word(api, "embeddings");
  if (!embeddings && !same_word(api, "chat") && !same_word(api, "completions")) return 0;
  if (same_word(wish, "off")) return 0;
  if (embeddings || same_word(wish, "on") || ((const cache_conf *)call->conf)->all) return 1;
  if (host->number(call, SPW_HAS_SEED)) return 1;
  return host->number(call, SPW_HAS_TEMPERATURE) && host->number(call, SPW_TEMPERATURE_MILLI) == 0;
}

static spw_str key_of(const cache_request *request) { return (spw_str){(const char *)request->key, FINGERPRINT_BYTES}; }

static spw_verdict hit(spw_call *call, spw_str value, int64_t age_ms) {
  if (call->host->replay(call, value, age_ms) != 0) return SPW_NEXT; /* not in this form: as if it were not there */
  call->host->note(call, "cache", SPW_STR("hit"));
  call->host->count(call, COUNT_HITS, 1);
  return SPW_REPLY;
}

/* Gives up the lead at once, so that nobody waits for an answer that will not be kept. */
static void give_up_lead(spw_call *call) {
  cache_request *request = (cache_request *)call->request;
  if (request->leads) call->host->state_drop(call, key_of(request));
  request->leads = 0;
}

/* The request goes to a provider, and its answer is kept for the next one. */
static spw_verdict miss(spw_call *call) {
  cache_request *request = (cache_request *)call->request;
  request->keeps = call->host->capture(call, ((const cache_conf *)call->conf)->entry_bytes_max) == 0;
  if (!request->keeps) give_up_lead(call);
  call->host->note(call, "cache", SPW_STR("miss"));
  call->host->count(call, COUNT_MISSES, 1);
  return SPW_NEXT;
}

static spw_verdict on_request(spw_call *call) {
  cache_request *request = (cache_request *)call->request;
  const spw_str left_out[] = {SPW_STR("stream"), SPW_STR("stream_options"), SPW_STR("user")};
  const spw_list without = {left_out, ((const cache_conf *)call->conf)->ignore_user ? 3 : 2};
  const wishes wish = read_wishes(call->host->header(call, "cache-control"));
  if (wish.no_store || !eligible(call) || call->host->fingerprint(call, without, request->key) != 0) {
    call->host->note(call, "cache", SPW_STR("bypass"));
    call->host->count(call, COUNT_BYPASSED, 1);
    return SPW_NEXT;
  }
  spw_str value = {NULL, 0};
  int64_t age_ms = 0;
  if (wish.no_cache || wish.max_age_ms == 0) return miss(call);
  if (wish.max_age_ms > 0 && call->host->state_get(call, key_of(request), &value, &age_ms) == 1 &&
      age_ms > wish.max_age_ms) {
    return miss(call); /* a fresh answer replaces the old one, which others may still use */
  }
  const int32_t found = call->host->state_lead(call, key_of(request), &value, &age_ms);
  if (found == 2) {
    call->host->count(call, COUNT_WAITS, 1);
    return SPW_WAIT;
  }
  if (found == 1 && hit(call, value, age_ms) == SPW_REPLY) return SPW_REPLY;
  request->leads = found == 0;
  return miss(call);
}

/* The leader has finished. If it left nothing, a queue of leaders would cost the last one minutes: all go on alone. */
static spw_verdict on_resume(spw_call *call, void *result) {
  spw_str value = {NULL, 0};
  int64_t age_ms = 0;
  (void)result; /* a wake-up carries none */
  const int found = call->host->state_get(call, key_of((const cache_request *)call->request), &value, &age_ms) == 1;
  if (found && hit(call, value, age_ms) == SPW_REPLY) return SPW_REPLY;
  return miss(call);
}

static void on_answer(spw_call *call, const spw_answer *answer) {
  cache_request *request = (cache_request *)call->request;
  const int64_t ttl_ms = ((const cache_conf *)call->conf)->ttl_s * 1000;
  if (!request->keeps) return; /* another policy asked for the capture */
  const int good = answer->success && answer->status == 200;
  if (good && call->host->state_put(call, key_of(request), answer->blob, ttl_ms) == 0) {
    request->leads = 0;
    call->host->count(call, COUNT_STORED, 1);
  }
  give_up_lead(call);
}

static int32_t worker_start(spw_call *call) {
  return call->host->state_bytes(call, ((const cache_conf *)call->conf)->max_bytes);
}

#define ROW(field, type, fallback, low, high, about) \
  { #field, type, offsetof(cache_conf, field), fallback, low, high, about }
static const spw_option options[] = {
    ROW(all, SPW_BOOL, "false", 0, 0, "Keep answers of every request, not only of those with temperature 0 or a seed."),
    ROW(ignore_user, SPW_BOOL, "false", 0, 0, "Let requests share an answer although their `user` differs."),
    ROW(ttl_s, SPW_INT, "300", 1, 2592000, "How long an answer is used."),
    ROW(max_bytes, SPW_INT, "67108864", 65536, 1099511627776.0, "Bound of all answers together; the oldest in use go."),
    ROW(entry_bytes_max, SPW_INT, "1048576", 1024, 1073741824, "Largest answer that is kept."),
};
static const spw_counter counters[] = {
    {"cache_hits_total", "Requests answered from the cache.", 0},
    {"cache_misses_total", "Requests that could have been, but were not there.", 0},
    {"cache_bypass_total", "Requests that the cache left alone.", 0},
    {"cache_waits_total", "Requests that waited for an equal one in the air.", 0},
    {"cache_stored_total", "Answers kept.", 0},
};

SPW_PLUGIN{
    .size = sizeof(spw_plugin),
    .name = "cache",
    .about = "Answers repeats of deterministic requests.",
    .options = options,
    .n_options = sizeof options / sizeof *options,
    .counters = counters,
    .n_counters = sizeof counters / sizeof *counters,
    .conf_size = sizeof(cache_conf),
    .worker_size = 0,
    .request_size = sizeof(cache_request),
    .worker_start = worker_start,
    .on_request = on_request,
    .on_resume = on_resume,
    .on_answer = on_answer,
};
