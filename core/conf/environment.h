// The config of whoever has none: made of the keys and addresses of known providers (presets.h) in the environment.
// Thread: main.
#pragma once
#include <string>
#include <vector>

namespace spillway {

// Each provider is a route "NAME/*"; all that its catalogue lists can be asked for by its own name too; one that is
// alone serves every other name; of OpenRouter's free models there is a pool "free".
struct FoundConfig {
  std::vector<std::string> providers;  // empty: nothing is set
  std::string toml;
};
FoundConfig config_of_environment(const std::string& listen, const std::string& admin);  // empty: the usual address
std::string environment_names();  // of the variables that are looked for, for people

}  // namespace spillway
