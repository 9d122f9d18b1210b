/* Says it is a whole descriptor; the symbol has two words. */
#include <stddef.h>
const size_t spillway_plugin_v1[2] = {200, 0};
