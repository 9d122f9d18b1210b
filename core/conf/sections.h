// Which sections a config has, and the reading of each. Thread: the loader's.
#pragma once
#include "conf/config.h"
#include "conf/reader.h"
#include "conf/tree.h"

namespace spillway {

void read_sections(const Node& root, Config& config, Reader& reader);

}  // namespace spillway
