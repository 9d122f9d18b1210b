/* Refuses every candidate without saying why, and claims to have readmitted one. */
#include "spillway_plugin.h"
static int32_t on_attempt(spw_call* call, size_t i) {
  (void)call, (void)i;
  return -1;
}
static int32_t on_exhausted(spw_call* call) {
  (void)call;
  return 1;
}
SPW_PLUGIN{
    .size = sizeof(spw_plugin), .name = "denies_silently", .on_attempt = on_attempt, .on_exhausted = on_exhausted};
