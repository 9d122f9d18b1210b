/* A policy that takes the process along with its first request (row P1 of the fault map). */
#include "spillway_plugin.h"
static spw_verdict on_request(spw_call *call) {
  int *volatile nowhere = (int *)0;
  (void)call;
  *nowhere = 1;
  return SPW_NEXT;
}
SPW_PLUGIN{.size = sizeof(spw_plugin), .name = "crash", .about = "Writes where nothing is.", .on_request = on_request};
