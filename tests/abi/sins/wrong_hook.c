/* Asks for a request where there is none, and decides where all is decided. Cells: how often it got its way. */
#include "spillway_plugin.h"
static void all(spw_call* call) {
  const spw_host* host = call->host;
  uint64_t* accepted = host->cells(call, SPW_STR("control"), 1);
  if (accepted == NULL) return;
  *accepted += host->reply(call, 200, SPW_STR("a"), SPW_STR("b")) == 0;
  *accepted += host->replay(call, SPW_STR("a"), 0) == 0;
  *accepted += host->capture(call, 100) == 0;
  *accepted += host->ticket(call) != 0;
  *accepted += host->state_lead(call, SPW_STR("k"), NULL, NULL) >= 0;
  *accepted += host->exclude(call, 0, SPW_X_POLICY, 0, SPW_STR("")) == 0;
  *accepted += host->set_rank(call, 0, -100) == 0;
  *accepted += host->set_upstream_header(call, "x-late", SPW_STR("v")) == 0;
  host->print(call, SPW_STR("{}"));
}
static int32_t start(spw_call* call) {
  all(call);
  return call->host->candidates(call) == 0 ? 0 : -1;
}
static void on_content(spw_call* call, size_t i) {
  (void)i;
  all(call);
}
static void on_answer(spw_call* call, const spw_answer* answer) {
  (void)answer;
  all(call);
}
static void on_timer(spw_call* call, uint64_t cookie) {
  (void)cookie;
  all(call);
}
SPW_PLUGIN{.size = sizeof(spw_plugin),
           .name = "wrong_hook",
           .worker_start = start,
           .worker_stop = all,
           .on_content = on_content,
           .on_answer = on_answer,
           .on_end = all,
           .on_timer = on_timer};
