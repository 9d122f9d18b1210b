// What can only be seen with the whole config in hand: names that must be unique or must exist, addresses that clash,
// ports open to everybody. Tree and config are walked side by side, for the places. Thread: the loader's.
#pragma once
#include "conf/config.h"
#include "conf/source.h"
#include "conf/tree.h"

namespace spillway {

void check_config(const Node& root, const Config& config, Problems& problems);

}  // namespace spillway
