/* A count of options without a table. */
#include "spillway_plugin.h"
SPW_PLUGIN{.size = sizeof(spw_plugin), .name = "option_table_missing", .n_options = 3, .conf_size = 64};
