// "Did you mean": names near a misspelt one, nearest first, by edit distance (at most a third of its length).
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace spillway {
std::vector<std::string> nearest(std::string_view name, const std::vector<std::string>& known, std::size_t most = 3);
}  // namespace spillway
