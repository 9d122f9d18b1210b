/* Tries to get paid candidates back into a route that never spills. Cells: how often it succeeded. */
#include "spillway_plugin.h"
static int32_t all_back(spw_call* call) {
  uint64_t* accepted = call->host->cells(call, SPW_STR("control"), 1);
  for (size_t i = 0; i < call->host->candidates(call); ++i) {
    if (call->host->candidate_number(call, i, SPW_C_TIER_INDEX) == 0) continue;
    call->host->exclude(call, i, SPW_X_POLICY, 0, SPW_STR("mine now"));
    call->host->set_rank(call, i, INT64_MIN);
    *accepted += call->host->readmit(call, i) == 0;
  }
  return 1;
}
static spw_verdict on_request(spw_call* call) {
  all_back(call);
  return SPW_NEXT;
}
SPW_PLUGIN{.size = sizeof(spw_plugin), .name = "spills_anyway", .on_request = on_request, .on_exhausted = all_back};
