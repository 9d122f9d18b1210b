// Reads a config file and the ones it includes into one tree: tables merge, arrays append, and a value that is set
// twice is a mistake, because nobody could say which one counts. Thread: the loader's.
#pragma once
#include <string>
#include <vector>

#include "conf/source.h"
#include "conf/tree.h"

namespace spillway {

inline constexpr int kIncludeDepthMax = 8;
inline constexpr std::size_t kIncludeFilesMax = 256;

// `file` is an index into the problems' sources. False: some file has syntax errors or cannot be read, so `into` is
// not the whole.
bool read_with_includes(int file, Node& into, Problems& problems);

}  // namespace spillway
