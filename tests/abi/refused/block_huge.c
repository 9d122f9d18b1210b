/* Wants a gigabyte for every request. */
#include "spillway_plugin.h"
SPW_PLUGIN{.size = sizeof(spw_plugin), .name = "block_huge", .request_size = (size_t)1 << 30};
