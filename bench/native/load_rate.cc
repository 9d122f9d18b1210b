// Open loop: request k is due at k / rate, whatever became of the others, and its latency counts from then. When every
// connection is busy it waits for one, and the wait is part of its latency.
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <deque>

#include "load.h"

namespace bench {

namespace {

struct Slot {
  int fd = -1;
  Framer answer;
  std::uint64_t due_ns = 0;
};

class Rate {
 public:
  explicit Rate(const Words& words)
      : request_(request_bytes(words)),
        port_(static_cast<std::uint16_t>(words.number("port"))),
        gap_ns_(1'000'000'000.0 / static_cast<double>(words.number("rate"))),
        epoll_(epoll_create1(EPOLL_CLOEXEC)),
        slots_(words.number("connections")) {
    for (std::size_t i = 0; i < slots_.size(); ++i) connect(i);
    begin_ns_ = now_ns();
    record_ns_ = begin_ns_ + words.number("warm_ms") * 1'000'000;
    end_ns_ = record_ns_ + words.number("seconds") * 1'000'000'000;
  }

  int run() {
    epoll_event events[256];
    for (std::uint64_t now = now_ns(); now < end_ns_ || busy_ > 0; now = now_ns()) {
      if (now > end_ns_ + kLateNs) break;
      while (due() <= now && due() < end_ns_) waiting_.push_back(due()), ++asked_;
      while (!waiting_.empty() && !idle_.empty()) ask();
      const int n = wait_until(epoll_, events, 256, due() < end_ns_ ? due() : end_ns_ + kLateNs);
      if (n < 0 && errno != EINTR) die("epoll");
      for (int i = 0; i < n; ++i) receive(slot_of_[events[i].data.fd]);
    }
    errors_ += busy_ + waiting_.size();  // without an answer by now
    std::printf("{\"requests\":%zu,\"errors\":%zu,\"queued\":%zu%s}\n", latency_.count(), errors_, queued_,
                latency_.json("").c_str());
    return 0;
  }

 private:
  static constexpr std::uint64_t kLateNs = 5'000'000'000;  // how long the last answers may take

  std::uint64_t due() const { return begin_ns_ + static_cast<std::uint64_t>(static_cast<double>(asked_) * gap_ns_); }

  void connect(std::size_t index) {
    const int fd = connect_to(port_);
    slots_[index] = Slot{fd, {}, 0};
    if (slot_of_.size() <= static_cast<std::size_t>(fd)) slot_of_.resize(fd + 1);
    slot_of_[fd] = index;
    watch(epoll_, fd, EPOLLIN, EPOLL_CTL_ADD);
    idle_.push_back(index);
  }

  void ask() {
    Slot& slot = slots_[idle_.back()];
    slot.due_ns = waiting_.front();
    if (now_ns() > slot.due_ns + 1'000'000) ++queued_;
    const std::size_t index = idle_.back();
    waiting_.pop_front();
    idle_.pop_back();
    ++busy_;
    if (!send_all(slot.fd, request_)) fail(index);
  }

  void receive(std::size_t index) {
    static char room[64 * 1024];
    Slot& slot = slots_[index];
    const ssize_t n = recv(slot.fd, room, sizeof room, 0);
    if (n < 0 && errno == EAGAIN) return;
    if (slot.due_ns == 0) return reconnect(index);  // an idle connection ended
    if (n > 0) slot.answer.feed({room, static_cast<std::size_t>(n)});
    if (n <= 0) slot.answer.end_of_input();
    if (slot.answer.broken()) return fail(index);
    if (!slot.answer.done()) return;
    if (slot.answer.status() != 200) return fail(index);
    if (slot.due_ns >= record_ns_) latency_.add(now_ns() - slot.due_ns);
    --busy_;
    const bool keeps = slot.answer.keeps();
    slot.answer.reset();
    slot.due_ns = 0;
    if (!keeps) return renew(index);
    idle_.push_back(index);
  }

  void fail(std::size_t index) {
    ++errors_;
    --busy_;
    renew(index);
  }
  void reconnect(std::size_t index) {
    std::erase(idle_, index);
    renew(index);
  }
  void renew(std::size_t index) {
    close(slots_[index].fd);
    connect(index);
  }

  const std::string request_;
  const std::uint16_t port_;
  const double gap_ns_;
  const int epoll_;
  std::vector<Slot> slots_;
  std::vector<std::size_t> slot_of_;  // by descriptor
  std::vector<std::size_t> idle_;
  std::deque<std::uint64_t> waiting_;
  std::uint64_t begin_ns_ = 0, record_ns_ = 0, end_ns_ = 0;
  std::size_t asked_ = 0, busy_ = 0, errors_ = 0, queued_ = 0;
  Spread latency_;
};

}  // namespace

int run_rate(const Words& words) { return Rate(words).run(); }

}  // namespace bench
