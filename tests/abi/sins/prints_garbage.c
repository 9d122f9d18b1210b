/* A status that is no JSON, and too much of it. */
#include "spillway_plugin.h"
static void status(spw_call* call) {
  call->host->print(call, SPW_STR("}{\"\xff\n"));
  for (int i = 0; i < 3; ++i) call->host->print(call, (spw_str){"x", SIZE_MAX / 2});
}
SPW_PLUGIN{.size = sizeof(spw_plugin), .name = "prints_garbage", .status = status};
