/* Does not come back for a while: the test moves the clock by 40 ms at each reading, and one more is made here. */
#include "spillway_plugin.h"
static spw_verdict on_request(spw_call* call) {
  call->host->now_us(call);
  return SPW_NEXT;
}
SPW_PLUGIN{.size = sizeof(spw_plugin), .name = "slow", .on_request = on_request};
