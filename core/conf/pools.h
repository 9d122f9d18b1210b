// [catalog] and [pool.NAME], whose members come from a catalogue. Thread: the loader's.
#pragma once
#include "conf/reader.h"

namespace spillway {

void read_pools(const Node& root, Config& config, Reader& reader);
void check_pools(const Node& root, const Config& config, Problems& problems);

}  // namespace spillway
