/* A default outside of its own range. */
#include "spillway_plugin.h"
static const spw_option options[] = {{"n", SPW_INT, 0, "5", 10, 20, "A number."}};
SPW_PLUGIN{.size = sizeof(spw_plugin), .name = "option_range", .options = options, .n_options = 1, .conf_size = 8};
