/* Asks a URL before it answers, and ticks once: exercises fetch, waiting, timers and counters in the real host. */
#include "spillway_plugin.h"

typedef struct {
  spw_str url;
} ask_conf;

static const spw_option options[] = {{"url", SPW_TEXT, offsetof(ask_conf, url), NULL, 1, 500, "What to ask."}};
static const spw_counter counters[] = {{"ask_ticks_total", "Timers that fired.", 0},
                                       {"ask_size", "Bytes of the last answer.", 1}};

static int32_t worker_start(spw_call *call) { return call->host->timer(call, 20, 7); }

static void on_timer(spw_call *call, uint64_t cookie) {
  if (cookie == 7) call->host->count(call, 0, 1);
}

static spw_verdict on_request(spw_call *call) {
  const ask_conf *conf = call->conf;
  const uint64_t ticket = call->host->ticket(call);
  const spw_str headers = SPW_STR("x-from: ask\n"), body = SPW_STR("");
  const int32_t sent = call->host->fetch(call, SPW_STR("GET"), conf->url, headers, body, 2000, ticket);
  return sent == 0 ? SPW_WAIT : SPW_FAIL;
}

static spw_verdict on_resume(spw_call *call, void *result) {
  const spw_fetched *fetched = result;
  call->host->count(call, 1, (int64_t)fetched->body.len);
  if (fetched->status != 200) return SPW_NEXT; /* whoever answers it then */
  return call->host->reply(call, 200, SPW_STR("application/json"), fetched->body) == 0 ? SPW_REPLY : SPW_FAIL;
}

static void status(spw_call *call) { call->host->print(call, SPW_STR("{\"asks\":true}")); }

SPW_PLUGIN{
    .size = sizeof(spw_plugin),
    .name = "ask",
    .about = "Asks a URL and answers with what it says.",
    .options = options,
    .n_options = 1,
    .counters = counters,
    .n_counters = 2,
    .conf_size = sizeof(ask_conf),
    .worker_start = worker_start,
    .on_request = on_request,
    .on_resume = on_resume,
    .on_timer = on_timer,
    .status = status,
};
