/* Calls a function that nobody has: found when it is loaded, not in a request. */
#include "spillway_plugin.h"
extern int spillway_nobody_has_this(void);
static int32_t start(spw_call *call) { return call->request == NULL ? spillway_nobody_has_this() : 0; }
SPW_PLUGIN{.size = sizeof(spw_plugin), .name = "undefined_symbol", .worker_start = start};
