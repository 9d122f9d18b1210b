#include "policy/plugin_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

namespace spillway {

namespace {

Error mistrust(std::string why) { return {Kind::config, Source::us, Retry::no, std::move(why)}; }

Error unreachable(int number) {
  return mistrust(number == ENOENT || number == ENOTDIR ? "there is no such file" : std::strerror(number));
}

std::string_view kind_of(mode_t mode) {
  if (S_ISLNK(mode)) return "a symbolic link";
  if (S_ISDIR(mode)) return "a directory";
  if (S_ISFIFO(mode)) return "a FIFO";
  if (S_ISSOCK(mode)) return "a socket";
  return "a device";
}

bool may_be_written(const struct stat& found) { return (found.st_mode & (S_IWGRP | S_IWOTH)) != 0; }
bool foreign(const struct stat& found) { return found.st_uid != 0 && found.st_uid != ::geteuid(); }

// "owner 1000, mode 0664": what `what` has, and what it should have.
Error untrusted(const std::string& what, const struct stat& found) {
  char state[64];
  std::snprintf(state, sizeof state, "has owner %u and mode %04o", found.st_uid, found.st_mode & 07777u);
  return mistrust("is not loaded, because others could change it: " + what + ' ' + state +
                  "; it must belong to root or to user " + std::to_string(::geteuid()) +
                  ", and neither group nor others may write it");
}

// The directory and all above it, from the inside out.
Status check_directories(std::string directory) {
  for (bool innermost = true;; innermost = false) {
    struct stat found {};
    if (::lstat(directory.c_str(), &found) != 0) return unreachable(errno);
    const bool sticky = !innermost && (found.st_mode & S_ISVTX) != 0;
    if (foreign(found) || (may_be_written(found) && !sticky)) return untrusted(directory, found);
    if (directory == "/") return Nothing{};
    directory.resize(std::max<std::size_t>(directory.rfind('/'), 1));
  }
}

}  // namespace

Result<std::string> trusted_plugin_file(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const std::string written = slash == path.npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
  const std::string name = path.substr(slash + 1);  // npos + 1 is 0
  if (name.empty() || name == "." || name == "..") return mistrust("is a directory, not a regular file");
  const std::unique_ptr<char, void (*)(void*)> directory(::realpath(written.c_str(), nullptr), std::free);
  if (directory == nullptr) return unreachable(errno);
  const std::string real = directory.get() + std::string(directory.get()[1] == '\0' ? "" : "/") + name;
  struct stat found {};
  if (::lstat(real.c_str(), &found) != 0) return unreachable(errno);
  if (!S_ISREG(found.st_mode)) {
    return mistrust("is " + std::string(kind_of(found.st_mode)) + ", not a regular file" +
                    (S_ISLNK(found.st_mode) ? "; give the path it leads to" : ""));
  }
  if (foreign(found) || may_be_written(found)) return untrusted(real, found);
  if (const Status checked = check_directories(directory.get()); !checked) return checked.error();
  return real;
}

}  // namespace spillway
