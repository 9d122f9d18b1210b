// Whole files: read with a bound, and replaced so that readers see the old text or the new one, also after a crash.
// Thread: any.
#pragma once
#include <string>
#include <string_view>

#include "base/error.h"

namespace spillway {

// At most `bytes_max` bytes of a regular file or pipe. Kind::config.
Result<std::string> read_file(const std::string& path, std::size_t bytes_max);

// Writes beside `path` and renames; a file that was there keeps its mode, a new one gets 0600. Errors name the path.
Status replace_file(const std::string& path, std::string_view text);

}  // namespace spillway
