// Who else could have written this shared object? Loading it runs it, with all keys in reach (reliability.md X7).
//
// Only a regular file is loaded, and only if nobody but root and we may have written it: the file itself, its directory
// and every directory above it (there a sticky one like /tmp will do). What is checked is where the path leads;
// that name, free of links, is then loaded, so that nobody can put another file there in between. Thread: the loader's.
#pragma once
#include <string>

#include "base/error.h"

namespace spillway {

// The path without links and `..`, if it may be loaded; otherwise which file or directory is not trusted, and why.
Result<std::string> trusted_plugin_file(const std::string& path);

}  // namespace spillway
