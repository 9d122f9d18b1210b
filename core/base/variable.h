// Environment variables. Thread: any, as long as nobody sets one; nobody here does.
#pragma once
#include <string>
#include <string_view>

namespace spillway {

// Empty for one that is not set, too, and for no name.
std::string variable(std::string_view name);

}  // namespace spillway
