/* One request's side of free_first: which quotas a candidate has, what was taken from them, what an outcome teaches.
 * Everything goes through the host's table; the arithmetic is in quota_bucket.h. C11. */
#ifndef SPILLWAY_QUOTA_REQUEST_H
#define SPILLWAY_QUOTA_REQUEST_H
#include "quota_book.h"

enum { QUOTA_HOUR_MS = 3600000 };
enum { WAITS_NOT, WAITS_FOR_ITS_TURN /* which is taken in advance */, WAITS_FOR_ROOM };

typedef struct {
  int32_t fit, stay;
  int64_t queue_ms, assumed_tokens;
} free_conf;
typedef struct {
  bucket_hold holds[BUCKET_HOLDS];
  bucket *of[BUCKET_HOLDS];
  size_t n, candidate;
  int64_t tokens; /* the estimate */
  int waits;      /* for `candidate`: WAITS_* */
} free_request;

static inline bucket *told_bucket(spw_call *call, size_t i, int make) {
  const spw_host *host = call->host;
  return book_told(call, host->candidate_text(call, i, SPW_C_ACCOUNT), host->candidate_text(call, i, SPW_C_MODEL),
                   make);
}

/* The quotas that one more request to candidate i takes from, widest first. */
static inline size_t quotas_of(spw_call *call, size_t i, bucket *list[BUCKET_HOLDS]) {
  const spw_host *host = call->host;
  size_t n = 0;
  if (host->candidate_number(call, i, SPW_C_FREE)) {
    const bucket_limits free = {
        {host->candidate_number(call, i, SPW_C_LIMIT_RPM), host->candidate_number(call, i, SPW_C_LIMIT_RPD), 0},
        {0, 0, 0},
        SCOPE_FREE};
    list[n] = book_meet(call, host->candidate_text(call, i, SPW_C_ACCOUNT), &free);
    if (list[n] != NULL) ++n;
  }
  const int64_t rules = host->candidate_number(call, i, SPW_C_QUOTAS);
  for (int64_t q = 0; q < rules && n < BUCKET_HOLDS; ++q) {
    int64_t facts[SPW_Q_RESET_MS + 1];
    for (int32_t f = SPW_Q_SCOPE; f <= SPW_Q_RESET_MS; ++f) {
      facts[f] = host->candidate_number(call, i, SPW_C_QUOTA(q, f));
    }
    const int64_t reset = facts[SPW_Q_RESET_MS];
    const bucket_limits limits = {
        {facts[SPW_Q_RPM], facts[SPW_Q_RPD], reset}, {facts[SPW_Q_TPM], facts[SPW_Q_TPD], reset}, facts[SPW_Q_SCOPE]};
    list[n] = book_meet(call, host->candidate_text(call, i, SPW_C_QUOTA(q, SPW_Q_NAME)), &limits);
    if (list[n] != NULL) ++n;
  }
  if (rules == 0 && (list[n] = told_bucket(call, i, 0)) != NULL) ++n;
  return n;
}

static inline int64_t estimate(const spw_call *call) {
  const int64_t answer = call->host->number(call, SPW_MAX_TOKENS);
  const int64_t assumed = ((const free_conf *)call->conf)->assumed_tokens;
  return call->host->number(call, SPW_PROMPT_TOKENS) + (answer > 0 ? answer : assumed);
}

/* Which of the quotas keeps the request back for longest; NULL: none does. */
static inline const bucket *narrow(spw_call *call, bucket *const list[], size_t n, quota_answer *worst) {
  const int64_t wall = call->host->wall_ms(call), tokens = estimate(call);
  const uint64_t now = now_ms(call);
  const bucket *who = NULL;
  for (size_t q = 0; q < n; ++q) {
    const quota_answer a = bucket_look(list[q]->cells, &list[q]->limits, tokens, wall, now);
    if (a.why == QUOTA_OPEN || (who != NULL && a.wait_ms <= worst->wait_ms)) continue;
    who = list[q];
    *worst = a;
  }
  return who;
}

static inline void give_back(spw_call *call, free_request *request) {
  const int64_t wall = call->host->wall_ms(call);
  const uint64_t now = now_ms(call);
  for (size_t q = 0; q < request->n; ++q) {
    bucket_release(&request->holds[q], wall, now);
    book_touched(call, request->of[q]);
  }
  request->n = 0;
  request->waits = 0;
}

/* Takes from all quotas of candidate i or from none; who refuses is told with its answer. Returns the longest wait for
 * a turn taken in advance, -1: refused. */
static inline int64_t reserve(spw_call *call, size_t i, int64_t ahead, const bucket **refuses, quota_answer *answer) {
  free_request *request = (free_request *)call->request;
  bucket *list[BUCKET_HOLDS];
  const size_t n = quotas_of(call, i, list);
  const int64_t wall = call->host->wall_ms(call);
  const uint64_t now = now_ms(call);
  int64_t wait = 0;
  request->tokens = n > 0 ? estimate(call) : 0;
  request->candidate = i;
  for (request->n = 0; request->n < n; ++request->n) {
    bucket *who = list[request->n];
    request->of[request->n] = who;
    *answer = bucket_reserve(who->cells, &who->limits, request->tokens, wall, now, ahead, &request->holds[request->n]);
    if (answer->why == QUOTA_OPEN) {
      if (answer->wait_ms > wait) wait = answer->wait_ms;
      continue;
    }
    *refuses = who;
    give_back(call, request);
    return -1;
  }
  for (size_t q = 0; q < n; ++q) book_touched(call, list[q]);
  return wait;
}

/* `stay`: an account's free models share its day, so that spreading over them wins no room; but each call that finds
 * another one busy is lost (O-5). So the one that answered last goes on until it fails. */
static inline uint64_t stay_hash(spw_str model) { /* FNV-1a, never 0 */
  uint64_t hash = UINT64_C(14695981039346656037);
  for (size_t i = 0; i < model.len; ++i) hash = (hash ^ (unsigned char)model.ptr[i]) * UINT64_C(1099511628211);
  return hash | 1;
}
static inline const bucket *stay_account(spw_call *call, size_t i, int *good) {
  bucket *list[BUCKET_HOLDS];
  if (call->host->candidate_number(call, i, SPW_C_EXCLUDED) || quotas_of(call, i, list) == 0) return NULL;
  if (list[0]->limits.scope != SCOPE_FREE) return NULL;
  *good = quota_load(list[0]->cells + BUCKET_GOOD) == stay_hash(call->host->candidate_text(call, i, SPW_C_MODEL));
  return list[0];
}
/* Where it is among the candidates, the others of its account are picked only when it is out. */
static inline void stay_prefer(spw_call *call, size_t n) {
  int good, other;
  for (size_t i = 0; i < n; ++i) {
    const bucket *account = stay_account(call, i, &good);
    if (account == NULL || !good) continue;
    for (size_t k = 0; k < n; ++k) {
      if (stay_account(call, k, &other) != account || other) continue;
      call->host->set_weight(call, k, call->host->candidate_real(call, k, SPW_C_WEIGHT) / 1024);
    }
  }
}
static inline void stay_learn(spw_call *call, const bucket *account, const spw_outcome *o) {
  uint64_t good = stay_hash(call->host->candidate_text(call, o->candidate, SPW_C_MODEL));
  uint64_t *cell = account->cells + BUCKET_GOOD;
  if (o->error != SPW_E_NONE) {
    quota_swap(cell, &good, 0);
  } else if (quota_load(cell) == 0) {
    __atomic_store_n(cell, good, __ATOMIC_RELEASE);
  }
}

/* What a refusal closes: the free pool of the account (C-1), or the model alone where quotas are by model (Gemini). */
static inline bucket *refused_bucket(const free_request *request) {
  bucket *last = request->of[request->n - 1];
  return last->limits.scope == SCOPE_PROJECT || last->limits.scope == SCOPE_MODEL ? last : request->of[0];
}

static inline void pause_bucket(spw_call *call, bucket *who, const spw_outcome *o, int64_t wait) {
  if (wait > QUOTA_DAY_MS) wait = QUOTA_DAY_MS;
  quota_pause(who->cells, now_ms(call) + (uint64_t)wait);
  __atomic_store_n(who->cells + BUCKET_WHY, (uint64_t)o->error, __ATOMIC_RELEASE);
}

static inline void close_day(spw_call *call, bucket *who, const spw_outcome *o, int64_t reset) {
  const int64_t wall = call->host->wall_ms(call);
  /* A short Retry-After is politeness, not the end of the day. */
  const int64_t told = reset ? reset : o->retry_after_ms > QUOTA_HOUR_MS ? o->retry_after_ms : 0;
  const quota_limits limits = who->limits.requests;
  quota_close(who->cells, limits, told ? wall + told : quota_midnight(limits, wall), o->quota_limit, wall);
  __atomic_store_n(who->cells + BUCKET_WHY, (uint64_t)o->error, __ATOMIC_RELEASE);
  if (o->quota_limit > 0) __atomic_store_n(who->cells + BUCKET_SOURCE, SOURCE_ERROR, __ATOMIC_RELEASE);
}

/* The windows of a head. They are of the narrowest quota that was configured, else of the model: an account's free
 * models have none together (C-1). */
static inline void hear_windows(spw_call *call, const free_request *request, const spw_outcome *o) {
  if (!SPW_HAS(o, tokens_reset_ms) || (o->requests_limit <= 0 && o->tokens_limit <= 0)) return;
  bucket *who = request->n > 0 ? request->of[request->n - 1] : NULL;
  if (who == NULL || who->limits.scope == SCOPE_FREE) who = told_bucket(call, o->candidate, 1);
  if (who == NULL) return;
  const int64_t wall = call->host->wall_ms(call);
  const uint64_t now = now_ms(call);
  told_learn(who->cells + BUCKET_TOLD_REQUESTS, o->requests_limit, o->requests_left, o->requests_reset_ms, now);
  told_learn(who->cells + BUCKET_TOLD_TOKENS, o->tokens_limit, o->tokens_left, o->tokens_reset_ms, now);
  if (o->requests_limit > 0 && o->requests_limit == who->limits.requests.rpd) {
    quota_learn(who->cells, who->limits.requests, o->requests_limit, o->requests_left, wall);
  }
}

/* What an outcome says about the quotas. 1: one of them was closed. */
static inline int hear(spw_call *call, const free_request *request, const spw_outcome *o) {
  const int64_t wall = call->host->wall_ms(call), reset = o->reset_unix_ms > wall ? o->reset_unix_ms - wall : 0;
  const int64_t told = o->retry_after_ms >= 0 ? o->retry_after_ms : reset;
  hear_windows(call, request, o);
  if (request->n == 0) return 0;
  bucket *who = refused_bucket(request);
  const quota_limits limits = who->limits.requests;
  if (who->limits.scope == SCOPE_TOLD) return 0;
  switch (o->error) {
    case SPW_E_NONE:
      for (size_t q = 0; q < request->n; ++q) bucket_succeeded(request->of[q]->cells);
      if (o->quota_limit == limits.rpm || limits.rpd <= 0) return 0; /* it does not speak of the day */
      quota_learn(who->cells, limits, o->quota_limit, o->quota_remaining, wall);
      if (o->quota_limit > 0) __atomic_store_n(who->cells + BUCKET_SOURCE, SOURCE_HEADERS, __ATOMIC_RELEASE);
      return 0;
    case SPW_E_FREE_DAY_QUOTA: return close_day(call, who, o, reset), 1;
    case SPW_E_FREE_MINUTE_QUOTA:
      pause_bucket(call, who, o,
                   o->retry_after_ms >= 0 || reset ? (told < QUOTA_HOUR_MS ? told : QUOTA_HOUR_MS)
                                                   : bucket_climb(who->cells, QUOTA_MINUTE_MS));
      return 1;
    case SPW_E_RATE_LIMITED: /* of one model: the breaker cools it, and so does a quota that is the model's */
      if (who->limits.scope < SCOPE_PROJECT) return 0;
      if (o->quota_limit == 0)
        pause_bucket(call, who, o, QUOTA_DAY_MS); /* no quota at all: waiting is no use */
      else
        pause_bucket(call, who, o, o->retry_after_ms >= 0 || reset ? told : bucket_climb(who->cells, 0));
      return 1;
    default: return 0;
  }
}

/* The tokens that an attempt cost: as told; of a refusal the prompt at most; otherwise nobody knows, -1. */
static inline int64_t spent(const spw_call *call, const spw_outcome *o) {
  if (o->in_tokens >= 0) return o->in_tokens + (o->out_tokens > 0 ? o->out_tokens : 0);
  if (o->error == SPW_E_NONE || o->content_seen || o->status < 400) return -1;
  return call->host->number(call, SPW_PROMPT_TOKENS);
}

static inline void settle(spw_call *call, free_request *request, const spw_outcome *o) {
  const int64_t wall = call->host->wall_ms(call), used = spent(call, o);
  const uint64_t now = now_ms(call);
  for (size_t q = 0; q < request->n; ++q) bucket_settle(&request->holds[q], used, wall, now);
}

#endif
