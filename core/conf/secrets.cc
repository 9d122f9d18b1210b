// Reads secrets from the environment and from files. Thread: the loader's.
#include "conf/secrets.h"

#include <sys/stat.h>

#include <cctype>
#include <cstdio>
#include <cstdlib>

#include "base/file.h"
#include "conf/forms.h"

namespace spillway {
namespace {

Error mistake(std::string detail) { return {Kind::config, Source::us, Retry::no, std::move(detail)}; }

Result<std::string> from_environment(const std::string& name) {
  bool valid = !name.empty() && std::isdigit(static_cast<unsigned char>(name[0])) == 0;
  for (const char c : name) valid = valid && (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_');
  if (!valid) return mistake("env: must be followed by the name of an environment variable");
  const char* value = std::getenv(name.c_str());
  const std::string hint = "; set it with: export " + name + "=...";
  if (value == nullptr) return mistake("environment variable " + name + " is not set" + hint);
  if (*value == '\0') return mistake("environment variable " + name + " is empty" + hint);
  return std::string(value);
}

Result<std::string> from_file(const std::string& path) {
  Result<std::string> text = read_file(path, kSecretBytesMax);
  if (!text) return text;
  if (text->ends_with('\n')) text->pop_back();
  if (text->ends_with('\r')) text->pop_back();
  if (text->empty()) return mistake("file " + path + " is empty");
  return text;
}

}  // namespace

bool is_plain_secret(std::string_view written) {
  return !written.starts_with("env:") && !written.starts_with("file:") && !written.starts_with("vault:");
}

std::string open_mode(const std::string& path) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0 || (found.st_mode & (S_IRGRP | S_IWGRP | S_IROTH | S_IWOTH)) == 0) return {};
  char text[16];
  std::snprintf(text, sizeof text, "%04o", found.st_mode & 07777u);
  return text;
}

std::string resolve_path(std::string_view path, const std::string& folder) {
  if (path.empty() || path.starts_with('/')) return std::string(path);
  // With a '/' in it, so that nobody searches for it elsewhere, as dlopen() would.
  return (folder.empty() ? "./" : folder) + std::string(path);
}

Result<std::string> find_secret(std::string_view written, const std::string& folder) {
  if (written.starts_with("vault:")) return mistake("vault: is not supported yet; use env:NAME or file:PATH");
  Result<std::string> found = std::string(written);
  if (written.starts_with("env:")) found = from_environment(std::string(written.substr(4)));
  if (written.starts_with("file:")) found = from_file(resolve_path(written.substr(5), folder));
  if (!found) return found;
  const bool env = written.starts_with("env:");
  const std::string where = is_plain_secret(written) ? "the secret"
                            : env                    ? "environment variable " + std::string(written.substr(4))
                                                     : "file " + std::string(written.substr(5));
  if (found->empty()) return mistake("must not be empty");
  if (found->size() > kSecretBytesMax)
    return mistake(where + " is longer than " + std::to_string(kSecretBytesMax) + " bytes");
  // It becomes a header value: a line break in it would write headers of its own.
  if (has_control(*found)) return mistake(where + " contains a line break or another control character");
  return found;
}

}  // namespace spillway
