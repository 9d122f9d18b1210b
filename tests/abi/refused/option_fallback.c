/* A default that is not of its type. */
#include "spillway_plugin.h"
static const spw_option options[] = {{"n", SPW_INT, 0, "soon", 0, 0, "A number."}};
SPW_PLUGIN{.size = sizeof(spw_plugin), .name = "option_fallback", .options = options, .n_options = 1, .conf_size = 8};
