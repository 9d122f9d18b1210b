// Streams, each begun anew when it ends. Says "begin" when all are up and counts from there, so that whoever measures
// the proxy can look at the same span; ends with the figures. A stream counts only if it came whole, [DONE] included.
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <unordered_map>

#include "load.h"

namespace bench {

namespace {

constexpr std::string_view kSent = "\"system_fingerprint\":\"ns";  // what bench/native/origin.cc writes
constexpr std::size_t kEventBytesMax = 256 * 1024;

struct Listener {
  Framer answer;
  std::string text;  // of an event that is not complete
  std::uint64_t asked_ns = 0;
  bool first = true, ended = false;
};

class Streams {
 public:
  explicit Streams(const Words& words)
      : request_(request_bytes(words)),
        port_(static_cast<std::uint16_t>(words.number("port"))),
        wanted_(words.number("streams")),
        ramp_ns_(words.number("ramp_ms") * 1'000'000),
        seconds_(words.number("seconds")),
        epoll_(epoll_create1(EPOLL_CLOEXEC)) {}

  int run() {
    const std::uint64_t begin_ns = now_ns(), steady_ns = begin_ns + ramp_ns_;
    std::uint64_t end_ns = steady_ns + seconds_ * 1'000'000'000;
    std::size_t begun = 0;
    epoll_event events[512];
    for (std::uint64_t now = now_ns(); now < end_ns; now = now_ns()) {
      while (begun < wanted_ && begin_ns + begun * ramp_ns_ / wanted_ <= now) ++begun, begin();
      if (!counting_ && now >= steady_ns && begun == wanted_) {
        std::puts("begin");
        std::fflush(stdout);
        counting_ = true;
        counted_ns_ = now;
        end_ns = now + seconds_ * 1'000'000'000;
      }
      std::uint64_t next_ns = begun < wanted_ ? begin_ns + begun * ramp_ns_ / wanted_ : end_ns;
      if (!counting_ && begun == wanted_) next_ns = steady_ns;
      const int n = wait_until(epoll_, events, 512, next_ns);
      if (n < 0 && errno != EINTR) die("epoll");
      for (int i = 0; i < n; ++i) receive(events[i].data.fd);
    }
    report();
    return 0;
  }

 private:
  void report() {
    const double took_s = static_cast<double>(now_ns() - counted_ns_) / 1e9;
    std::printf("{\"events\":%zu,\"streams\":%zu,\"errors\":%zu,\"seconds\":%.4f%s%s}\n", events_, whole_, errors_,
                took_s, first_.json("first_").c_str(), late_.json("late_").c_str());
  }

  void begin() {
    const int fd = connect_to(port_);
    watch(epoll_, fd, EPOLLIN, EPOLL_CTL_ADD);
    ask(fd);
  }
  void ask(int fd) {
    Listener& one = listeners_[fd];
    one = Listener();
    one.asked_ns = now_ns();
    if (!send_all(fd, request_)) renew(fd, true);
  }

  void receive(int fd) {
    static char room[64 * 1024];
    const auto found = listeners_.find(fd);
    if (found == listeners_.end()) return;
    Listener& one = found->second;
    const ssize_t n = recv(fd, room, sizeof room, 0);
    if (n < 0 && errno == EAGAIN) return;
    const std::uint64_t now = now_ns();
    if (n > 0)
      one.answer.feed({room, static_cast<std::size_t>(n)}, [&](std::string_view body) { hear(one, body, now); });
    if (n <= 0) one.answer.end_of_input();
    if (one.answer.broken()) return renew(fd, true);
    if (!one.answer.done()) return;
    const bool good = one.answer.status() == 200 && one.ended, keeps = one.answer.keeps();
    if (counting_) good ? ++whole_ : ++errors_;
    if (!good && !counting_) ++errors_;
    if (good && keeps) return ask(fd);
    renew(fd, false);
  }

  void hear(Listener& one, std::string_view body, std::uint64_t now) {
    if (one.answer.status() != 200) return;
    one.text.append(body);
    std::size_t at = 0;
    for (std::size_t end; (end = one.text.find("\n\n", at)) != std::string::npos; at = end + 2) {
      on_event(one, std::string_view(one.text).substr(at, end - at), now);
    }
    one.text.erase(0, at);
    if (one.text.size() > kEventBytesMax) one.text.clear();
  }

  void on_event(Listener& one, std::string_view text, std::uint64_t now) {
    if (text == "data: [DONE]") one.ended = true;
    if (counting_) ++events_;
    const std::size_t at = text.find(kSent);
    std::uint64_t sent_ns = 0;
    if (at == text.npos) return;
    std::from_chars(text.data() + at + kSent.size(), text.data() + text.size(), sent_ns);
    if (sent_ns == 0 || sent_ns >= now) return;
    // A gateway may hold back what comes before the first word, so the first word is what is compared.
    if (counting_ && one.first) first_.add(now - one.asked_ns);
    one.first = false;
    if (counting_) late_.add(now - sent_ns);
  }

  void renew(int fd, bool failed) {
    if (failed) ++errors_;
    listeners_.erase(fd);
    close(fd);
    if (errors_ > kErrorsMax) {
      report();
      std::exit(1);
    }
    begin();
  }

  static constexpr std::size_t kErrorsMax = 1000;  // a proxy that only fails need not be asked for ever
  const std::string request_;
  const std::uint16_t port_;
  const std::size_t wanted_;
  const std::uint64_t ramp_ns_, seconds_;
  const int epoll_;
  std::unordered_map<int, Listener> listeners_;  // by descriptor
  bool counting_ = false;
  std::uint64_t counted_ns_ = 0;
  std::size_t events_ = 0, whole_ = 0, errors_ = 0;
  Spread first_, late_;
};

}  // namespace

int run_streams(const Words& words) { return Streams(words).run(); }

}  // namespace bench
