/* free_first - uses up free quota before anything else, and never asks for more of it than there is.
 *
 * Tiers and weights are the route's; this policy takes free candidates out while their account has no quota, so that
 * the next tier is reached without a wasted call, and takes out whatever plainly cannot hold the request. The
 * ledger (quota_ledger.h) lives in the host's cells per account. It is saved on change and read back at the start: the
 * host loads only then, when no account has been met, so records have numbered keys and carry their account's name. */
#include <stdio.h>
#include <string.h>

#include "quota_ledger.h"
#include "quota_record.h"
#include "spillway_plugin.h"

enum { ACCOUNTS_MAX = 64, SAVE_EVERY_MS = 200 };
enum { COUNT_SENT, COUNT_DENIED, COUNT_CLOSED, COUNT_UNFIT };

typedef struct {
  int32_t fit;
} free_conf;
typedef struct {
  uint64_t *cells;
  int32_t slot;
  quota_limits limits;
  char name[QUOTA_NAME_BYTES];
} account;
typedef struct {
  uint64_t *start_us, *slots; /* slots: hash of the account that a record number belongs to */
  quota_record records[ACCOUNTS_MAX];
  account known[ACCOUNTS_MAX]; /* what this worker has met */
  size_t n_known;
} free_worker;
typedef struct {
  quota_hold hold;
  quota_limits limits;
  account *who;
} free_request;

static uint64_t now_ms(const spw_call *call) { /* above 0 */
  return (call->host->now_us(call) - quota_load(((const free_worker *)call->worker)->start_us)) / 1000 + 1;
}

static int32_t worker_start(spw_call *call) {
  free_worker *worker = (free_worker *)call->worker;
  worker->start_us = call->host->cells(call, SPW_STR("free_first start"), 1);
  worker->slots = call->host->cells(call, SPW_STR("free_first slots"), ACCOUNTS_MAX);
  if (!worker->start_us || !worker->slots) return -1;
  uint64_t unset = 0;
  quota_swap(worker->start_us, &unset, call->host->now_us(call));
  for (size_t i = 0; i < ACCOUNTS_MAX; ++i) {
    char text[4];
    spw_str value = {NULL, 0};
    if (call->host->load(call, quota_record_key(i, text), &value) != 1) continue;
    worker->records[i] = quota_record_parse(value, call->host->wall_ms(call));
    unset = 0;
    if (worker->records[i].hash) quota_swap(worker->slots + i, &unset, worker->records[i].hash);
  }
  call->host->timer(call, SAVE_EVERY_MS, 0);
  return 0;
}

/* The record number of an account: the one it has, else the first that is free; -1: none is. */
static int32_t slot_of(free_worker *worker, uint64_t hash) {
  for (int32_t pass = 0; pass < 2; ++pass) {
    for (int32_t i = 0; i < ACCOUNTS_MAX; ++i) {
      uint64_t owner = quota_load(worker->slots + i);
      if (owner == hash || (pass == 1 && owner == 0 && quota_swap(worker->slots + i, &owner, hash))) return i;
      if (owner == hash) return i; /* another worker was quicker */
    }
  }
  return -1;
}

/* The account of a free candidate with its ledger; NULL: over the host's limits, then it goes unlimited. */
static account *meet(spw_call *call, size_t i) {
  free_worker *worker = (free_worker *)call->worker;
  uint64_t *cells = call->host->candidate_cells(call, i, SPW_SCOPE_ACCOUNT, QUOTA_CELLS);
  account *who = worker->known;
  while (who < worker->known + worker->n_known && who->cells != cells) ++who;
  if (cells == NULL || who == worker->known + ACCOUNTS_MAX) return NULL;
  if (who == worker->known + worker->n_known) {
    const spw_str name = call->host->candidate_text(call, i, SPW_C_ACCOUNT);
    const size_t n = name.len < QUOTA_NAME_BYTES ? name.len : QUOTA_NAME_BYTES - 1;
    who->cells = cells;
    if (n > 0) memcpy(who->name, name.ptr, n);
    who->name[n] = 0;
    who->slot = n == name.len ? slot_of(worker, quota_name_hash(name)) : -1;
    ++worker->n_known;
    if (who->slot < 0) call->host->log(call, 1, SPW_STR("too many accounts, or too long a name: quota is not saved"));
  }
  const quota_record *saved = who->slot < 0 ? NULL : &worker->records[who->slot];
  uint64_t unset = 0;
  if (quota_load(cells + QUOTA_DAY) == 0 && saved && saved->hash == quota_load(worker->slots + who->slot)) {
    if (saved->closed > call->host->wall_ms(call)) quota_swap(cells + QUOTA_CLOSED, &unset, (uint64_t)saved->closed);
    unset = 0;
    quota_swap(cells + QUOTA_DAY, &unset, saved->day); /* every worker has the same record: any may be first */
  }
  who->limits.rpm = call->host->candidate_number(call, i, SPW_C_LIMIT_RPM);
  who->limits.rpd = call->host->candidate_number(call, i, SPW_C_LIMIT_RPD);
  return who;
}

/* Saves an account if it has changed and was not saved a moment ago; the timer comes back to what is left. */
static void save(spw_call *call, const account *who, int at_once) {
  const uint64_t now = now_ms(call);
  uint64_t last = quota_load(who->cells + QUOTA_SAVED);
  if (who->slot < 0 || !quota_load(who->cells + QUOTA_DIRTY)) return;
  if (!at_once && last != 0 && now < last + SAVE_EVERY_MS) return;
  if (!quota_swap(who->cells + QUOTA_SAVED, &last, now) && !at_once) return;
  __atomic_store_n(who->cells + QUOTA_DIRTY, 0, __ATOMIC_RELEASE);
  char text[QUOTA_RECORD_BYTES], key[4];
  const size_t n = quota_record_print(text, who->cells, who->name);
  call->host->save(call, quota_record_key((size_t)who->slot, key), (spw_str){text, n});
}
static void touched(spw_call *call, const account *who) {
  __atomic_store_n(who->cells + QUOTA_DIRTY, 1, __ATOMIC_RELEASE);
  save(call, who, 0);
}
static void save_all(spw_call *call, int at_once) {
  const free_worker *worker = (const free_worker *)call->worker;
  for (size_t i = 0; i < worker->n_known; ++i) save(call, &worker->known[i], at_once);
}
static void on_timer(spw_call *call, uint64_t cookie) {
  save_all(call, 0);
  call->host->timer(call, SAVE_EVERY_MS, cookie);
}
static void worker_stop(spw_call *call) { save_all(call, 1); }

static int32_t deny(spw_call *call, size_t i, quota_answer a) {
  const int64_t until = (call->host->wall_ms(call) + a.wait_ms) / 60000 % 1440; /* minute of the UTC day */
  const int hour = (int)(until / 60), minute = (int)(until % 60);
  const long long seconds = (long long)(a.wait_ms + 999) / 1000;
  char text[96];
  int n = 0;
  if (a.why == QUOTA_MINUTE_SPENT || a.why == QUOTA_MINUTE_CLOSED) {
    n = snprintf(text, sizeof text, "account free quota of the minute %s, room in %lld s",
                 a.why == QUOTA_MINUTE_SPENT ? "used" : "closed", seconds);
  } else if (a.limit == 0) {
    n = snprintf(text, sizeof text, "account free quota closed until %02d:%02d UTC", hour, minute);
  } else {
    n = snprintf(text, sizeof text, "account free quota %llu/%llu until %02d:%02d UTC", (unsigned long long)a.used,
                 (unsigned long long)a.limit, hour, minute);
  }
  call->host->exclude(call, i, SPW_X_QUOTA, a.wait_ms, (spw_str){text, (size_t)n});
  call->host->count(call, COUNT_DENIED, 1);
  return -1;
}

/* Why candidate i plainly cannot serve this request; NULL: it may. */
static const char *unfit(const spw_call *call, size_t i) {
  const spw_host *host = call->host;
  const int64_t answer = host->number(call, SPW_MAX_TOKENS), window = host->candidate_number(call, i, SPW_C_CONTEXT);
  const int64_t needed = host->number(call, SPW_PROMPT_TOKENS) + (answer > 0 ? answer : 0);
  if (window > 0 && needed > window) return "context window too small";
  if (host->number(call, SPW_TOOLS) > 0 && host->candidate_number(call, i, SPW_C_TOOLS) == 0) return "no tools";
  if (host->number(call, SPW_IMAGES) > 0 && host->candidate_number(call, i, SPW_C_VISION) == 0) return "no images";
  return NULL;
}

/* Sizes are estimates: if they would leave nobody, all stay and the provider decides. */
static void drop_unfit(spw_call *call, size_t n) {
  int fit = 0;
  for (size_t i = 0; i < n && !fit; ++i) {
    fit = !call->host->candidate_number(call, i, SPW_C_EXCLUDED) && unfit(call, i) == NULL;
  }
  for (size_t i = 0; i < n && fit; ++i) {
    if (call->host->candidate_number(call, i, SPW_C_EXCLUDED)) continue;
    const char *why = unfit(call, i);
    if (why == NULL) continue;
    call->host->exclude(call, i, SPW_X_UNFIT, -1, (spw_str){why, strlen(why)});
    call->host->count(call, COUNT_UNFIT, 1);
  }
}

static spw_verdict on_request(spw_call *call) {
  const size_t n = call->host->candidates(call);
  if (((const free_conf *)call->conf)->fit) drop_unfit(call, n);
  for (size_t i = 0; i < n; ++i) {
    if (!call->host->candidate_number(call, i, SPW_C_FREE)) continue;
    account *who = meet(call, i);
    if (who == NULL || call->host->candidate_number(call, i, SPW_C_EXCLUDED)) continue;
    const quota_answer a = quota_look(who->cells, who->limits, call->host->wall_ms(call), now_ms(call));
    if (a.why != QUOTA_OPEN) deny(call, i, a);
  }
  return SPW_NEXT;
}

static int32_t on_attempt(spw_call *call, size_t i) {
  free_request *request = (free_request *)call->request;
  request->who = call->host->candidate_number(call, i, SPW_C_FREE) ? meet(call, i) : NULL;
  if (request->who == NULL) return 0;
  request->limits = request->who->limits; /* the next request on this worker may come with another candidate's */
  const quota_answer a =
      quota_reserve(request->who->cells, request->limits, call->host->wall_ms(call), now_ms(call), &request->hold);
  if (a.why != QUOTA_OPEN) {
    request->who = NULL;
    return deny(call, i, a);
  }
  touched(call, request->who);
  return 0;
}

static void on_outcome(spw_call *call, const spw_outcome *o) {
  free_request *request = (free_request *)call->request;
  account *who = request->who;
  const int64_t wall = call->host->wall_ms(call), reset = o->reset_unix_ms > wall ? o->reset_unix_ms - wall : 0;
  const quota_limits limits = request->limits;
  request->who = NULL;
  if (who == NULL) return;
  if (o->error != SPW_E_NOT_SENT) call->host->count(call, COUNT_SENT, 1);
  if (o->error == SPW_E_NOT_SENT) {
    quota_release(who->cells, &request->hold);
  } else if (o->error == SPW_E_FREE_DAY_QUOTA) { /* a short Retry-After is politeness, not the end of the day */
    const int64_t told = reset ? reset : o->retry_after_ms > 3600 * 1000 ? o->retry_after_ms : 0;
    quota_close(who->cells, limits, told ? wall + told : quota_midnight(wall), o->quota_limit, wall);
    call->host->count(call, COUNT_CLOSED, 1);
  } else if (o->error == SPW_E_FREE_MINUTE_QUOTA) {
    const int64_t wait = o->retry_after_ms >= 0 ? o->retry_after_ms : reset ? reset : QUOTA_MINUTE_MS;
    quota_pause(who->cells, now_ms(call) + (uint64_t)(wait < 3600 * 1000 ? wait : 3600 * 1000));
    call->host->count(call, COUNT_CLOSED, 1);
  } else if (o->error == SPW_E_NONE && o->quota_limit != limits.rpm && limits.rpd > 0) { /* it speaks of the day */
    quota_learn(who->cells, limits, o->quota_limit, o->quota_remaining, wall);
  }
  touched(call, who);
}

static void status(spw_call *call) {
  const free_worker *worker = (const free_worker *)call->worker;
  const int64_t wall = call->host->wall_ms(call);
  call->host->print(call, SPW_STR("["));
  for (size_t i = 0; i < worker->n_known; ++i) {
    const account *who = &worker->known[i];
    const quota_answer a = quota_look(who->cells, who->limits, wall, now_ms(call));
    char text[QUOTA_NAME_BYTES + 160], name[QUOTA_NAME_BYTES];
    memcpy(name, who->name, sizeof name);
    for (char *c = name; *c; ++c) {
      if (*c < ' ' || *c > '~' || *c == '"' || *c == '\\') *c = '_';
    }
    const char *form = "%s{\"account\":\"%s\",\"used\":%lld,\"limit\":%lld,\"open\":%s,\"wait_ms\":%lld}";
    const int n = snprintf(text, sizeof text, form, i ? "," : "", name, (long long)a.used, (long long)a.limit,
                           a.why == QUOTA_OPEN ? "true" : "false", (long long)a.wait_ms);
    call->host->print(call, (spw_str){text, (size_t)n});
  }
  call->host->print(call, SPW_STR("]"));
}

static const spw_option options[] = {
    {"fit", SPW_BOOL, offsetof(free_conf, fit), "true", 0, 0,
     "Leave out candidates whose known context window, tools or image input the request exceeds."},
};
static const spw_counter counters[] = {
    {"free_requests_total", "Requests sent to free models.", 0},
    {"free_quota_denied_total", "Free candidates left out for lack of quota.", 0},
    {"free_quota_closed_total", "Times a provider said that a free quota is used up.", 0},
    {"free_unfit_total", "Candidates left out because the request does not fit them.", 0},
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
    .on_attempt = on_attempt,
    .on_outcome = on_outcome,
    .on_timer = on_timer,
    .status = status,
};
