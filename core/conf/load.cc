// From a file to a Config: read with includes, move values into members, resolve secrets, check the whole.
//
// Thread: the caller's; nothing is kept between two loads but the secrets registered for redaction.
#include "conf/load.h"

#include <algorithm>

#include "base/file.h"
#include "conf/checks.h"
#include "conf/include.h"
#include "conf/sections.h"

namespace spillway {

bool Loaded::ok() const {
  return std::all_of(problems.begin(), problems.end(), [](const Problem& problem) { return problem.warning; });
}

Loaded load_config_text(std::string_view toml, const std::string& path) {
  Loaded loaded;
  loaded.config.path = path;
  Problems problems(loaded.config.sources);
  const int file = problems.add_source({path, std::string(toml)});
  if (toml.size() > kFileBytesMax) {
    problems.error({0, 0, file}, "is larger than " + std::to_string(kFileBytesMax) + " bytes");
    loaded.problems = problems.take();
    return loaded;
  }
  Node root;
  const bool whole = read_with_includes(file, root, problems);
  Reader reader(problems, !whole);
  read_sections(root, loaded.config, reader);
  // After a syntax error half of what these checks look for may just be unreadable.
  if (whole) check_config(root, loaded.config, problems);
  loaded.problems = problems.take();
  return loaded;
}

Loaded load_config(const std::string& path) {
  Result<std::string> text = read_file(path, kFileBytesMax);
  if (text) return load_config_text(*text, path);
  Loaded loaded;
  loaded.config.path = path;
  loaded.problems.push_back({false, path, {}, text.error().detail, {}});
  return loaded;
}

}  // namespace spillway
