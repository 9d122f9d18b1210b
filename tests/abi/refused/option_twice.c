/* The same option twice. */
#include "spillway_plugin.h"
static const spw_option options[] = {{"n", SPW_INT, 0, "1", 0, 0, "A."}, {"n", SPW_INT, 8, "1", 0, 0, "B."}};
SPW_PLUGIN{.size = sizeof(spw_plugin), .name = "option_twice", .options = options, .n_options = 2, .conf_size = 16};
