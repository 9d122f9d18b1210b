// What the tests of conf/ share: a loaded text's problems as short lines, environment variables, a folder of files.
#pragma once
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "conf/load.h"
#include "support/folder.h"

namespace spillway {

// "3:9 message", with "warning: " in front of warnings.
inline std::vector<std::string> lines_of(const Loaded& loaded) {
  std::vector<std::string> lines;
  for (const Problem& p : loaded.problems) {
    lines.push_back(std::to_string(p.place.line) + ':' + std::to_string(p.place.column) + ' ' +
                    (p.warning ? "warning: " : "") + p.message);
  }
  return lines;
}

inline std::vector<std::string> mistakes_in(const std::string& toml) {
  return lines_of(load_config_text(toml, "t.toml"));
}

// Two sections that make any config whole. Three lines, so that a test's text begins at line 4.
inline const std::string kWhole =
    "route = [{ model = \"*\", targets = [{ provider = \"up\" }] }]\n"
    "provider = [{ name = \"up\", base_url = \"http://127.0.0.1:9000/v1\" }]\n\n";

struct Variable {
  Variable(const char* n, const char* value) : name(n) { setenv(n, value, 1); }
  ~Variable() { unsetenv(name); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;
  const char* name;
};

}  // namespace spillway
