/* Runs the policy as Spillway would, against a host of a few lines: the functions this policy calls, and no more. */
#include <stdio.h>
#include <string.h>

#include "spillway_plugin.h"

static const char *const tiers[] = {"free", "free", "paid"};
static const char *key, *tier_header;
static int out[3], failures;

static spw_str str(const char *text) { return (spw_str){text, strlen(text)}; }
static spw_str text(const spw_call *call, spw_fact fact) {
  (void)call;
  return str(fact == SPW_KEY_NAME ? key : "");
}
static spw_str header(const spw_call *call, const char *name) {
  (void)call;
  return str(strcmp(name, "x-tier") == 0 ? tier_header : "");
}
static size_t candidates(const spw_call *call) {
  (void)call;
  return 3;
}
static spw_str candidate_text(const spw_call *call, size_t i, spw_fact fact) {
  (void)call;
  return str(fact == SPW_C_TIER ? tiers[i] : "");
}
static int32_t exclude(spw_call *call, size_t i, int32_t why, int64_t wait_ms, spw_str reason) {
  (void)call, (void)why, (void)wait_ms, (void)reason;
  out[i] = 1;
  return 0;
}

/* What [policy.pin] keys = ["alice"], tier = "free" would become. */
typedef struct {
  spw_list keys;
  spw_str tier;
} conf;

static void expect(const char *of_key, const char *of_header, int first, int second, int third) {
  const spw_str alice = SPW_STR("alice");
  const conf settings = {{&alice, 1}, SPW_STR("free")};
  const spw_host host = {.size = sizeof host,
                         .text = text,
                         .header = header,
                         .candidates = candidates,
                         .candidate_text = candidate_text,
                         .exclude = exclude};
  spw_call call = {.size = sizeof call, .host = &host, .conf = &settings};
  key = of_key;
  tier_header = of_header;
  memset(out, 0, sizeof out);
  const spw_verdict verdict = SPW_SYMBOL.on_request(&call);
  if (verdict == SPW_NEXT && out[0] == first && out[1] == second && out[2] == third) return;
  printf("key '%s', header '%s': excluded %d %d %d\n", of_key, of_header, out[0], out[1], out[2]);
  ++failures;
}

int main(void) {
  expect("bob", "", 0, 0, 0);
  expect("alice", "", 0, 0, 1);
  expect("bob", "paid", 1, 1, 0);
  expect("alice", "paid", 0, 0, 1); /* a caller cannot leave its pin */
  expect("", "nowhere", 1, 1, 1);
  printf(failures ? "%d failed\n" : "ok\n", failures);
  return failures != 0;
}
