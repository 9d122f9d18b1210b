/* A counter that could not be in /metrics. */
#include "spillway_plugin.h"
static const spw_counter counters[] = {{"hits{total}", "Hits.", 0}};
SPW_PLUGIN{.size = sizeof(spw_plugin), .name = "counter_bad", .counters = counters, .n_counters = 1};
