/* An option that belongs to the host. */
#include "spillway_plugin.h"
static const spw_option options[] = {{"timeout_ms", SPW_MS, 0, "1", 0, 0, "A wait."}};
SPW_PLUGIN{.size = sizeof(spw_plugin), .name = "option_host", .options = options, .n_options = 1, .conf_size = 8};
