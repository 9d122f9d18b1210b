/* Loads, and then does not want to. */
#include "spillway_plugin.h"
static int32_t start(spw_call *call) {
  call->host->log(call, 0, SPW_STR("the moon is in the wrong phase"));
  return -1;
}
SPW_PLUGIN{.size = sizeof(spw_plugin), .name = "start_refuses", .worker_start = start};
