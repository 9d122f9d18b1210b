#include "base/variable.h"

#include <cstdlib>

namespace spillway {

std::string variable(std::string_view name) {
  const char* value = name.empty() ? nullptr : std::getenv(std::string(name).c_str());
  return value == nullptr ? std::string() : value;
}

}  // namespace spillway
