/* The author forgot `size`. */
#include "spillway_plugin.h"
SPW_PLUGIN{.name = "size_zero"};
