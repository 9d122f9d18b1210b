/* breaker's settings, its memory per worker and request, and the start of a worker. Included by breaker.c alone. */
#ifndef SPILLWAY_BREAKER_CONF_H
#define SPILLWAY_BREAKER_CONF_H
#include <stdio.h>
#include <string.h>

#include "breaker_compat.h"
#include "breaker_gates.h"
#include "breaker_machine.h"
#include "spillway_plugin.h"

enum { SEEN_MAX = 128, HOUR_MS = 3600 * 1000, MASK_BITS = 64 };
enum { COUNT_TRANSITIONS, COUNT_DENIED, COUNT_PROBES, COUNT_EARLY, COUNT_STALE, COUNT_OPEN };
typedef enum { MODE_MACHINE, MODE_COUNTED, MODE_WINDOW, MODE_LLMROUTER } breaker_mode;
static const char *const mode_names[] = {"machine", "counted", "window", "llmrouter"};

typedef struct {
  spw_str mode;
  int64_t consecutive, counted_consecutive, min_requests, probes_to_close, allowed_fails;
  double window_s, rate, open_s, counted_open_s, open_max_s, probe_timeout_s, ramp_s, forgive_s;
  double cooldown_s, early_s, throttle_s, auth_s;
} breaker_conf;

typedef struct {
  uint64_t *cells;
  char name[96];
} breaker_seen;
typedef struct {
  brk_params params, counted;
  breaker_mode mode;
  uint64_t cooldown_ms, *start_us, *reloads, *open;
  breaker_seen seen[SEEN_MAX]; /* what this worker has met, for status() */
} breaker_worker;

typedef struct {
  brk_permit permit; /* of the attempt that runs */
  size_t candidate;
  uint64_t *cells, *key, held[GATE_CELLS];
  uint64_t out, ramped;                  /* candidates we excluded; of those, the ones only for their ramp */
  uint64_t *early, early_word, early_at; /* the route's early-probe cell, if this request holds it */
  size_t early_candidate;
} breaker_request;

typedef struct {
  int32_t why;
  int64_t wait_ms;
  const char *text;
} denial; /* text NULL: not denied */

static uint64_t now_ms(const spw_call *call) {
  const breaker_worker *worker = (const breaker_worker *)call->worker;
  return (call->host->now_us(call) - brk_load(worker->start_us)) / 1000;
}
static uint64_t ms(double seconds) { return (uint64_t)(seconds * 1000); }
/* How long the foreign rules' counts live: L-5's minute, or L-6's cooldown. */
static uint64_t tally_ms(const breaker_worker *worker) {
  return worker->mode == MODE_WINDOW ? 60 * 1000 : worker->cooldown_ms;
}
/* A free model with a quota is given up sooner and looked at less often: in an outage each look costs one (O-5). */
static const brk_params *params_of(const spw_call *call, size_t i) {
  const breaker_worker *worker = (const breaker_worker *)call->worker;
  const spw_host *host = call->host;
  const int counted =
      host->candidate_number(call, i, SPW_C_FREE) &&
      (host->candidate_number(call, i, SPW_C_LIMIT_RPD) || host->candidate_number(call, i, SPW_C_QUOTAS));
  return counted ? &worker->counted : &worker->params;
}
static int same(spw_str a, spw_str b) { return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0); }

#define ROW(field, type, fallback, low, high, about) \
  { #field, type, offsetof(breaker_conf, field), fallback, low, high, about }
static const spw_option options[] = {
    ROW(mode, SPW_TEXT, "\"auto\"", 1, 16,
        "machine, counted, window (LiteLLM's), llmrouter; auto: counted if allowed_fails is given, else machine."),
    ROW(allowed_fails, SPW_INT, "-1", -1, 10000,
        "counted: so many failures within cooldown_s are allowed, the next one cools; -1: not this rule."),
    ROW(cooldown_s, SPW_NUM, "60", 0, 86400, "counted, window: how long a target cools, unless the provider said."),
    ROW(consecutive, SPW_INT, "5", 1, 60, "Open after so many failures in a row (llmrouter: the threshold)."),
    ROW(counted_consecutive, SPW_INT, "2", 1, 60,
        "machine: the same, at most, for a free model that is counted: each failure is one less for the day."),
    ROW(window_s, SPW_NUM, "30", 0.1, 3600, "Window over which the failure rate is taken."),
    ROW(rate, SPW_NUM, "0.5", 0.01, 1, "Open at this share of failures in the window ..."),
    ROW(min_requests, SPW_INT, "20", 1, 100000, "... if it holds at least so many outcomes."),
    ROW(open_s, SPW_NUM, "10", 0.001, 86400, "First time open; doubles with each failed probe (llmrouter: recovery)."),
    ROW(counted_open_s, SPW_NUM, "60", 0.001, 86400, "machine: the same, at least, for a free model that is counted."),
    ROW(open_max_s, SPW_NUM, "300", 0.001, 86400, "Longest time open, before the jitter of 20 %."),
    ROW(probe_timeout_s, SPW_NUM, "30", 0.01, 3600, "A probe without a verdict by then has failed."),
    ROW(probes_to_close, SPW_INT, "2", 1, 7, "Good probes, one at a time, that close it again."),
    ROW(ramp_s, SPW_NUM, "10", 0, 3600, "After closing, let traffic back in over this time if others can take it."),
    ROW(forgive_s, SPW_NUM, "600", 1, 86400, "Each such time spent closed halves the next opening."),
    ROW(early_s, SPW_NUM, "1", 0, 3600, "When everything is open: least time between two early probes that failed."),
    ROW(throttle_s, SPW_NUM, "120", 0, 3600, "How long a 429 without Retry-After keeps a target out (machine)."),
    ROW(auth_s, SPW_NUM, "900", 0.01, 86400, "How long a refused key stays out before it is tried again."),
};
static const spw_counter counters[] = {
    {"breaker_transitions_total", "Changes of a breaker's state.", 0},
    {"breaker_denied_total", "Candidates taken out of a plan.", 0},
    {"breaker_probes_total", "Probes of half-open breakers.", 0},
    {"breaker_early_probes_total", "Probes let in because nobody else was left.", 0},
    {"breaker_stale_reports_total", "Outcomes that belonged to an older state.", 0},
    {"breaker_open", "Breakers that are not closed.", 1},
};

static int32_t worker_start(spw_call *call) {
  const breaker_conf *conf = (const breaker_conf *)call->conf;
  breaker_worker *worker = (breaker_worker *)call->worker;
  size_t mode = conf->allowed_fails >= 0 ? MODE_COUNTED : MODE_MACHINE;
  if (!same(conf->mode, SPW_STR("auto"))) {
    for (mode = 0; mode < 4 && !same(conf->mode, (spw_str){mode_names[mode], strlen(mode_names[mode])}); ++mode) {
    }
  }
  if (mode == 4 || (conf->allowed_fails >= 0 && mode != MODE_COUNTED)) {
    call->host->log(call, 0,
                    mode == 4 ? SPW_STR("mode must be auto, machine, counted, window or llmrouter")
                              : SPW_STR("allowed_fails belongs to mode = \"counted\" only"));
    return -1;
  }
  const brk_params params = {(uint64_t)conf->consecutive,
                             ms(conf->window_s),
                             (uint64_t)conf->min_requests,
                             (uint64_t)(conf->rate * 1000),
                             ms(conf->open_s),
                             ms(conf->open_max_s),
                             ms(conf->probe_timeout_s),
                             (uint64_t)conf->probes_to_close,
                             ms(conf->ramp_s) + 1,
                             ms(conf->forgive_s)};
  worker->params = worker->counted = params;
  worker->counted.consecutive = brk_least(params.consecutive, (uint64_t)conf->counted_consecutive);
  if (params.open_ms < ms(conf->counted_open_s)) worker->counted.open_ms = ms(conf->counted_open_s);
  worker->mode = (breaker_mode)mode;
  worker->cooldown_ms = ms(conf->cooldown_s);
  worker->start_us = call->host->cells(call, SPW_STR("breaker start"), 1);
  worker->reloads = call->host->cells(call, SPW_STR("breaker reloads"), 1);
  worker->open = call->host->cells(call, SPW_STR("breaker open"), 1);
  if (!worker->start_us || !worker->reloads || !worker->open) return -1;
  uint64_t unset = 0;
  brk_swap(worker->start_us, &unset, call->host->now_us(call));
  __atomic_add_fetch(worker->reloads, 1, __ATOMIC_ACQ_REL);
  return 0;
}

#endif
