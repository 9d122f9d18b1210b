/* Nothing this large was ever a descriptor. */
#include "spillway_plugin.h"
SPW_PLUGIN{.size = (size_t)1 << 40, .name = "size_absurd"};
