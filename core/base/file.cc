#include "base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

namespace spillway {

namespace {

Error failed(const std::string& path, int code) {
  return {Kind::internal, Source::us, Retry::no, path + ": " + std::strerror(code)};
}

Error unreadable(std::string detail) { return {Kind::config, Source::us, Retry::no, std::move(detail)}; }

// 0, or why not.
int write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(fd, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno;
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  return ::fsync(fd) == 0 ? 0 : errno;
}

}  // namespace

Result<std::string> read_file(const std::string& path, std::size_t bytes_max) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "re"), std::fclose);
  if (file == nullptr) return unreadable("cannot read " + path + ": " + std::strerror(errno));
  std::string text;
  char piece[16 * 1024];
  while (text.size() <= bytes_max) {
    const std::size_t n = std::fread(piece, 1, std::min(sizeof piece, bytes_max + 1 - text.size()), file.get());
    if (n == 0) break;
    text.append(piece, n);
  }
  if (std::ferror(file.get()) != 0) return unreadable("cannot read " + path + ": " + std::strerror(errno));
  if (text.size() > bytes_max) return unreadable(path + " is larger than " + std::to_string(bytes_max) + " bytes");
  return text;
}

Status replace_file(const std::string& path, std::string_view text) {
  struct stat there {};
  const mode_t mode = ::stat(path.c_str(), &there) == 0 ? there.st_mode & 07777 : 0600;
  const std::string beside = path + ".new." + std::to_string(::getpid());
  const int fd = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return failed(beside, errno);
  int code = write_all(fd, text);
  if (code == 0 && ::fchmod(fd, mode) != 0) code = errno;
  if (::close(fd) != 0 && code == 0) code = errno;
  if (code == 0 && ::rename(beside.c_str(), path.c_str()) != 0) code = errno;
  if (code == 0) return Nothing{};
  ::unlink(beside.c_str());
  return failed(path, code);
}

}  // namespace spillway
