/* No name. */
#include "spillway_plugin.h"
SPW_PLUGIN{.size = sizeof(spw_plugin)};
