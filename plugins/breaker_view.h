/* How breaker looks at a target without taking anything: what stands against it, how long, and what people see of it.
 * Included by breaker.c alone. */
#ifndef SPILLWAY_BREAKER_VIEW_H
#define SPILLWAY_BREAKER_VIEW_H
#include "breaker_conf.h"

/* Remembers a target for status(); names may come from clients, so only plain characters are kept. */
static void meet(spw_call *call, size_t i, uint64_t *cells) {
  breaker_worker *worker = (breaker_worker *)call->worker;
  for (size_t probe = 0; probe < 8; ++probe) {
    breaker_seen *seen = &worker->seen[(((uintptr_t)cells >> 6) + probe) % SEEN_MAX];
    if (seen->cells == cells) return;
    if (seen->cells != NULL) continue;
    const spw_str provider = call->host->candidate_text(call, i, SPW_C_PROVIDER);
    const spw_str model = call->host->candidate_text(call, i, SPW_C_MODEL);
    snprintf(seen->name, sizeof seen->name, "%.*s/%.*s", (int)provider.len, provider.ptr, (int)model.len, model.ptr);
    for (char *c = seen->name; *c; ++c) {
      if (*c < ' ' || *c > '~' || *c == '"' || *c == '\\') *c = '_';
    }
    seen->cells = cells;
    return;
  }
}

/* Counts and logs a change of state. */
static void changed(spw_call *call, size_t i, brk_change change) {
  static const char *const names[] = {"closed", "open", "half-open", "?"};
  breaker_worker *worker = (breaker_worker *)call->worker;
  if (change.stale) call->host->count(call, COUNT_STALE, 1);
  if (change.stale || change.from == change.to) return;
  if (change.from == BRK_CLOSED) __atomic_add_fetch(worker->open, 1, __ATOMIC_ACQ_REL);
  if (change.to == BRK_CLOSED) __atomic_sub_fetch(worker->open, 1, __ATOMIC_ACQ_REL);
  call->host->count(call, COUNT_TRANSITIONS, 1);
  call->host->count(call, COUNT_OPEN, (int64_t)brk_load(worker->open));
  const spw_str provider = call->host->candidate_text(call, i, SPW_C_PROVIDER);
  const spw_str model = call->host->candidate_text(call, i, SPW_C_MODEL);
  char text[256];
  const int n =
      snprintf(text, sizeof text, "%.*s/%.*s: %s -> %s", (int)(provider.len < 64 ? provider.len : 64), provider.ptr,
               (int)(model.len < 128 ? model.len : 128), model.ptr, names[change.from], names[change.to]);
  call->host->log(call, 2, (spw_str){text, (size_t)n});
}

/* What stands against candidate i now, without taking anything. */
static denial look(spw_call *call, size_t i, uint64_t *cells, const uint64_t *key) {
  static const char *const reasons[] = {"", "key refused", "no credit left", "too much in flight on the key"};
  breaker_worker *worker = (breaker_worker *)call->worker;
  const uint64_t now = now_ms(call), reload = brk_load(worker->reloads);
  denial d = {SPW_X_BROKEN, 0, NULL};
  const int gates = call->host->candidate_number(call, i, SPW_C_FREE) ? GATE_PAID : GATE_CELLS;
  for (int g = 0; g < gates && key != NULL; ++g) {
    const uint64_t word = brk_load(key + g), wait = gate_wait_ms(word, now, reload);
    if (wait == 0) continue;
    const uint64_t reason = gate_unpack(word).reason;
    d = (denial){reason == GATE_BUDGET ? SPW_X_THROTTLED : SPW_X_CREDENTIAL, (int64_t)wait, reasons[reason]};
    return d;
  }
  const uint64_t throttled = brk_load(cells + BRK_THROTTLE);
  if (now < throttled) return (denial){SPW_X_THROTTLED, (int64_t)(throttled - now), "rate-limited"};
  brk_change change = {BRK_CLOSED, BRK_CLOSED, 0};
  brk_state s;
  if (worker->mode == MODE_MACHINE) {
    const int probed = brk_unpack(brk_load(cells + BRK_STATE)).state == BRK_HALF_OPEN;
    s = brk_tick(cells, probed ? params_of(call, i) : &worker->params, now, call->host->random(call), &change);
  } else {
    if (worker->mode != MODE_LLMROUTER) change = compat_reopen(cells, now, 0);
    s = brk_unpack(brk_load(cells + BRK_STATE));
  }
  changed(call, i, change);
  if (s.state == BRK_OPEN && now < s.until) return (denial){SPW_X_BROKEN, (int64_t)(s.until - now), "broken, open"};
  if (s.state == BRK_HALF_OPEN && s.flying) return (denial){SPW_X_BROKEN, 1000, "broken, a probe is in flight"};
  return d;
}

/* How long the provider asked to be left alone, within `most`; `fallback` if it did not say. */
static uint64_t told_ms(const spw_call *call, const spw_outcome *o, uint64_t fallback, uint64_t most) {
  const int64_t wall = call->host->wall_ms(call);
  if (o->retry_after_ms >= 0) return brk_least((uint64_t)o->retry_after_ms, most);
  if (o->reset_unix_ms > wall) return brk_least((uint64_t)(o->reset_unix_ms - wall), most);
  return fallback;
}

static long long left_ms(uint64_t until, uint64_t now) { return until > now ? (long long)(until - now) : 0; }

/* One object: the rule in force, and each target this worker has met with its state. */
static void status(spw_call *call) {
  static const char *const states[] = {"closed", "open", "half-open", "?"};
  breaker_worker *worker = (breaker_worker *)call->worker;
  const uint64_t now = now_ms(call);
  char text[320];
  int n = snprintf(text, sizeof text, "{\"mode\":\"%s\",\"targets\":[", mode_names[worker->mode]);
  call->host->print(call, (spw_str){text, (size_t)n});
  const char *comma = "";
  for (size_t i = 0; i < SEEN_MAX; ++i) {
    const breaker_seen *seen = &worker->seen[i];
    if (seen->cells == NULL) continue;
    const brk_state s = brk_unpack(brk_load(seen->cells + BRK_STATE));
    const uint64_t throttled = brk_load(seen->cells + BRK_THROTTLE);
    uint64_t ok, fail;
    if (worker->mode == MODE_MACHINE) {
      brk_counts(seen->cells, &worker->params, now, &ok, &fail);
    } else {
      const compat_tally tally = compat_read(seen->cells, now, tally_ms(worker));
      ok = tally.ok;
      fail = worker->mode == MODE_LLMROUTER ? s.run : tally.bad;
    }
    n = snprintf(text, sizeof text,
                 "%s{\"target\":\"%s\",\"state\":\"%s\",\"wait_ms\":%lld,\"opened\":%d,\"run\":%d,\"ok\":%lld,"
                 "\"fail\":%lld,\"throttled_ms\":%lld}",
                 comma, seen->name, states[s.state], s.state == BRK_OPEN ? left_ms(s.until, now) : 0, (int)s.k,
                 (int)s.run, (long long)ok, (long long)fail, left_ms(throttled, now));
    call->host->print(call, (spw_str){text, (size_t)n});
    comma = ",";
  }
  call->host->print(call, SPW_STR("]}"));
}

#endif
