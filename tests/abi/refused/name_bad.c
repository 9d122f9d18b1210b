/* A name that no config key could be. */
#include "spillway_plugin.h"
SPW_PLUGIN{.size = sizeof(spw_plugin), .name = "Bad Name!"};
