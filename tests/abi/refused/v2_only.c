/* Built against a later ABI: the only symbol is one this host does not know. */
#include <stddef.h>
const size_t spillway_plugin_v2[64] = {sizeof(size_t) * 64};
