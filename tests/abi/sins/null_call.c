/* Forgets to pass its call. */
#include "spillway_plugin.h"
static spw_verdict on_request(spw_call* call) {
  const spw_host* host = call->host;
  host->text(NULL, SPW_MODEL);
  host->candidates(NULL);
  host->exclude(NULL, 0, SPW_X_POLICY, 0, SPW_STR(""));
  host->reply(NULL, 200, SPW_STR("a"), SPW_STR("b"));
  host->count(NULL, 0, 1);
  host->log(NULL, 0, SPW_STR("who am I"));
  host->print(NULL, SPW_STR("{}"));
  spw_call blank = {0};
  host->now_us(&blank);
  host->ticket(&blank);
  return SPW_NEXT;
}
SPW_PLUGIN{.size = sizeof(spw_plugin), .name = "null_call", .on_request = on_request};
