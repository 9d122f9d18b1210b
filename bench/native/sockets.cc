#include "sockets.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace bench {

namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

void set(int fd, int level, int name) {
  const int on = 1;
  if (setsockopt(fd, level, name, &on, sizeof on) != 0) die("setsockopt");
}

}  // namespace

void die(std::string_view what) {
  std::perror(std::string(what).c_str());
  std::exit(1);
}

int listen_on(std::uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) die("socket");
  set(fd, SOL_SOCKET, SO_REUSEADDR);
  const sockaddr_in address = loopback(port);
  if (bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) die("bind");
  if (listen(fd, 4096) != 0) die("listen");
  return fd;
}

int accept_from(int listener) {
  const int fd = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd >= 0) set(fd, IPPROTO_TCP, TCP_NODELAY);
  return fd;
}

int connect_to(std::uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) die("socket");
  const sockaddr_in address = loopback(port);
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) die("connect");
  set(fd, IPPROTO_TCP, TCP_NODELAY);
  if (fcntl(fd, F_SETFL, O_NONBLOCK) != 0) die("fcntl");
  return fd;
}

void watch(int epoll, int fd, std::uint32_t events, int operation) {
  epoll_event event{};
  event.events = events;
  event.data.fd = fd;
  if (epoll_ctl(epoll, operation, fd, &event) != 0) die("epoll_ctl");
}

std::uint64_t now_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * kSecond + static_cast<std::uint64_t>(now.tv_nsec);
}

int wait_until(int epoll, epoll_event* events, int most, std::uint64_t then_ns) {
  if (then_ns == 0) return epoll_wait(epoll, events, most, -1);
  // The kernel may else wake us 50 us late, to spare wake-ups.
  static const int exact = prctl(PR_SET_TIMERSLACK, 1);
  (void)exact;
  const std::uint64_t now = now_ns(), left = then_ns > now ? then_ns - now : 0;
  const timespec wait{static_cast<time_t>(left / kSecond), static_cast<long>(left % kSecond)};
  return epoll_pwait2(epoll, events, most, &wait, nullptr);
}

Words::Words(int count, char** words) {
  for (int i = 0; i < count; ++i) {
    const std::string word = words[i];
    const std::size_t equals = word.find('=');
    if (equals == word.npos) die("name=value is needed, not " + word);
    values_[word.substr(0, equals)] = word.substr(equals + 1);
  }
}

std::string Words::text(const std::string& name) const {
  const auto found = values_.find(name);
  if (found == values_.end()) die(name + "= is missing");
  return found->second;
}

std::uint64_t Words::number(const std::string& name) const {
  const std::string value = text(name);
  char* end = nullptr;
  const std::uint64_t number = std::strtoull(value.c_str(), &end, 10);
  if (value.empty() || *end != 0) die(name + "= is no number");
  return number;
}

}  // namespace bench
