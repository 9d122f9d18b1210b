// Patterns of names: '*' stands for any run of characters, everything else for itself. Thread: any.
#pragma once
#include <string_view>

namespace spillway {

// In time proportional to the product of the lengths at worst.
bool matches(std::string_view pattern, std::string_view text);

}  // namespace spillway
