/* Lengths that cannot be, with and without a pointer. Cells: how often one was accepted. */
#include "spillway_plugin.h"
static spw_verdict on_request(spw_call* call) {
  const spw_host* host = call->host;
  uint64_t* accepted = host->cells(call, SPW_STR("control"), 1);
  const spw_str bad[] = {{"x", SIZE_MAX}, {"x", (size_t)1 << 62}, {NULL, 1}, {NULL, SIZE_MAX}};
  const spw_str ok = SPW_STR("x");
  uint8_t digest[32];
  spw_str value;
  for (size_t k = 0; k < sizeof bad / sizeof *bad; ++k) {
    const spw_str s = bad[k];
    *accepted += host->reply(call, 200, s, ok) == 0;
    *accepted += host->reply(call, 200, ok, s) == 0;
    *accepted += host->replay(call, s, 0) == 0;
    *accepted += host->set_upstream_header(call, "x-a", s) == 0;
    *accepted += host->set_answer_header(call, "x-a", s) == 0;
    *accepted += host->note(call, "a", s) == 0;
    *accepted += host->fingerprint(call, (spw_list){&s, 1}, digest) == 0;
    *accepted += host->fingerprint(call, (spw_list){NULL, SIZE_MAX}, digest) == 0;
    *accepted += host->cells(call, s, 1) != NULL;
    *accepted += host->state_get(call, s, &value, NULL) >= 0;
    *accepted += host->state_lead(call, s, &value, NULL) >= 0;
    *accepted += host->state_put(call, s, ok, 1000) == 0;
    *accepted += host->state_put(call, ok, s, 1000) == 0;
    *accepted += host->state_drop(call, s) == 0;
    *accepted += host->save(call, s, ok) == 0;
    *accepted += host->save(call, ok, s) == 0;
    *accepted += host->fetch(call, s, ok, ok, ok, 100, 0) == 0;
    *accepted += host->fetch(call, ok, s, ok, ok, 100, 0) == 0;
    *accepted += host->fetch(call, ok, ok, s, ok, 100, 0) == 0;
    *accepted += host->fetch(call, ok, ok, ok, s, 100, 0) == 0;
  }
  return SPW_NEXT;
}
static void on_fetched(spw_call* call, const spw_fetched* fetched) { (void)call, (void)fetched; }
SPW_PLUGIN{.size = sizeof(spw_plugin), .name = "huge_strings", .on_request = on_request, .on_fetched = on_fetched};
