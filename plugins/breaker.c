/* breaker - keeps requests away from what is broken: a breaker per target, a throttle beside it, a gate per key.
 *
 * The logic is in the pure headers breaker_machine.h (our machine), breaker_gates.h and breaker_compat.h (foreign
 * rules); breaker_conf.h has the settings, breaker_view.h what a target looks like. This file maps hooks to them. State
 * lives in the host's shared cells, so all workers and config generations see one breaker. An attempt is admitted in
 * on_attempt and reported exactly once: in on_outcome, or for a streamed probe at its first content, because a probe
 * of minutes must not hold recovery. */
#include "breaker_view.h"

static int32_t deny(spw_call *call, size_t i, denial d) {
  breaker_request *request = (breaker_request *)call->request;
  char text[96];
  const int n = snprintf(text, sizeof text, "%s, next try in %lld s", d.text, (long long)(d.wait_ms + 999) / 1000);
  if (call->host->exclude(call, i, d.why, d.wait_ms, (spw_str){text, (size_t)n}) == 0 && i < MASK_BITS) {
    request->out |= UINT64_C(1) << i;
  }
  call->host->count(call, COUNT_DENIED, 1);
  return -1;
}

static spw_verdict on_request(spw_call *call) {
  const size_t n = call->host->candidates(call);
  for (size_t i = 0; i < n; ++i) {
    uint64_t *cells = call->host->candidate_cells(call, i, SPW_SCOPE_TARGET, BRK_CELLS);
    if (cells == NULL) continue;
    meet(call, i, cells);
    if (call->host->candidate_number(call, i, SPW_C_EXCLUDED)) continue;
    const denial d = look(call, i, cells, call->host->candidate_cells(call, i, SPW_SCOPE_KEY, GATE_CELLS));
    if (d.text != NULL) deny(call, i, d);
  }
  return SPW_NEXT;
}

/* Could another candidate of the same tier take the request? A ramp must not push anybody into a dearer tier. */
static int spare(spw_call *call, size_t i) {
  const spw_host *host = call->host;
  const size_t n = host->candidates(call);
  const int64_t tier = host->candidate_number(call, i, SPW_C_TIER_INDEX);
  for (size_t j = 0; j < n; ++j) {
    if (j != i && host->candidate_number(call, j, SPW_C_TIER_INDEX) == tier &&
        !host->candidate_number(call, j, SPW_C_EXCLUDED) && !host->candidate_number(call, j, SPW_C_TRIED)) {
      return 1;
    }
  }
  return 0;
}

static void leave_gates(breaker_request *request, uint64_t now, int answered) {
  for (int g = 0; g < GATE_CELLS; ++g) {
    if (request->key != NULL) gate_answered(request->key + g, request->held[g], now, answered);
    request->held[g] = 0;
  }
}

/* Takes a permit by the rule in force; a foreign rule only ever closes or opens by time. */
static brk_answer admit(spw_call *call, size_t i, int early) {
  breaker_worker *worker = (breaker_worker *)call->worker;
  breaker_request *request = (breaker_request *)call->request;
  brk_change change = {BRK_CLOSED, BRK_CLOSED, 0};
  brk_answer answer = {1, 0, 0};
  const brk_permit plain = {0, 0, 0, 1, 0, early};
  request->permit = plain;
  if (worker->mode == MODE_MACHINE) {
    const int ramping = i < MASK_BITS && !early && brk_unpack(brk_load(request->cells + BRK_STATE)).k > 0;
    answer = brk_acquire(request->cells, params_of(call, i), now_ms(call), call->host->random(call),
                         ramping && spare(call, i), early, &request->permit, &change);
  } else if (worker->mode == MODE_LLMROUTER && !early) {
    answer = llmrouter_ask(request->cells, now_ms(call), &change);
    request->permit.held = answer.allowed;
  }
  changed(call, i, change);
  return answer;
}

static int32_t on_attempt(spw_call *call, size_t i) {
  breaker_worker *worker = (breaker_worker *)call->worker;
  breaker_request *request = (breaker_request *)call->request;
  const int early = request->early != NULL && request->early_candidate == i;
  const brk_permit none = {0, 0, 0, 0, 0, 0};
  request->permit = none;
  request->candidate = i;
  request->cells = call->host->candidate_cells(call, i, SPW_SCOPE_TARGET, BRK_CELLS);
  request->key = call->host->candidate_cells(call, i, SPW_SCOPE_KEY, GATE_CELLS);
  if (request->cells == NULL) return 0; /* over the host's limit: without a breaker rather than without an answer */
  denial d = look(call, i, request->cells, request->key);
  if (d.text != NULL && !early) return deny(call, i, d);
  const int gates = call->host->candidate_number(call, i, SPW_C_FREE) ? GATE_PAID : GATE_CELLS;
  for (int g = 0; g < gates && request->key != NULL; ++g) {
    if (gate_enter(request->key + g, now_ms(call), brk_load(worker->reloads), worker->params.probe_ms, early,
                   &request->held[g])) {
      continue;
    }
    leave_gates(request, now_ms(call), 0);
    return deny(call, i, (denial){SPW_X_CREDENTIAL, 1000, "key refused, a probe is in flight"});
  }
  const brk_answer answer = admit(call, i, early);
  if (answer.allowed) {
    if (request->permit.probe) call->host->count(call, COUNT_PROBES, 1);
    return 0;
  }
  leave_gates(request, now_ms(call), 0);
  if (answer.ramped) request->ramped |= UINT64_C(1) << i;
  return deny(call, i,
              answer.ramped ? (denial){SPW_X_BROKEN, 0, "ramping up"}
                            : (denial){SPW_X_BROKEN, answer.wait_ms, "broken, a probe is in flight"});
}

/* Section 11's classes as the machine's verdicts; the others reached the provider and say nothing about its health. */
static brk_verdict verdict_of(int32_t error) {
  switch (error) {
    case SPW_E_NONE: return BRK_OK;
    case SPW_E_TIMEOUT:
    case SPW_E_TRANSIENT:
    case SPW_E_MID_STREAM: return BRK_FAIL;
    case SPW_E_CLIENT_GONE:
    case SPW_E_NOT_SENT: return BRK_CANCEL;
    default: return BRK_NEUTRAL;
  }
}

static void isolate(breaker_request *request, int g, uint64_t until, uint64_t reason, uint64_t reload) {
  if (request->key != NULL) gate_isolate(request->key + g, request->held[g], until, reason, reload);
}

/* The gates beside the machine: who may not be asked for a while, although nothing is broken. */
static void close_gates(spw_call *call, const spw_outcome *o) {
  const breaker_conf *conf = (const breaker_conf *)call->conf;
  breaker_worker *worker = (breaker_worker *)call->worker;
  breaker_request *request = (breaker_request *)call->request;
  const uint64_t now = now_ms(call), reload = brk_load(worker->reloads);
  const int foreign = worker->mode != MODE_MACHINE; /* those count a limit that names no wait */
  uint64_t *throttle = request->cells + BRK_THROTTLE;
  const int g = call->host->candidate_number(call, o->candidate, SPW_C_FREE) ? GATE_ALL : GATE_PAID;
  const spw_str model = call->host->candidate_text(call, o->candidate, SPW_C_MODEL);
  switch (o->error) {
    case SPW_E_RATE_LIMITED: {
      uint64_t wait = told_ms(call, o, foreign ? 0 : ms(conf->throttle_s), HOUR_MS);
      if (!foreign && g == GATE_ALL)
        wait = gate_climb(request->cells + BRK_RUNG, brk_load(throttle), now, wait, ms(conf->throttle_s));
      gate_throttle(throttle, now + wait);
      return;
    }
    case SPW_E_FREE_MINUTE_QUOTA: gate_throttle(throttle, now + told_ms(call, o, 60 * 1000, HOUR_MS)); return;
    case SPW_E_NOT_FOUND: /* only a model the config named: a client's own word must not close a target for others */
      if (!foreign && !same(model, call->host->text(call, SPW_MODEL))) gate_throttle(throttle, now + HOUR_MS);
      return;
    case SPW_E_AUTH: isolate(request, GATE_ALL, now + ms(conf->auth_s), GATE_AUTH, reload); return;
    case SPW_E_NO_CREDIT: /* a free model that asks for money tells of a debt, which closes the whole key */
      isolate(request, g, now + told_ms(call, o, HOUR_MS, 24 * HOUR_MS), GATE_CREDIT, reload);
      return;
    case SPW_E_IN_FLIGHT_BUDGET:
      isolate(request, GATE_ALL, now + told_ms(call, o, 60 * 1000, HOUR_MS), GATE_BUDGET, reload);
      return;
    default: return;
  }
}

static brk_change report_foreign(spw_call *call, const spw_outcome *o, brk_verdict verdict) {
  const breaker_conf *conf = (const breaker_conf *)call->conf;
  breaker_worker *worker = (breaker_worker *)call->worker;
  breaker_request *request = (breaker_request *)call->request;
  const uint64_t now = now_ms(call);
  const brk_change nothing = {BRK_CLOSED, BRK_CLOSED, 0};
  const int counts =
      verdict == BRK_FAIL || o->error == SPW_E_RATE_LIMITED || o->error == SPW_E_AUTH || o->error == SPW_E_NOT_FOUND;
  if (worker->mode == MODE_LLMROUTER) {
    if (verdict != BRK_OK && verdict != BRK_FAIL) return nothing;
    return llmrouter_report(request->cells, verdict == BRK_FAIL, worker->params.consecutive, worker->params.open_ms,
                            now);
  }
  if (verdict == BRK_OK && request->permit.early) return compat_reopen(request->cells, now, 1);
  if (verdict == BRK_OK && worker->mode == MODE_WINDOW) compat_observe(request->cells, now, tally_ms(worker), 0);
  if (!counts || !compat_counts(o->status, 0) || request->permit.early) return nothing;
  const compat_tally t = compat_observe(request->cells, now, tally_ms(worker), 1);
  uint64_t group = 0;
  const int64_t tier = call->host->candidate_number(call, o->candidate, SPW_C_TIER_INDEX);
  for (size_t i = call->host->candidates(call); i-- > 0;) {
    group += call->host->candidate_number(call, i, SPW_C_TIER_INDEX) == tier;
  }
  const int cools = worker->mode == MODE_COUNTED
                        ? compat_counted_cools(o->status, 0, t.bad - 1, (uint64_t)conf->allowed_fails)
                        : compat_window_cools(o->status, 0, group, t.ok, t.bad);
  const uint64_t cooldown = told_ms(call, o, worker->cooldown_ms, HOUR_MS);
  return cools && cooldown > 0 ? compat_cool(request->cells, now + cooldown) : nothing; /* L-4: zero never cools */
}

/* Gives back the route's right to an early probe; after a failure not before the gap is over. */
static void leave_early(spw_call *call, brk_verdict verdict) {
  const breaker_conf *conf = (const breaker_conf *)call->conf;
  breaker_request *request = (breaker_request *)call->request;
  if (request->early == NULL) return;
  const int again = verdict == BRK_OK || verdict == BRK_CANCEL;
  brk_swap(request->early, &request->early_word, again ? 0 : request->early_at + ms(conf->early_s));
  request->early = NULL;
}

static void settle(spw_call *call, const spw_outcome *o, brk_verdict verdict) {
  breaker_worker *worker = (breaker_worker *)call->worker;
  breaker_request *request = (breaker_request *)call->request;
  const int answered = verdict != BRK_CANCEL && o->error != SPW_E_TIMEOUT && o->error != SPW_E_TRANSIENT;
  leave_gates(request, now_ms(call), answered);
  leave_early(call, verdict);
  if (!request->permit.held) return;
  changed(call, request->candidate,
          worker->mode == MODE_MACHINE
              ? brk_report(request->cells, &request->permit, verdict, params_of(call, request->candidate), now_ms(call),
                           call->host->random(call))
              : report_foreign(call, o, verdict));
  request->permit.held = 0;
}

static void on_content(spw_call *call, size_t i) {
  breaker_request *request = (breaker_request *)call->request;
  const spw_outcome good = {.size = sizeof good, .candidate = i, .error = SPW_E_NONE, .status = 200};
  if (request->cells == NULL) return;
  leave_gates(request, now_ms(call), 1);
  const int trial = request->permit.probe || request->permit.early;
  if (trial && request->permit.held && call->host->number(call, SPW_STREAM)) settle(call, &good, BRK_OK);
}

static void on_outcome(spw_call *call, const spw_outcome *o) {
  breaker_request *request = (breaker_request *)call->request;
  const brk_verdict verdict = verdict_of(o->error);
  if (request->cells == NULL) return;
  close_gates(call, o);
  if (verdict == BRK_OK) __atomic_store_n(request->cells + BRK_RUNG, 0, __ATOMIC_RELEASE);
  settle(call, o, verdict);
  for (size_t i = 0; verdict != BRK_OK && request->ramped != 0; ++i, request->ramped >>= 1) {
    if (request->ramped & 1) call->host->readmit(call, i); /* the spare one was none */
  }
}

/* Nobody is left. One request at a time per route goes to the least bad, so that nobody is locked out and nothing
 * storms. A rate limit is respected, and a refused key is tried only if there is nothing else to hope for. */
static int32_t on_exhausted(spw_call *call) {
  breaker_worker *worker = (breaker_worker *)call->worker;
  breaker_request *request = (breaker_request *)call->request;
  const uint64_t now = now_ms(call), far = UINT64_C(1) << 48;
  uint64_t least = UINT64_MAX;
  int limited = 0;
  for (size_t i = 0; i < MASK_BITS && request->out >> i != 0; ++i) {
    if (!(request->out >> i & 1)) continue;
    uint64_t *cells = call->host->candidate_cells(call, i, SPW_SCOPE_TARGET, BRK_CELLS);
    const denial d = look(call, i, cells, call->host->candidate_cells(call, i, SPW_SCOPE_KEY, GATE_CELLS));
    if (d.text == NULL && call->host->readmit(call, i) == 0) return 1; /* its time came meanwhile */
    limited |= d.why == SPW_X_THROTTLED;
    if (d.why == SPW_X_THROTTLED || (d.why == SPW_X_BROKEN && brk_unpack(brk_load(cells)).state != BRK_OPEN)) continue;
    const uint64_t badness = (uint64_t)d.wait_ms + (d.why == SPW_X_CREDENTIAL ? far : 0);
    if (badness >= least) continue;
    least = badness;
    request->early_candidate = i;
  }
  if (least == UINT64_MAX || (least >= far && limited)) return 0;
  char name[192];
  const spw_str route = call->host->text(call, SPW_ROUTE);
  const int n = snprintf(name, sizeof name, "breaker early %.*s", (int)(route.len < 160 ? route.len : 160), route.ptr);
  uint64_t *cell = call->host->cells(call, (spw_str){name, (size_t)n}, 1);
  uint64_t word = cell == NULL ? UINT64_MAX : brk_load(cell);
  if (now < word || !brk_swap(cell, &word, now + worker->params.probe_ms)) return 0;
  request->early = cell;
  request->early_at = now;
  request->early_word = now + worker->params.probe_ms;
  if (call->host->readmit(call, request->early_candidate) != 0) {
    leave_early(call, BRK_CANCEL);
    return 0;
  }
  call->host->count(call, COUNT_EARLY, 1);
  return 1;
}

/* What is still held, the host did not report: it counts as not sent. */
static void on_end(spw_call *call) {
  breaker_request *request = (breaker_request *)call->request;
  const spw_outcome gone = {.size = sizeof gone, .candidate = request->candidate, .error = SPW_E_NOT_SENT};
  settle(call, &gone, BRK_CANCEL);
}

SPW_PLUGIN{
    .size = sizeof(spw_plugin),
    .name = "breaker",
    .about = "Circuit breaker per target, throttle and key gates.",
    .options = options,
    .n_options = sizeof options / sizeof *options,
    .counters = counters,
    .n_counters = sizeof counters / sizeof *counters,
    .conf_size = sizeof(breaker_conf),
    .worker_size = sizeof(breaker_worker),
    .request_size = sizeof(breaker_request),
    .worker_start = worker_start,
    .on_request = on_request,
    .on_attempt = on_attempt,
    .on_content = on_content,
    .on_outcome = on_outcome,
    .on_exhausted = on_exhausted,
    .on_end = on_end,
    .status = status,
};
