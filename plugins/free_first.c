/* free_first - uses up free quota before anything else, and never asks for more of any quota than there is.
 *
 * Tiers and weights are the route's; this policy takes candidates out while a quota of theirs has no room, so that the
 * next tier is reached without a wasted call, and takes out whatever plainly cannot hold the request. Quotas are those
 * of an account's free models and whatever [[provider.quota]] names. What is sent is reserved before and settled
 * after (quota_bucket.h); providers teach the rest, by errors, heads and GET /key. */
#include <stdio.h>
#include <string.h>

#include "quota_book.h"
#include "quota_key.h"
#include "quota_request.h"
#include "quota_words.h"
#include "spillway_plugin.h"

enum { KEY_EVERY_MS = 300000, KEY_TIMEOUT_MS = 10000, QUEUE_LOOKS = 32 };
enum { COUNT_SENT, COUNT_DENIED, COUNT_CLOSED, COUNT_UNFIT, COUNT_WAITED };
#define TIMER_SAVE UINT64_MAX /* cookies that are no ticket */
#define TIMER_ASK (UINT64_MAX - 1)

static void ask(spw_call *call);

static int32_t worker_start(spw_call *call) {
  free_worker *worker = (free_worker *)call->worker;
  if (book_open(call) != 0) return -1;
  for (size_t i = 0; SPW_HAS(call->host, provider_text); ++i) {
    const spw_str name = call->host->provider_text(call, i, SPW_C_PROVIDER);
    const spw_str url = call->host->provider_text(call, i, SPW_C_KEY_INFO);
    if (name.len == 0) break;
    if (url.len == 0 || worker->n_asks == ASKS_MAX || url.len >= sizeof worker->asks[0].url) continue;
    const bucket_limits none = {{0, 0, 0}, {0, 0, 0}, SCOPE_FREE};
    question *one = &worker->asks[worker->n_asks];
    one->of = book_meet(call, call->host->provider_text(call, i, SPW_C_ACCOUNT), &none);
    if (one->of == NULL) continue;
    memcpy(one->url, url.ptr, url.len);
    ++worker->n_asks;
  }
  call->host->timer(call, SAVE_EVERY_MS, TIMER_SAVE);
  if (worker->n_asks > 0) call->host->timer(call, 0, TIMER_ASK);
  return 0;
}

/* One question at a time, each at most every 5 minutes of the whole process (T-3). */
static void ask(spw_call *call) {
  free_worker *worker = (free_worker *)call->worker;
  const uint64_t now = now_ms(call);
  for (size_t i = 0; i < worker->n_asks && worker->asking == 0; ++i) {
    uint64_t *asked = worker->asks[i].of->cells + BUCKET_ASKED, last = quota_load(asked);
    if (last != 0 && now < last + KEY_EVERY_MS) continue;
    if (!quota_swap(asked, &last, now)) continue;
    const spw_str url = {worker->asks[i].url, strlen(worker->asks[i].url)}, none = {NULL, 0};
    if (call->host->fetch(call, SPW_STR("GET"), url, none, none, KEY_TIMEOUT_MS, 0) == 0) {
      worker->asking = i + 1;
    } else {
      __atomic_store_n(asked, last, __ATOMIC_RELEASE); /* nobody was asked */
    }
  }
}

static void on_fetched(spw_call *call, const spw_fetched *fetched) {
  free_worker *worker = (free_worker *)call->worker;
  if (worker->asking == 0) return;
  bucket *who = worker->asks[worker->asking - 1].of;
  const key_told told = key_read(fetched->status == 200 ? fetched->body : (spw_str){NULL, 0});
  worker->asking = 0;
  if (told.limit > 0 && told.remaining >= 0) {
    quota_learn(who->cells, who->limits.requests, told.limit, told.remaining, call->host->wall_ms(call));
    if (quota_load(who->cells + BUCKET_FLYING) == 0 &&
        quota_quiet(who->cells, who->limits.requests, now_ms(call), KEY_EVERY_MS)) {
      quota_relearn(who->cells, who->limits.requests, told.used, call->host->wall_ms(call));
    }
    __atomic_store_n(who->cells + BUCKET_SOURCE, SOURCE_KEY, __ATOMIC_RELEASE);
    book_touched(call, who);
  }
  ask(call);
}

static void on_timer(spw_call *call, uint64_t cookie) {
  if (cookie == TIMER_ASK) {
    ask(call);
  } else if (cookie == TIMER_SAVE) {
    book_save_all(call, 0);
    call->host->timer(call, SAVE_EVERY_MS, TIMER_SAVE);
  } else {
    call->host->resume(cookie, NULL); /* whose turn has come */
  }
}
static void worker_stop(spw_call *call) { book_save_all(call, 1); }

static int32_t deny(spw_call *call, size_t i, const bucket *who, quota_answer a) {
  char text[QUOTA_TEXT_BYTES];
  const size_t n = quota_denial(text, who, a, call->host->wall_ms(call));
  call->host->exclude(call, i, SPW_X_QUOTA, a.wait_ms, (spw_str){text, n});
  call->host->count(call, COUNT_DENIED, 1);
  return -1;
}

/* Sizes are estimates: if they would leave nobody, all stay and the provider decides. */
static void drop_unfit(spw_call *call, size_t n) {
  int fit = 0;
  for (size_t i = 0; i < n && !fit; ++i) {
    fit = !call->host->candidate_number(call, i, SPW_C_EXCLUDED) &&
          call->host->candidate_text(call, i, SPW_C_UNFIT).len == 0;
  }
  for (size_t i = 0; i < n && fit; ++i) {
    if (call->host->candidate_number(call, i, SPW_C_EXCLUDED)) continue;
    const spw_str why = call->host->candidate_text(call, i, SPW_C_UNFIT);
    if (why.len == 0) continue;
    call->host->exclude(call, i, SPW_X_UNFIT, -1, why);
    call->host->count(call, COUNT_UNFIT, 1);
  }
}

/* Quotas whose room comes back by itself before long. */
static int opens(const quota_answer *a) {
  return a->why == QUOTA_MINUTE_SPENT || a->why == QUOTA_MINUTE_CLOSED || a->why == QUOTA_MINUTE_TOKENS ||
         a->why == QUOTA_TOLD;
}

/* Instead of spilling: if the minute opens soon, this request waits for that (queue_ms). A turn of the minutes we count
 * is taken in advance; in windows that others count it is whoever comes first after the opening. */
static spw_verdict queue(spw_call *call, size_t n, const int64_t *waits) {
  const free_conf *conf = (const free_conf *)call->conf;
  const spw_host *host = call->host;
  free_request *request = (free_request *)call->request;
  const int64_t left = host->number(call, SPW_TIME_LEFT_MS);
  const int64_t most = left > 0 && left < conf->queue_ms ? left : conf->queue_ms;
  int64_t open_tier = INT64_MAX, tier = INT64_MAX, wait = most + 1;
  size_t best = n;
  for (size_t i = 0; i < n; ++i) {
    const int64_t at = host->candidate_number(call, i, SPW_C_TIER_INDEX);
    if (!host->candidate_number(call, i, SPW_C_EXCLUDED) && at < open_tier) open_tier = at;
    if (i >= QUEUE_LOOKS || waits[i] <= 0 || waits[i] > most || at > tier || (at == tier && waits[i] >= wait)) continue;
    best = i;
    tier = at;
    wait = waits[i];
  }
  if (best == n || tier >= open_tier) return SPW_NEXT;
  const bucket *refuses = NULL;
  quota_answer answer;
  wait = reserve(call, best, most, &refuses, &answer);
  const int taken = wait >= 0;
  if (!taken) wait = answer.wait_ms;
  if (!taken && (!opens(&answer) || wait > most)) return SPW_NEXT;
  const uint64_t ticket = host->ticket(call);
  if (ticket == 0 || host->timer(call, wait + 1, ticket) != 0) return give_back(call, request), SPW_NEXT;
  request->waits = taken ? WAITS_FOR_ITS_TURN : WAITS_FOR_ROOM;
  host->count(call, COUNT_WAITED, 1);
  return SPW_WAIT;
}

static spw_verdict on_request(spw_call *call) {
  const free_conf *conf = (const free_conf *)call->conf;
  const size_t n = call->host->candidates(call);
  int64_t waits[QUEUE_LOOKS];
  int flows = 0, soon = 0;
  if (conf->fit) drop_unfit(call, n);
  if (conf->stay) stay_prefer(call, n);
  for (size_t i = 0; i < n; ++i) {
    bucket *list[BUCKET_HOLDS];
    quota_answer a;
    if (i < QUEUE_LOOKS) waits[i] = 0;
    const size_t quotas = quotas_of(call, i, list);
    if (quotas == 0) continue;
    flows |= list[0]->limits.scope == SCOPE_FREE;
    if (call->host->candidate_number(call, i, SPW_C_EXCLUDED)) continue;
    const bucket *who = narrow(call, list, quotas, &a);
    if (who == NULL) continue;
    deny(call, i, who, a);
    if (i >= QUEUE_LOOKS || !opens(&a)) continue;
    waits[i] = a.wait_ms;
    soon |= a.wait_ms <= conf->queue_ms;
  }
  if (flows) ask(call);
  return soon ? queue(call, n, waits) : SPW_NEXT;
}

static spw_verdict on_resume(spw_call *call, void *result) {
  (void)result;
  free_request *request = (free_request *)call->request;
  if (request->waits) call->host->readmit(call, request->candidate);
  if (request->waits == WAITS_FOR_ROOM) request->waits = 0; /* on_attempt takes it, if it is still there */
  return SPW_NEXT;
}

static int32_t on_attempt(spw_call *call, size_t i) {
  free_request *request = (free_request *)call->request;
  const bucket *refuses = NULL;
  quota_answer answer;
  if (request->waits && request->candidate == i) return request->waits = 0;
  if (request->n > 0) give_back(call, request);
  return reserve(call, i, 0, &refuses, &answer) < 0 ? deny(call, i, refuses, answer) : 0;
}
static void on_end(spw_call *call) {
  free_request *request = (free_request *)call->request;
  if (request->n > 0) give_back(call, request);
}

/* Rule 14 would ask a free model that just failed once more, which costs its quota (O-5) and in an outage brings
 * nothing. That is for those who have no other free model left. */
static void pass_on(spw_call *call, size_t failed) {
  const spw_host *host = call->host;
  if (!host->candidate_number(call, failed, SPW_C_FREE)) return;
  for (size_t i = host->candidates(call); i-- > 0;) {
    if (i == failed || !host->candidate_number(call, i, SPW_C_FREE) ||
        host->candidate_number(call, i, SPW_C_EXCLUDED) || host->candidate_number(call, i, SPW_C_TRIED)) {
      continue;
    }
    host->exclude(call, failed, SPW_X_BROKEN, -1, SPW_STR("transient"));
    return;
  }
}

static void on_outcome(spw_call *call, const spw_outcome *o) {
  free_request *request = (free_request *)call->request;
  if (o->error == SPW_E_NOT_SENT) {
    if (request->n > 0) give_back(call, request);
    return;
  }
  if (request->n > 0 && request->of[0]->limits.scope == SCOPE_FREE) {
    call->host->count(call, COUNT_SENT, 1);
    stay_learn(call, request->of[0], o);
  }
  settle(call, request, o); /* first: what heads tell counts this request already */
  if (hear(call, request, o)) call->host->count(call, COUNT_CLOSED, 1);
  for (size_t q = 0; q < request->n; ++q) book_touched(call, request->of[q]);
  request->n = 0;
  if (o->error == SPW_E_TRANSIENT) pass_on(call, o->candidate);
}

static void status(spw_call *call) { quota_table(call); }

/* "quota": the table; "clear NAME": forget what is known of a quota, or of all quotas of an account. */
static int32_t command(spw_call *call, spw_str words) {
  const spw_str quota = SPW_STR("quota"), clear = SPW_STR("clear ");
  if (words.len == quota.len && memcmp(words.ptr, quota.ptr, quota.len) == 0) return quota_table(call), 0;
  if (words.len <= clear.len || memcmp(words.ptr, clear.ptr, clear.len) != 0) return -1;
  char text[32];
  const int cleared = quota_clear(call, (spw_str){words.ptr + clear.len, words.len - clear.len});
  const int n = snprintf(text, sizeof text, "{\"cleared\":%d}", cleared);
  call->host->print(call, (spw_str){text, (size_t)n});
  return 0;
}

static const spw_option options[] = {
    {"fit", SPW_BOOL, offsetof(free_conf, fit), "true", 0, 0,
     "Leave out candidates whose known context window, inputs or parameters the request exceeds."},
    {"stay", SPW_BOOL, offsetof(free_conf, stay), "false", 0, 0,
     "Keep to the free model that answered last while an account's quota is shared, instead of spreading by weight."},
    {"queue_ms", SPW_MS, offsetof(free_conf, queue_ms), "0", 0, 25000,
     "Wait this long for the next turn of a minute's quota instead of spilling; 0: never."},
    {"assumed_tokens", SPW_INT, offsetof(free_conf, assumed_tokens), "1024", 0, 1e6,
     "What an answer is reckoned with before it is there, when the request has no max_tokens."},
};
static const spw_counter counters[] = {
    {"free_requests_total", "Requests sent to free models.", 0},
    {"free_quota_denied_total", "Candidates left out for lack of quota.", 0},
    {"free_quota_closed_total", "Times a provider said that a quota is used up.", 0},
    {"free_unfit_total", "Candidates left out because the request does not fit them.", 0},
    {"free_waited_total", "Requests that waited for a minute's next turn.", 0},
};

SPW_PLUGIN{
    .size = sizeof(spw_plugin),
    .name = "free_first",
    .about = "Fills free quota first, and knows when it is used up.",
    .options = options,
    .n_options = sizeof options / sizeof *options,
    .counters = counters,
    .n_counters = sizeof counters / sizeof *counters,
    .conf_size = sizeof(free_conf),
    .worker_size = sizeof(free_worker),
    .request_size = sizeof(free_request),
    .worker_start = worker_start,
    .worker_stop = worker_stop,
    .on_request = on_request,
    .on_resume = on_resume,
    .on_attempt = on_attempt,
    .on_outcome = on_outcome,
    .on_end = on_end,
    .on_timer = on_timer,
    .on_fetched = on_fetched,
    .status = status,
    .command = command,
};
