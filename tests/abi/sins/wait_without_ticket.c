/* Waits for nothing. */
#include "spillway_plugin.h"
static spw_verdict on_request(spw_call* call) {
  (void)call;
  return SPW_WAIT;
}
SPW_PLUGIN{.size = sizeof(spw_plugin), .name = "wait_without_ticket", .on_request = on_request};
