#include "cli/bench_request.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "http/headers.h"
#include "http/writer.h"
#include "json/write.h"

namespace spillway::bench {

namespace {

constexpr std::string_view kWords = "The quick brown fox jumps over the lazy dog. ";
constexpr std::array<std::string_view, 5> kOurs = {"host", "content-length", "transfer-encoding", "connection",
                                                   "expect"};

struct FileCloser {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

}  // namespace

Result<Target> parse_target(std::string_view text) {
  Target target;
  const std::size_t mark = text.find('?');
  if (mark != std::string_view::npos) target.query = text.substr(mark);
  if (target.query.find('#') != std::string::npos) return invalid("\"" + std::string(text) + "\" has a fragment");
  // Not repeated: what stands before the @ may be a password.
  if (text.substr(0, mark).find('@') != std::string_view::npos) {
    return invalid("a URL with a user in it is not taken; use --key-env or --header");
  }
  Result<Url> url = parse_url(text.substr(0, mark));
  if (!url) return url.error();
  target.url = std::move(*url);
  std::string& path = target.url.path;
  if (path.empty()) path = "/v1";
  if (path.ends_with("/v1")) path += "/chat/completions";
  target.text = (target.url.tls ? "https://" : "http://") + target.url.authority() + path + target.query;
  return target;
}

std::string chat_body(std::string_view model, std::size_t prompt_bytes, bool stream) {
  std::string prompt;
  prompt.reserve(prompt_bytes + kWords.size());
  while (prompt.size() < prompt_bytes) prompt.append(kWords);
  prompt.resize(prompt_bytes);
  std::string body;
  JsonWriter json(body);
  json.open('{').member("model", model).key("messages").open('[');
  json.open('{').member("role", "user").member("content", std::string_view(prompt)).close('}').close(']');
  if (stream) json.member("stream", true);
  json.close('}');
  return body;
}

Result<std::string> read_body(const std::string& path) {
  const std::unique_ptr<std::FILE, FileCloser> file(std::fopen(path.c_str(), "rb"));
  if (file == nullptr) return invalid("--body " + path + ": " + std::strerror(errno));
  std::string body;
  std::array<char, 64 * 1024> room;
  while (const std::size_t n = std::fread(room.data(), 1, room.size(), file.get())) {
    if (body.size() + n > kBodyBytesMax) return invalid("--body " + path + " is larger than 64 MiB");
    body.append(room.data(), n);
  }
  if (std::ferror(file.get()) != 0) return invalid("--body " + path + ": " + std::strerror(errno));
  return body;
}

Result<std::pair<std::string, std::string>> parse_field(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return invalid("--header wants \"Name: value\"");
  const std::string_view name = text.substr(0, colon);
  const std::string_view value = trim(text.substr(colon + 1));
  std::string tried;
  if (!HeadWriter(tried).foreign_field(name, value))
    return invalid("--header " + std::string(name) + " is not a valid field");
  for (const std::string_view ours : kOurs) {
    if (equal_fold(name, ours))
      return invalid("--header " + std::string(name) + " is written by spillway bench itself");
  }
  return std::pair{std::string(name), std::string(value)};
}

Result<std::string> request_bytes(const Target& target, const Fields& fields, std::string_view body) {
  std::string head;
  HeadWriter writer(head);
  if (!writer.request("POST", target.url.path + target.query, target.url.authority())) {
    return invalid("\"" + target.text + "\" cannot be asked for");
  }
  bool typed = false;
  for (const auto& [name, value] : fields) {
    // The value is not repeated: it may be a credential.
    if (!writer.foreign_field(name, value)) return invalid("the field " + name + " holds bytes that cannot be sent");
    typed = typed || equal_fold(name, "content-type");
  }
  if (!typed) writer.field("content-type", "application/json");
  writer.field("content-length", body.size());
  writer.end();
  std::string bytes(writer.text());
  bytes.append(body);
  return bytes;
}

}  // namespace spillway::bench
