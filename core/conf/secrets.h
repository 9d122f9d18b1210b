// Finds out secrets: env:NAME, file:PATH (one trailing line break removed), or the text itself. Thread: the loader's.
#pragma once
#include <string>
#include <string_view>

#include "base/error.h"

namespace spillway {

inline constexpr std::size_t kSecretBytesMax = 8192;

// A relative file: path starts at `folder` (with its '/', or empty). Errors never show the secret.
Result<std::string> find_secret(std::string_view written, const std::string& folder);
bool is_plain_secret(std::string_view written);
// "0644" when group or others may read the file, or write it; empty when not, or when there is no such file.
std::string open_mode(const std::string& path);
// `path` as the process must open it when the config in `folder` says so.
std::string resolve_path(std::string_view path, const std::string& folder);

}  // namespace spillway
