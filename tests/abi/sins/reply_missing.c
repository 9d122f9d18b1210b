/* Says that it replied, and did not. */
#include "spillway_plugin.h"
static spw_verdict on_request(spw_call* call) {
  (void)call;
  return SPW_REPLY;
}
SPW_PLUGIN{.size = sizeof(spw_plugin), .name = "reply_missing", .on_request = on_request};
