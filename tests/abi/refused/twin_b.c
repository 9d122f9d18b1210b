/* The other one. */
#include "spillway_plugin.h"
SPW_PLUGIN{.size = sizeof(spw_plugin), .name = "twin"};
