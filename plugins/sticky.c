/* sticky - sends the requests of one session to the same candidate, so that a provider's prompt cache keeps helping and
 * a conversation keeps its voice (Q-10, Q-11, Q-11a, D-20).
 *
 * A session is what the header `x-session-id` says, or else the body's `user`. Its hash chooses among the best
 * candidates of the first tier that has any; the choice is kept per tier, caller and route. A pin breaks at once when
 * its candidate fails, is excluded or gone, and the one it was repaired with stays. Name it behind the policies that
 * take candidates out. */
#include <stdio.h>

#include "sticky_pick.h"

enum { COUNT_NEW, COUNT_KEPT, COUNT_REPAIRED, COUNT_NONE, COUNTS };
enum { HEADER_BYTES = 64, PIN_BYTES = 1024 };

typedef struct {
  spw_str header;
  int32_t user;
  int64_t top_k, ttl_s;
} sticky_conf;
typedef struct {
  char header[HEADER_BYTES + 1];
  uint64_t *counts; /* of all workers, for status */
} sticky_worker;
typedef struct {
  uint8_t digest[STICKY_DIGEST_BYTES];  /* chooses */
  uint8_t key[STICKY_DIGEST_BYTES + 1]; /* whose pin it is, and the tier */
  int32_t on;
  size_t pinned;
} sticky_request;

static int32_t worker_start(spw_call *call) {
  sticky_worker *worker = (sticky_worker *)call->worker;
  const spw_str header = ((const sticky_conf *)call->conf)->header;
  if (header.len > HEADER_BYTES) return -1;
  if (header.len > 0) memcpy(worker->header, header.ptr, header.len);
  worker->counts = call->host->cells(call, SPW_STR("sticky"), COUNTS);
  return worker->counts ? 0 : -1;
}

static void count(spw_call *call, size_t what) {
  __atomic_add_fetch(((sticky_worker *)call->worker)->counts + what, 1, __ATOMIC_RELAXED);
  call->host->count(call, what, 1);
}

/* Fills digest and key; 0: the request belongs to no session. */
static int read_session(const spw_call *call, sticky_request *request) {
  const sticky_worker *worker = (const sticky_worker *)call->worker;
  spw_str session = worker->header[0] ? call->host->header(call, worker->header) : (spw_str){NULL, 0};
  if (session.len == 0 && ((const sticky_conf *)call->conf)->user) session = call->host->text(call, SPW_USER);
  if (session.len == 0) return 0;
  sticky_hash(session, request->digest);
  /* Neither another caller's session of that name nor the same one on another route is this one. */
  const spw_str parts[] = {call->host->text(call, SPW_ROUTE), call->host->text(call, SPW_KEY_NAME), session};
  sticky_sha256 sum = sticky_sha256_begin();
  for (size_t i = 0; i < 3; ++i) {
    sticky_sha256_add(&sum, parts[i].ptr, parts[i].len);
    sticky_sha256_add(&sum, "", 1);
  }
  sticky_sha256_end(&sum, request->key);
  return 1;
}

static sticky_candidate facts_of(const spw_call *call, size_t i) {
  const spw_host *host = call->host;
  return (sticky_candidate){host->candidate_number(call, i, SPW_C_QUALITY), host->candidate_text(call, i, SPW_C_MODEL),
                            host->candidate_text(call, i, SPW_C_PROVIDER), host->candidate_text(call, i, SPW_C_ACCOUNT),
                            i};
}

/* What stands in a pin: model, provider and account, each ended by a zero; 0: too long to be kept. */
static size_t print_pin(char text[PIN_BYTES], const sticky_candidate *one) {
  const spw_str parts[] = {one->model, one->provider, one->account};
  size_t n = 0;
  for (size_t i = 0; i < 3; ++i) {
    if (n + parts[i].len + 1 > PIN_BYTES) return 0;
    if (parts[i].len > 0) memcpy(text + n, parts[i].ptr, parts[i].len);
    n += parts[i].len;
    text[n++] = 0;
  }
  return n;
}

static int is_pinned(const sticky_candidate *one, spw_str pin) {
  char text[PIN_BYTES];
  const size_t n = print_pin(text, one);
  return n > 0 && sticky_compare((spw_str){text, n}, pin) == 0;
}

static int usable(const spw_call *call, size_t i) {
  return !call->host->candidate_number(call, i, SPW_C_EXCLUDED) && !call->host->candidate_number(call, i, SPW_C_TRIED);
}

/* The first tier with somebody to ask; -1: there is none. */
static int64_t first_tier(const spw_call *call, size_t n) {
  int64_t first = -1;
  for (size_t i = 0; i < n; ++i) {
    const int64_t tier = call->host->candidate_number(call, i, SPW_C_TIER_INDEX);
    if ((first < 0 || tier < first) && usable(call, i)) first = tier;
  }
  return first;
}

static void name_tier(sticky_request *request, int64_t tier) {
  request->key[STICKY_DIGEST_BYTES] = (uint8_t)(tier < 255 ? tier : 255);
}
static spw_str key_of(const sticky_request *request) {
  return (spw_str){(const char *)request->key, sizeof request->key};
}

static void keep(spw_call *call, size_t i) {
  sticky_request *request = (sticky_request *)call->request;
  char text[PIN_BYTES];
  const sticky_candidate one = facts_of(call, i);
  const size_t n = print_pin(text, &one);
  name_tier(request, call->host->candidate_number(call, i, SPW_C_TIER_INDEX));
  request->pinned = i;
  if (n == 0) return; /* then the hash alone keeps the session together */
  call->host->state_put(call, key_of(request), (spw_str){text, n}, ((const sticky_conf *)call->conf)->ttl_s * 1000);
}

/* Candidate i goes before all others of its tier. */
static void lead(spw_call *call, size_t i, size_t n, int64_t tier) {
  int64_t least = 0;
  for (size_t other = 0; other < n; ++other) {
    const int64_t rank = call->host->candidate_number(call, other, SPW_C_RANK);
    if (call->host->candidate_number(call, other, SPW_C_TIER_INDEX) == tier && rank < least) least = rank;
  }
  call->host->set_rank(call, i, least - 1);
}

/* Puts the session's candidate first: the pinned one, else the one its hash points at, which is then the pinned one.
 * COUNT_*: what it was; COUNT_NONE: nobody is left. */
static size_t choose(spw_call *call) {
  sticky_request *request = (sticky_request *)call->request;
  const size_t n = call->host->candidates(call);
  const int64_t tier = first_tier(call, n);
  spw_str pin = {NULL, 0};
  int64_t age_ms = 0;
  sticky_top top;
  top.n = 0;
  top.most = (size_t)((const sticky_conf *)call->conf)->top_k;
  if (tier < 0) return COUNT_NONE;
  name_tier(request, tier);
  const int known = call->host->state_get(call, key_of(request), &pin, &age_ms) == 1;
  for (size_t i = 0; i < n; ++i) {
    if (call->host->candidate_number(call, i, SPW_C_TIER_INDEX) != tier || !usable(call, i)) continue;
    const sticky_candidate one = facts_of(call, i);
    if (known && is_pinned(&one, pin)) {
      request->pinned = i;
      lead(call, i, n, tier);
      if (age_ms > ((const sticky_conf *)call->conf)->ttl_s * 500) keep(call, i); /* it is still in use */
      return COUNT_KEPT;
    }
    sticky_top_add(&top, &one);
  }
  const size_t chosen = top.best[sticky_index(request->digest, top.n)].index;
  lead(call, chosen, n, tier);
  keep(call, chosen);
  return known ? COUNT_REPAIRED : COUNT_NEW;
}

static spw_verdict on_request(spw_call *call) {
  static const spw_str words[] = {{"new", 3}, {"kept", 4}, {"repaired", 8}};
  sticky_request *request = (sticky_request *)call->request;
  if (!read_session(call, request)) {
    count(call, COUNT_NONE);
    return SPW_NEXT;
  }
  const size_t what = choose(call);
  if (what == COUNT_NONE) return SPW_NEXT; /* nobody to pin to; the plan says why */
  request->on = 1;
  count(call, what);
  call->host->note(call, "sticky", words[what]);
  return SPW_NEXT;
}

/* Is it the candidate that failed, and not the request that was wrong? */
static int is_failure(const spw_call *call, const spw_outcome *o) {
  switch (o->error) {
    case SPW_E_NONE:
    case SPW_E_CLIENT_GONE:
    case SPW_E_CONTENT_POLICY:
    case SPW_E_BAD_REQUEST: return 0;
    case SPW_E_NOT_SENT: return call->host->candidate_number(call, o->candidate, SPW_C_EXCLUDED) != 0;
    default: return 1;
  }
}

static void on_outcome(spw_call *call, const spw_outcome *o) {
  sticky_request *request = (sticky_request *)call->request;
  if (!request->on) return;
  if (o->error == SPW_E_NONE && o->candidate != request->pinned) {
    keep(call, o->candidate); /* who answers is who the session stays with */
  } else if (o->candidate == request->pinned && is_failure(call, o) && choose(call) != COUNT_NONE) {
    count(call, COUNT_REPAIRED);
  }
}

static void status(spw_call *call) {
  const uint64_t *counts = ((const sticky_worker *)call->worker)->counts;
  unsigned long long n[COUNTS];
  char text[160];
  for (size_t i = 0; i < COUNTS; ++i) n[i] = (unsigned long long)__atomic_load_n(counts + i, __ATOMIC_RELAXED);
  const int length =
      snprintf(text, sizeof text, "{\"new\":%llu,\"kept\":%llu,\"repaired\":%llu,\"without_session\":%llu}",
               n[COUNT_NEW], n[COUNT_KEPT], n[COUNT_REPAIRED], n[COUNT_NONE]);
  call->host->print(call, (spw_str){text, (size_t)length});
}

static const spw_option options[] = {
    {"header", SPW_TEXT, offsetof(sticky_conf, header), "\"x-session-id\"", 0, HEADER_BYTES,
     "The client's header that names a session; empty: none does."},
    {"user", SPW_BOOL, offsetof(sticky_conf, user), "true", 0, 0,
     "Without that header take the body's `user` for the session."},
    {"top_k", SPW_INT, offsetof(sticky_conf, top_k), "5", 1, STICKY_TOP_MAX,
     "Over how many of the best candidates sessions are spread."},
    {"ttl_s", SPW_INT, offsetof(sticky_conf, ttl_s), "86400", 1, 2592000,
     "How long a pin is remembered that nobody uses; at least half of it."},
};
static const spw_counter counters[] = {
    {"sticky_new_total", "Sessions that were pinned.", 0},
    {"sticky_kept_total", "Requests that went to their session's candidate.", 0},
    {"sticky_repaired_total", "Pins moved because their candidate failed, was excluded or is gone.", 0},
    {"sticky_without_session_total", "Requests that named no session.", 0},
};

SPW_PLUGIN{
    .size = sizeof(spw_plugin),
    .name = "sticky",
    .about = "Sends the requests of a session to the same candidate.",
    .options = options,
    .n_options = sizeof options / sizeof *options,
    .counters = counters,
    .n_counters = sizeof counters / sizeof *counters,
    .conf_size = sizeof(sticky_conf),
    .worker_size = sizeof(sticky_worker),
    .request_size = sizeof(sticky_request),
    .worker_start = worker_start,
    .on_request = on_request,
    .on_outcome = on_outcome,
    .status = status,
};
