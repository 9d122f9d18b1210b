/* An option of a type this host does not know. */
#include "spillway_plugin.h"
static const spw_option options[] = {{"n", 77, 0, "1", 0, 0, "A number."}};
SPW_PLUGIN{.size = sizeof(spw_plugin), .name = "option_type", .options = options, .n_options = 1, .conf_size = 8};
