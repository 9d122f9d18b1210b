/* Verdicts that do not exist, from every hook that has one. */
#include "spillway_plugin.h"
static spw_verdict on_request(spw_call* call) {
  (void)call;
  return 12345;
}
static int32_t on_exhausted(spw_call* call) {
  (void)call;
  return -99;
}
SPW_PLUGIN{
    .size = sizeof(spw_plugin), .name = "garbage_verdict", .on_request = on_request, .on_exhausted = on_exhausted};
