/* Three foreign breaker rules over the same cells, for people who bring their settings along: LiteLLM's counted and
 * windowed cooldowns (rules L-4, L-5, L-6) and llmrouter's counter. Their state word is the
 * machine's, with nothing between closed and open but time. Pure, C11, readable as C++ by the tests; times are
 * milliseconds since the process started. */
#ifndef SPILLWAY_BREAKER_COMPAT_H
#define SPILLWAY_BREAKER_COMPAT_H
#include "breaker_machine.h"

/* L-4: failures that can cool at all. Of the client errors only these four; LiteLLM's own connection errors never. */
static inline int compat_counts(int32_t status, int connection_error) {
  if (connection_error) return 0;
  return status < 400 || status >= 500 || status == 401 || status == 404 || status == 408 || status == 429;
}

/* L-6: `allowed` failures are allowed, the next one cools (D-17). `earlier` does not include this one. */
static inline int compat_counted_cools(int32_t status, int connection_error, uint64_t earlier, uint64_t allowed) {
  return compat_counts(status, connection_error) && earlier + 1 > allowed;
}

/* L-5: ok and bad include this failure; `group` is how many targets could have taken the request. */
static inline int compat_window_cools(int32_t status, int connection_error, uint64_t group, uint64_t ok, uint64_t bad) {
  if (!compat_counts(status, connection_error)) return 0;
  if (status == 429 && group > 1) return 1;
  if (ok == 0 && bad >= 1000) return 1;
  if (bad * 2 > ok + bad && ok + bad >= 5 && group > 1) return 1;
  return status == 401 || status == 404; /* asking again cannot help */
}

/* Both keep {start 36 bits, ok 14, bad 14} in one word; the counts live `window_ms` from their first event. */
typedef struct {
  uint64_t ok, bad;
} compat_tally;
static inline compat_tally compat_read(const uint64_t *cells, uint64_t now, uint64_t window_ms) {
  const uint64_t word = brk_load(cells + BRK_SOFT);
  compat_tally t = {word >> 14 & 0x3fff, word & 0x3fff};
  if (now >= (word >> 28) + window_ms) t.ok = t.bad = 0;
  return t;
}
static inline compat_tally compat_observe(uint64_t *cells, uint64_t now, uint64_t window_ms, int failed) {
  uint64_t old = brk_load(cells + BRK_SOFT), next;
  compat_tally t;
  do {
    uint64_t start = old >> 28;
    t.ok = old >> 14 & 0x3fff;
    t.bad = old & 0x3fff;
    if (t.ok + t.bad == 0 || now >= start + window_ms) {
      start = now;
      t.ok = t.bad = 0;
    }
    if (failed && t.bad < 0x3fff) ++t.bad;
    if (!failed && t.ok < 0x3fff) ++t.ok;
    next = brk_least(start, BRK_UNTIL_MAX) << 28 | t.ok << 14 | t.bad;
  } while (!brk_swap(cells + BRK_SOFT, &old, next));
  return t;
}

/* Cools until `until`; a later end wins. Returns whether it was closed before. */
static inline brk_change compat_cool(uint64_t *cells, uint64_t until) {
  brk_change change = {BRK_CLOSED, BRK_OPEN, 0};
  uint64_t word = brk_load(cells + BRK_STATE);
  while (1) {
    const brk_state s = brk_unpack(word);
    brk_state next = brk_opened(s, 1, until);
    if (s.state != BRK_CLOSED) change.from = BRK_OPEN;
    if (s.state != BRK_CLOSED && s.until >= until) return change;
    if (brk_swap(cells + BRK_STATE, &word, brk_pack(next))) return change;
  }
}

/* A cooled target is closed again as soon as its time is over, or when an early try went well. */
static inline brk_change compat_reopen(uint64_t *cells, uint64_t now, int early_ok) {
  brk_change change = {BRK_CLOSED, BRK_CLOSED, 0};
  uint64_t word = brk_load(cells + BRK_STATE);
  while (1) {
    const brk_state s = brk_unpack(word);
    if (s.state == BRK_CLOSED || (now < s.until && !early_ok)) return change;
    const brk_state next = {BRK_CLOSED, 0, 0, 0, 0, s.gen + 1, 0};
    if (!brk_swap(cells + BRK_STATE, &word, brk_pack(next))) continue;
    if (early_ok) __atomic_store_n(cells + BRK_SOFT, 0, __ATOMIC_RELEASE);
    change.from = BRK_OPEN;
    return change;
  }
}

/* one counter in `run`, which never ages; half-open lets everybody in, as llmrouter's code does (C-19). */
static inline brk_answer llmrouter_ask(uint64_t *cells, uint64_t now, brk_change *change) {
  brk_answer answer = {1, 0, 0};
  uint64_t word = brk_load(cells + BRK_STATE);
  change->stale = 0;
  while (1) {
    const brk_state s = brk_unpack(word);
    change->from = change->to = s.state;
    if (s.state != BRK_OPEN) return answer;
    if (now < s.until) {
      answer.allowed = 0;
      answer.wait_ms = (int64_t)(s.until - now);
      return answer;
    }
    brk_state next = s;
    next.state = BRK_HALF_OPEN;
    if (!brk_swap(cells + BRK_STATE, &word, brk_pack(next))) continue;
    change->to = BRK_HALF_OPEN;
    return answer;
  }
}
static inline brk_change llmrouter_report(uint64_t *cells, int failed, uint64_t threshold, uint64_t recovery_ms,
                                          uint64_t now) {
  brk_change change = {BRK_CLOSED, BRK_CLOSED, 0};
  uint64_t word = brk_load(cells + BRK_STATE);
  while (1) {
    const brk_state s = brk_unpack(word);
    brk_state next = s;
    next.run = failed ? brk_least(s.run + 1, BRK_RUN_MAX) : 0;
    next.state = failed && next.run >= threshold ? BRK_OPEN : BRK_CLOSED;
    next.until = failed ? now + recovery_ms : 0; /* a failure reported while open moves the recovery */
    change.from = s.state;
    change.to = next.state;
    if (brk_swap(cells + BRK_STATE, &word, brk_pack(next))) return change;
  }
}

#endif
