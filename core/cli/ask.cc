#include "cli/ask.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "http/reader.h"
#include "http/url.h"
#include "http/writer.h"

namespace spillway {

namespace {

constexpr int kTimeoutS = 30;

int connect_to(const std::string& host, std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  const timeval limit{kTimeoutS, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  const bool known = ::inet_pton(AF_INET, host == "localhost" ? "127.0.0.1" : host.c_str(), &to.sin_addr) == 1;
  if (!known) errno = EINVAL;
  if (known && ::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0) return fd;
  ::close(fd);
  return -1;
}

bool read_answer(int fd, Asked& asked) {
  ResponseReader reader{ReadLimits{}};
  reader.expect(false);
  char room[16 * 1024];
  while (true) {
    const ssize_t n = ::recv(fd, room, sizeof room, 0);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return n == 0 && reader.finish();
    std::string_view in(room, static_cast<std::size_t>(n));
    while (true) {
      const Result<Step> step = reader.next(in);
      if (!step) return false;
      if (*step == Step::more) break;
      if (*step == Step::end) return true;
      if (*step == Step::body) asked.body.append(reader.body());
      if (*step != Step::head) continue;
      asked.status = reader.head().status;
      for (const Header& field : reader.head().headers) asked.headers.emplace_back(field.name, field.value);
    }
  }
}

}  // namespace

std::string Asked::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (equal_fold(key, name)) return value;
  }
  return {};
}

Asked ask(std::uint16_t port, std::string_view method, std::string_view path, std::string_view body) {
  return ask("127.0.0.1", port, method, path, body);
}

Asked ask(const std::string& host, std::uint16_t port, std::string_view method, std::string_view path,
          std::string_view body) {
  Asked asked;
  const int fd = connect_to(host, port);
  if (fd < 0) {
    asked.body = std::string("cannot connect: ") + std::strerror(errno);
    return asked;
  }
  std::string head;
  HeadWriter writer(head);
  writer.request(method, path, host + ":" + std::to_string(port));
  writer.field("content-type", "application/json");
  writer.field("content-length", body.size());
  writer.field("connection", "close");
  writer.end();
  head.append(body);
  const bool sent = ::send(fd, head.data(), head.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(head.size());
  const bool whole = sent && read_answer(fd, asked);
  ::close(fd);
  if (asked.header("content-type").starts_with("text/event-stream")) {
    asked.done = asked.body.find("data: [DONE]") != std::string::npos;
    asked.stream_error = !whole || asked.body.find("data: {\"error\"") != std::string::npos;
  }
  return asked;
}

Result<std::string> ask_admin(const std::string& admin, std::string_view method, std::string_view path,
                              std::string_view body) {
  const Result<Url> url = parse_url(admin);
  if (!url || url->tls || !url->path.empty()) {
    return Error{Kind::config, Source::us, Retry::no, "--admin must be like http://127.0.0.1:4001"};
  }
  Asked asked = ask(url->host, url->port, method, path, body);
  if (asked.status == 200) return std::move(asked.body);
  return Error{Kind::internal, Source::us, Retry::no, admin + ": " + (asked.body.empty() ? "no answer" : asked.body)};
}

}  // namespace spillway
