// Reads, checks and prints configs. toml++ only in load.cc's folder.
//
// All mistakes are reported at once, as compilers do: `file:line:col: error: [limits] idel_ms: unknown option (did you
// mean idle_ms?)` followed by the line and a caret. Secrets are resolved here: env:NAME, file:PATH (one trailing line
// break removed); a plain secret in the file is a warning, vault: is refused until it exists.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "conf/config.h"

namespace spillway {

struct Problem {
  bool warning = false;
  std::string file;
  Place place;
  std::string message;
  std::string line_text;  // the source line, for the caret
};
std::string to_text(const Problem& problem, bool colour);
// A mistake that only a higher floor can see, at a Place of this config: fills in the file and its line.
Problem problem_at(const Config& config, const Place& place, std::string message, bool warning = false);

struct Loaded {
  Config config;
  std::vector<Problem> problems;
  bool ok() const;  // no problem but warnings
};
Loaded load_config(const std::string& path);
Loaded load_config_text(std::string_view toml, const std::string& path);  // `path` for messages and relative includes

// conf/reference.toml: every option, commented, with its default, range and sentence.
std::string config_reference();

// What `[policy.NAME]` may hold, as the plugin's table says. Used by policy/ so that plugins get the core's messages.
struct OptionRow {
  std::string name, about, fallback;
};

}  // namespace spillway
