/* Leads a key that others wait for, and never makes it. */
#include "spillway_plugin.h"
static spw_verdict ask(spw_call* call) {
  return call->host->state_lead(call, SPW_STR("k"), NULL, NULL) == 2 ? SPW_WAIT : SPW_NEXT;
}
static spw_verdict on_resume(spw_call* call, void* result) {
  (void)result;
  return ask(call);
}
SPW_PLUGIN{.size = sizeof(spw_plugin), .name = "leads_and_forgets", .on_request = ask, .on_resume = on_resume};
