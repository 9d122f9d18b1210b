/* One of two that have the same name. */
#include "spillway_plugin.h"
SPW_PLUGIN{.size = sizeof(spw_plugin), .name = "twin"};
