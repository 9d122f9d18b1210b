/* A descriptor that ends before its block sizes. */
#include "spillway_plugin.h"
SPW_PLUGIN{.size = 16, .name = "size_small"};
