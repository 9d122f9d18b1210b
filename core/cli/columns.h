// Lines of words as columns, each as wide as its widest word. Thread: any.
#pragma once
#include <string>
#include <vector>

namespace spillway {

// Each line ends where its last word does.
std::string in_columns(const std::vector<std::vector<std::string>>& lines);

}  // namespace spillway
