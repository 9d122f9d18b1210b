/* Waits, and nobody will ever resume it. */
#include "spillway_plugin.h"
static spw_verdict on_request(spw_call* call) { return call->host->ticket(call) != 0 ? SPW_WAIT : SPW_FAIL; }
SPW_PLUGIN{.size = sizeof(spw_plugin), .name = "wait_forever", .on_request = on_request};
