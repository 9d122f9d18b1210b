/* An option that would be written behind the conf struct. */
#include "spillway_plugin.h"
static const spw_option options[] = {{"n", SPW_INT, 4096, "1", 0, 0, "A number."}};
SPW_PLUGIN{.size = sizeof(spw_plugin), .name = "option_offset", .options = options, .n_options = 1, .conf_size = 8};
