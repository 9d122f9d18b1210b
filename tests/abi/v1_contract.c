/* A plugin that knows version 1 of the ABI and nothing later: built against a frozen copy of its header. It uses a bit
 * of everything and puts what it found into cells, so that the test sees that an old plugin works on this host. */
#include <string.h>
#include "spillway_plugin_v1_frozen.h"

typedef struct {
  int32_t flag;
  int64_t count, wait_ms;
  double share;
  spw_str text;
  spw_list texts;
} contract_conf;
typedef struct {
  uint64_t requests;
  spw_call* last;
} contract_worker;
typedef struct {
  uint64_t seen, waited;
} contract_request;

static const spw_option options[] = {
    {"flag", SPW_BOOL, offsetof(contract_conf, flag), "true", 0, 0, "A flag."},
    {"count", SPW_INT, offsetof(contract_conf, count), "7", 1, 100, "A count."},
    {"wait_ms", SPW_MS, offsetof(contract_conf, wait_ms), "2500", 0, 60000, "A wait."},
    {"share", SPW_NUM, offsetof(contract_conf, share), "0.25", 0, 1, "A share."},
    {"text", SPW_TEXT, offsetof(contract_conf, text), "\"hello\"", 1, 20, "A text."},
    {"texts", SPW_TEXTS, offsetof(contract_conf, texts), "[\"a\", \"b\"]", 0, 0, "Texts."},
};
static const spw_counter counters[] = {{"contract_requests_total", "Requests seen.", 0},
                                       {"contract_level", "A level.", 1}};

/* One cell per hook; bit 0 of `wrong` is the first check that failed, and so on. */
enum {
  STARTED,
  REQUESTS,
  RESUMES,
  ATTEMPTS,
  CONTENTS,
  OUTCOMES,
  EXHAUSTED,
  ANSWERS,
  ENDS,
  TIMERS,
  FETCHES,
  WRONG,
  CELLS
};
static uint64_t* cells(spw_call* call) { return call->host->cells(call, SPW_STR("seen"), CELLS); }
static void tick(spw_call* call, int which) { ++cells(call)[which]; }
static void expect(spw_call* call, int bit, int holds) {
  if (!holds) cells(call)[WRONG] |= (uint64_t)1 << bit;
}
static int is(spw_str s, const char* text) { return s.len == strlen(text) && memcmp(s.ptr, text, s.len) == 0; }

static int32_t worker_start(spw_call* call) {
  const contract_conf* conf = call->conf;
  spw_str value;
  tick(call, STARTED);
  expect(call, 0, conf->flag == 1 && conf->count == 9 && conf->wait_ms == 2500 && conf->share == 0.25);
  expect(call, 1, is(conf->text, "hello") && conf->texts.len == 2 && is(conf->texts.ptr[1], "b"));
  expect(call, 2, call->request == NULL && call->worker != NULL && ((uintptr_t)call->worker & 15) == 0);
  expect(call, 3, SPW_HAS(call->host, print) && SPW_HAS(call, internal));
  expect(call, 4, call->host->load(call, SPW_STR("never saved"), &value) == 0);
  expect(call, 5, call->host->state_bytes(call, 1 << 20) == 0 && call->host->timer(call, 1000, 42) == 0);
  return 0;
}

static spw_verdict on_request(spw_call* call) {
  const spw_host* host = call->host;
  contract_request* request = call->request;
  spw_str value;
  uint8_t digest[32];
  tick(call, REQUESTS);
  ++((contract_worker*)call->worker)->requests;
  expect(call, 6, request->seen == 0 && ((uintptr_t)request & 15) == 0);
  request->seen = 1;
  expect(call, 7, is(host->text(call, SPW_MODEL), "primary") && host->number(call, SPW_STREAM) == 1);
  expect(call, 8, is(host->header(call, "x-contract"), "yes"));
  expect(call, 9, host->candidates(call) == 3 && is(host->candidate_text(call, 1, SPW_C_PROVIDER), "b"));
  expect(call, 10,
         host->candidate_number(call, 0, SPW_C_TOOLS) == -1 && host->candidate_real(call, 0, SPW_C_WEIGHT) == 1);
  expect(call, 11, host->exclude(call, 0, SPW_X_QUOTA, 5000, SPW_STR("contract")) == 0 && host->readmit(call, 0) == 0);
  expect(call, 12, host->set_rank(call, 2, -1) == 0 && host->set_weight(call, 2, 2) == 0);
  expect(call, 13,
         host->set_upstream_header(call, "x-up", SPW_STR("1")) == 0 && host->note(call, "contract", SPW_STR("n")) == 0);
  expect(call, 14, host->capture(call, 1 << 20) == 0 && host->fingerprint(call, (spw_list){NULL, 0}, digest) == 0);
  expect(call, 15, host->state_put(call, SPW_STR("k"), SPW_STR("v"), 1000) == 0);
  expect(call, 16, host->state_get(call, SPW_STR("k"), &value, NULL) == 1 && is(value, "v"));
  expect(call, 17, host->candidate_cells(call, 0, SPW_SCOPE_ACCOUNT, 2) != NULL);
  expect(call, 18, host->now_us(call) > 0 && host->wall_ms(call) > 0);
  host->random(call);
  host->count(call, 0, 1);
  host->count(call, 1, -3);
  host->log(call, 3, SPW_STR("contract"));
  if (host->number(call, SPW_TOOLS) != 0) {
    const uint64_t ticket = host->ticket(call);
    request->waited = ticket;
    expect(call, 19, ticket != 0 && host->resume(ticket, request) == 1 && host->resume(ticket, request) == 0);
    return SPW_WAIT;
  }
  return SPW_NEXT;
}

static spw_verdict on_resume(spw_call* call, void* result) {
  tick(call, RESUMES);
  expect(call, 20, result == call->request && call->host->resume(((contract_request*)result)->waited, NULL) == 0);
  return SPW_NEXT;
}
static int32_t on_attempt(spw_call* call, size_t i) {
  tick(call, ATTEMPTS);
  if (i == 0) return 0;
  call->host->exclude(call, i, SPW_X_POLICY, -1, SPW_STR("only the first"));
  return -1;
}
static void on_content(spw_call* call, size_t i) {
  (void)i;
  tick(call, CONTENTS);
}
static void on_outcome(spw_call* call, const spw_outcome* outcome) {
  tick(call, OUTCOMES);
  expect(call, 21, SPW_HAS(outcome, content_seen) && outcome->candidate == 0 && outcome->error == SPW_E_TRANSIENT);
}
static int32_t on_exhausted(spw_call* call) {
  tick(call, EXHAUSTED);
  return call->host->readmit(call, 1) == 0;
}
static void on_answer(spw_call* call, const spw_answer* answer) {
  tick(call, ANSWERS);
  expect(call, 22, SPW_HAS(answer, blob) && is(answer->blob, "blob"));
}
static void on_end(spw_call* call) { tick(call, ENDS); }
static void on_timer(spw_call* call, uint64_t cookie) {
  tick(call, TIMERS);
  expect(call, 23, cookie == 42 && call->host->save(call, SPW_STR("k"), SPW_STR("v")) == 0);
  expect(call, 24,
         call->host->fetch(call, SPW_STR("GET"), SPW_STR("http://127.0.0.1/"), SPW_STR(""), SPW_STR(""), 100, 0) == 0);
}
static void on_fetched(spw_call* call, const spw_fetched* fetched) {
  tick(call, FETCHES);
  expect(call, 25, SPW_HAS(fetched, body) && fetched->status == 204);
}
static void status(spw_call* call) { call->host->print(call, SPW_STR("{\"contract\":1}")); }

SPW_PLUGIN{
    .size = sizeof(spw_plugin),
    .name = "v1_contract",
    .about = "Uses version 1 and nothing later.",
    .options = options,
    .n_options = sizeof options / sizeof *options,
    .counters = counters,
    .n_counters = 2,
    .conf_size = sizeof(contract_conf),
    .worker_size = sizeof(contract_worker),
    .request_size = sizeof(contract_request),
    .worker_start = worker_start,
    .on_request = on_request,
    .on_resume = on_resume,
    .on_attempt = on_attempt,
    .on_content = on_content,
    .on_outcome = on_outcome,
    .on_exhausted = on_exhausted,
    .on_answer = on_answer,
    .on_end = on_end,
    .on_timer = on_timer,
    .on_fetched = on_fetched,
    .status = status,
};
