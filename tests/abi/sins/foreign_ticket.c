/* Resumes tickets it made up, and fetches for them. Cells: accepted. */
#include "spillway_plugin.h"
static spw_verdict on_request(spw_call* call) {
  const uint64_t mine = call->host->ticket(call);
  uint64_t* accepted = call->host->cells(call, SPW_STR("control"), 1);
  const uint64_t guesses[] = {
      0, 1, UINT64_MAX, mine + 1, mine - 1, mine ^ ((uint64_t)1 << 56), mine + ((uint64_t)1 << 32)};
  for (size_t i = 0; i < sizeof guesses / sizeof *guesses; ++i) {
    if (guesses[i] == mine) continue;
    *accepted += call->host->resume(guesses[i], NULL) == 1;
    if (guesses[i] == 0) continue;
    *accepted += call->host->fetch(call, SPW_STR("GET"), SPW_STR("http://127.0.0.1:1/"), SPW_STR(""), SPW_STR(""), 100,
                                   guesses[i]) == 0;
  }
  return SPW_NEXT;
}
SPW_PLUGIN{.size = sizeof(spw_plugin), .name = "foreign_ticket", .on_request = on_request};
