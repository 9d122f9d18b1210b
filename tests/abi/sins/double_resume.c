/* Resumes twice, from within the hook that took the ticket. Cells: accepted, stale, on_resume calls. */
#include "spillway_plugin.h"
static uint64_t* cells(spw_call* call) { return call->host->cells(call, SPW_STR("control"), 3); }
static spw_verdict on_request(spw_call* call) {
  const uint64_t ticket = call->host->ticket(call);
  for (int i = 0; i < 2; ++i) ++cells(call)[call->host->resume(ticket, NULL) == 1 ? 0 : 1];
  return SPW_WAIT;
}
static spw_verdict on_resume(spw_call* call, void* result) {
  (void)result;
  ++cells(call)[2];
  return SPW_NEXT;
}
SPW_PLUGIN{.size = sizeof(spw_plugin), .name = "double_resume", .on_request = on_request, .on_resume = on_resume};
