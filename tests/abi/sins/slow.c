/* Does not come back for a while: 60 readings of a clock that the test moves a millisecond each. */
#include "spillway_plugin.h"
static spw_verdict on_request(spw_call* call) {
  for (int i = 0; i < 60; ++i) call->host->now_us(call);
  return SPW_NEXT;
}
SPW_PLUGIN{.size = sizeof(spw_plugin), .name = "slow", .on_request = on_request};
