// See place.h. Thread: any.
#include "base/place.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <string_view>

#include "base/variable.h"

namespace spillway {
std::string default_state_folder() {
  if (std::string systemd = variable("STATE_DIRECTORY"); !systemd.empty()) {
    return systemd.substr(0, systemd.find(':'));  // may be a list
  }
  // A relative one is invalid by the XDG specification and ignored, as that demands.
  if (const std::string state = variable("XDG_STATE_HOME"); state.starts_with('/')) return state + "/spillway";
  const std::string home = variable("HOME");
  return home.empty() ? std::string() : home + "/.local/state/spillway";
}

std::string default_store_path() {
  const std::string folder = default_state_folder();
  return folder.empty() ? std::string() : folder + "/spillway.db";
}

Status make_directories(const std::string& file) {
  for (std::size_t at = file.find('/', 1); at != std::string::npos; at = file.find('/', at + 1)) {
    const std::string directory = file.substr(0, at);
    if (::mkdir(directory.c_str(), 0700) == 0 || errno == EEXIST) continue;
    const int code = errno;
    struct stat there {};
    if (::stat(directory.c_str(), &there) == 0) continue;  // exists, on a file system we may not write
    return Error{Kind::internal, Source::us, Retry::no, directory + ": " + std::strerror(code)};
  }
  return Nothing{};
}

}  // namespace spillway
