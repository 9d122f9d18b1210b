/* Candidates, counters and scopes that are not there. */
#include "spillway_plugin.h"
static void poke(spw_call* call) {
  const spw_host* host = call->host;
  const size_t bad[] = {host->candidates(call), SIZE_MAX, SIZE_MAX / 2, (size_t)1 << 32};
  for (size_t k = 0; k < sizeof bad / sizeof *bad; ++k) {
    host->candidate_text(call, bad[k], SPW_C_PROVIDER);
    host->candidate_number(call, bad[k], SPW_C_RANK);
    host->candidate_real(call, bad[k], SPW_C_WEIGHT);
    host->exclude(call, bad[k], SPW_X_POLICY, 0, SPW_STR("x"));
    host->readmit(call, bad[k]);
    host->set_rank(call, bad[k], 1);
    host->set_weight(call, bad[k], 1);
    host->candidate_cells(call, bad[k], SPW_SCOPE_KEY, 1);
    host->count(call, bad[k], 1);
  }
  host->candidate_cells(call, 0, 99, 1);
  host->candidate_cells(call, 0, -1, 1);
  host->candidate_text(call, 0, -1);
  host->text(call, INT32_MAX);
  host->number(call, INT32_MIN);
}
static spw_verdict on_request(spw_call* call) {
  poke(call);
  return SPW_NEXT;
}
static int32_t on_attempt(spw_call* call, size_t i) {
  (void)i;
  poke(call);
  return 0;
}
SPW_PLUGIN{.size = sizeof(spw_plugin),
           .name = "bad_index",
           .on_request = on_request,
           .on_attempt = on_attempt,
           .on_end = poke};
