// What the tests of conf/ share: a loaded text's problems as short lines, environment variables, a folder of files.
#pragma once
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "conf/load.h"

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

struct Folder {
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "spillway-conf-XXXXXX").string();
    path = std::string(mkdtemp(pattern.data())) + '/';
  }
  ~Folder() { std::filesystem::remove_all(path); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories(std::filesystem::path(path + name).parent_path());
    std::ofstream(path + name, std::ios::binary) << text;
    return path + name;
  }
  std::string path;
};

inline std::string text_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace spillway
