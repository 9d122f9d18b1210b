/* Good in itself; a config without `url` is not. */
#include "spillway_plugin.h"
static const spw_option options[] = {{"url", SPW_TEXT, 0, NULL, 1, 100, "Where to ask."}};
SPW_PLUGIN{.size = sizeof(spw_plugin),
           .name = "option_required",
           .options = options,
           .n_options = 1,
           .conf_size = sizeof(spw_str)};
