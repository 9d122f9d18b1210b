/* Keeps its call and answers when the request is over. Cells: how often that was accepted. */
#include "spillway_plugin.h"
static void late(spw_call* call, spw_call* kept) {
  if (kept == NULL) return;
  uint64_t* accepted = call->host->cells(call, SPW_STR("control"), 1);
  *accepted += kept->host->reply(kept, 200, SPW_STR("text/plain"), SPW_STR("too late")) == 0;
  *accepted += kept->host->replay(kept, SPW_STR("too late"), 0) == 0;
  *accepted += kept->host->exclude(kept, 0, SPW_X_POLICY, -1, SPW_STR("too late")) == 0;
  *accepted += kept->host->ticket(kept) != 0;
}
static spw_verdict on_request(spw_call* call) {
  *(spw_call**)call->worker = call;
  return SPW_NEXT;
}
static void on_end(spw_call* call) { late(call, *(spw_call**)call->worker); }
static void on_timer(spw_call* call, uint64_t cookie) {
  (void)cookie;
  late(call, *(spw_call**)call->worker);
}
SPW_PLUGIN{.size = sizeof(spw_plugin),
           .name = "reply_after_end",
           .worker_size = sizeof(spw_call*),
           .on_request = on_request,
           .on_end = on_end,
           .on_timer = on_timer};
