// The least a proxy can do: find the end of each message and pass the bytes on, over kept connections. What Spillway's
// goals are stated against (bench/README.md). One thread, one epoll, one shared read buffer; it edits nothing.
//
//   floor port=8000 upstream=9000
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <memory>
#include <vector>

#include "framing.h"
#include "sockets.h"

namespace bench {

namespace {

constexpr std::size_t kReadBytes = 256 * 1024;

// One connection. Client and upstream point at each other from a request's first byte to its answer's end.
struct Side {
  Side(int fd_, bool client_) : fd(fd_), client(client_) {}
  const int fd;
  const bool client;
  Side* other = nullptr;
  Framer framer;       // of what we read here
  std::string unsent;  // to be written here; while there is any, the other side is not read
};

class Floor {
 public:
  Floor(std::uint16_t port, std::uint16_t upstream)
      : upstream_(upstream), listener_(listen_on(port)), epoll_(epoll_create1(EPOLL_CLOEXEC)) {
    watch(epoll_, listener_, EPOLLIN, EPOLL_CTL_ADD);
  }

  void run(const volatile std::sig_atomic_t& stop) {
    epoll_event events[512];
    while (stop == 0) {
      const int n = wait_until(epoll_, events, 512, 0);
      if (n < 0 && errno != EINTR) die("epoll");
      for (int i = 0; i < n; ++i) on_event(events[i].data.fd, events[i].events);
    }
  }

 private:
  void on_event(int fd, std::uint32_t events) {
    if (fd == listener_) {
      for (int one; (one = accept_from(listener_)) >= 0;) add(one, true);
      return;
    }
    Side* side = sides_[fd].get();
    if (side == nullptr) return;
    if ((events & EPOLLOUT) != 0 && !flush(*side)) return;
    if ((events & ~EPOLLOUT) != 0) receive(*side);
  }

  Side& add(int fd, bool client) {
    if (sides_.size() <= static_cast<std::size_t>(fd)) sides_.resize(fd + 1);
    sides_[fd] = std::make_unique<Side>(fd, client);
    watch(epoll_, fd, EPOLLIN, EPOLL_CTL_ADD);
    return *sides_[fd];
  }

  void receive(Side& side) {
    static char room[kReadBytes];
    const ssize_t n = recv(side.fd, room, sizeof room, 0);
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) return drop(side);
    if (side.client && side.other == nullptr) lease(side);
    if (side.other == nullptr) return drop(side);  // an upstream that speaks unasked
    const std::string_view bytes(room, static_cast<std::size_t>(n));
    if (side.framer.feed(bytes) != bytes.size() || side.framer.broken()) return drop(side);
    if (!send_on(side, bytes)) return;
    if (!side.client && side.framer.done()) end_exchange(side);
  }

  void lease(Side& client) {
    Side* upstream = nullptr;
    if (idle_.empty()) {
      upstream = &add(connect_to(upstream_), false);
    } else {
      upstream = sides_[idle_.back()].get();
      idle_.pop_back();
    }
    client.other = upstream;
    upstream->other = &client;
  }

  void end_exchange(Side& upstream) {
    Side& client = *upstream.other;
    if (!client.framer.done() || !upstream.framer.keeps() || !client.framer.keeps()) return drop(client);
    client.framer.reset();
    upstream.framer.reset();
    client.other = upstream.other = nullptr;
    idle_.push_back(upstream.fd);
  }

  // False when both are gone.
  bool send_on(Side& from, std::string_view bytes) {
    Side& to = *from.other;
    const ssize_t n = send(to.fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n == static_cast<ssize_t>(bytes.size())) return true;
    if (n < 0 && errno != EAGAIN) return drop(from), false;
    to.unsent.assign(bytes.substr(n < 0 ? 0 : static_cast<std::size_t>(n)));
    watch(epoll_, from.fd, 0, EPOLL_CTL_MOD);
    watch(epoll_, to.fd, EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
    return true;
  }
  bool flush(Side& side) {
    const ssize_t n = send(side.fd, side.unsent.data(), side.unsent.size(), MSG_NOSIGNAL);
    if (n < 0 && errno != EAGAIN) return drop(side), false;
    if (n > 0) side.unsent.erase(0, static_cast<std::size_t>(n));
    if (!side.unsent.empty()) return true;
    side.unsent = std::string();
    watch(epoll_, side.fd, EPOLLIN, EPOLL_CTL_MOD);
    if (side.other != nullptr) watch(epoll_, side.other->fd, EPOLLIN, EPOLL_CTL_MOD);
    return true;
  }

  void drop(Side& side) {
    if (!side.client) std::erase(idle_, side.fd);
    if (side.other != nullptr) forget(side.other->fd);
    forget(side.fd);
  }
  void forget(int fd) {
    sides_[fd].reset();
    close(fd);
  }

  const std::uint16_t upstream_;
  const int listener_, epoll_;
  std::vector<std::unique_ptr<Side>> sides_;  // by descriptor
  std::vector<int> idle_;                     // upstreams without a client, the last used on top
};

volatile std::sig_atomic_t stop = 0;

}  // namespace

}  // namespace bench

int main(int count, char** words) {
  const bench::Words given(count - 1, words + 1);
  struct sigaction on_term {};
  on_term.sa_handler = [](int) { bench::stop = 1; };
  sigaction(SIGTERM, &on_term, nullptr);
  bench::Floor(static_cast<std::uint16_t>(given.number("port")), static_cast<std::uint16_t>(given.number("upstream")))
      .run(bench::stop);
}
