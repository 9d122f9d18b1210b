/* The smallest policy there is. */
#include "spillway_plugin.h"
SPW_PLUGIN{.size = sizeof(spw_plugin), .name = "noop", .about = "Does nothing."};
