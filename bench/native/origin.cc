// The provider behind every proxy that is measured: answers any POST with a short chat completion, or, when the model
// is called sse-N-GAPms and a stream is asked for, with N events GAP ms apart. It does as little as it can, so that the
// proxy is what limits: it looks for the model only in the first and last bytes of a body. Events carry the time they
// were sent, by which the load client tells how late they are; answers the number of their connection.
//
//   origin port=9000
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <memory>
#include <queue>
#include <vector>

#include "framing.h"
#include "sockets.h"

namespace bench {

namespace {

constexpr std::size_t kWindow = 256;            // of a body's beginning and end, where the model is looked for
constexpr std::size_t kReadBytes = 256 * 1024;  // large bodies in few calls
constexpr std::string_view kNs = "0000000000000000000";
constexpr std::string_view kNumber = "0000000000";  // of the connection, in an answer's id: shows who keeps connections

// What any provider's answers carry; fields are work for a proxy.
constexpr std::string_view kFields =
    "Date: Sat, 01 Nov 2025 12:00:00 GMT\r\n"
    "Server: origin\r\n"
    "x-request-id: req_0123456789abcdef0123456789abcdef\r\n";

std::string chunk(std::string_view bytes) {
  char size[32];
  std::snprintf(size, sizeof size, "%zx\r\n", bytes.size());
  return size + std::string(bytes) + "\r\n";
}

std::string event(std::string_view delta, std::string_view finish) {
  return chunk(
      "data: {\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion.chunk\",\"created\":1760000000,\"model\":"
      "\"bench\",\"system_fingerprint\":\"ns" +
      std::string(kNs) + "\",\"choices\":[{\"index\":0,\"delta\":{" + std::string(delta) +
      "},\"finish_reason\":" + std::string(finish) + "}]}\n\n");
}

struct Texts {
  const std::string answer, refusal, stream_head, word, tail;
  const std::size_t ns_at;      // in a word
  const std::size_t number_at;  // in the answer

  Texts()
      : answer(with_length("200 OK", R"({"id":"chatcmpl-0000000000","object":"chat.completion","created":1760000000,)"
                                     R"("model":"bench","choices":[{"index":0,"message":{"role":"assistant",)"
                                     R"("content":"Hello from the origin."},"finish_reason":"stop"}],)"
                                     R"("usage":{"prompt_tokens":9,"completion_tokens":5,"total_tokens":14}})")),
        refusal(with_length("400 Bad Request", R"({"error":{"message":"no message was found","code":400}})")),
        stream_head("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\n" +
                    std::string(kFields) + "Transfer-Encoding: chunked\r\n\r\n" +
                    event(R"("role":"assistant","content":"")", "null")),
        word(event(R"("content":" word")", "null")),
        tail(event("", R"("stop")") + chunk("data: [DONE]\n\n") + "0\r\n\r\n"),
        ns_at(word.find(kNs)),
        number_at(answer.find(kNumber)) {}

  static std::string with_length(std::string_view status, std::string_view body) {
    return "HTTP/1.1 " + std::string(status) + "\r\nContent-Type: application/json\r\n" + std::string(kFields) +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
  }
};

struct Peer {
  Framer request;
  std::string first, last;  // windows on the body
  std::string unsent;
  std::uint64_t words_left = 0, gap_ns = 0, next_ns = 0;
  bool streaming = false;
  std::uint64_t number = 0;
};

class Origin {
 public:
  explicit Origin(std::uint16_t port) : listener_(listen_on(port)), epoll_(epoll_create1(EPOLL_CLOEXEC)) {
    watch(epoll_, listener_, EPOLLIN, EPOLL_CTL_ADD);
  }

  void run() {
    epoll_event events[512];
    for (;;) {
      const int n = wait_until(epoll_, events, 512, timers_.empty() ? 0 : timers_.top().when_ns);
      if (n < 0 && errno != EINTR) die("epoll");
      for (int i = 0; i < n; ++i) on_event(events[i].data.fd, events[i].events);
      for (const std::uint64_t now = now_ns(); !timers_.empty() && timers_.top().when_ns <= now;) {
        const Timer due = timers_.top();
        timers_.pop();
        Peer* peer = find(due.fd);
        if (peer != nullptr && peer->streaming && peer->next_ns == due.when_ns) next_word(due.fd, *peer);
      }
    }
  }

 private:
  struct Timer {
    std::uint64_t when_ns;
    int fd;
    bool operator<(const Timer& other) const { return when_ns > other.when_ns; }  // the earliest on top
  };

  Peer* find(int fd) { return static_cast<std::size_t>(fd) < peers_.size() ? peers_[fd].get() : nullptr; }

  void on_event(int fd, std::uint32_t events) {
    if (fd == listener_) {
      for (int one; (one = accept_from(listener_)) >= 0;) {
        if (peers_.size() <= static_cast<std::size_t>(one)) peers_.resize(one + 1);
        peers_[one] = std::make_unique<Peer>();
        peers_[one]->number = ++accepted_;
        watch(epoll_, one, EPOLLIN, EPOLL_CTL_ADD);
      }
      return;
    }
    Peer* peer = find(fd);
    if (peer == nullptr) return;
    if ((events & EPOLLOUT) != 0 && !send_more(fd, *peer)) return;
    if ((events & ~EPOLLOUT) != 0) receive(fd, *peer);
  }

  void receive(int fd, Peer& peer) {
    static char room[kReadBytes];
    const ssize_t n = recv(fd, room, sizeof room, 0);
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) return forget(fd);
    std::string_view bytes(room, static_cast<std::size_t>(n));
    while (!bytes.empty()) {
      bytes.remove_prefix(peer.request.feed(bytes, [&peer](std::string_view body) {
        if (peer.first.size() < kWindow) peer.first.append(body.substr(0, kWindow - peer.first.size()));
        if (body.size() >= kWindow) {
          peer.last.assign(body.substr(body.size() - kWindow));
        } else {
          peer.last.append(body);
          if (peer.last.size() > 2 * kWindow) peer.last.erase(0, peer.last.size() - kWindow);
        }
      }));
      if (peer.request.broken()) {
        send_now(fd, peer, texts_.refusal);
        return forget(fd);
      }
      if (peer.request.done() && !answer(fd, peer)) return;
    }
  }

  // False when the peer is gone.
  bool answer(int fd, Peer& peer) {
    const bool stream = says(peer, "\"stream\":true");
    const std::string model = stream ? model_of(peer) : std::string();
    peer.request.reset();
    peer.first.clear();
    peer.last.clear();
    unsigned long long words = 0, gap_ms = 0;
    if (!stream || std::sscanf(model.c_str(), "sse-%llu-%llums", &words, &gap_ms) != 2) {
      if (stream) return send_now(fd, peer, texts_.refusal);
      write_number(answer_.data() + texts_.number_at, peer.number, kNumber.size());
      return send_now(fd, peer, answer_);
    }
    peer.streaming = true;
    peer.words_left = words;
    peer.gap_ns = gap_ms * 1'000'000;
    peer.next_ns = now_ns() + peer.gap_ns;
    timers_.push({peer.next_ns, fd});
    return send_now(fd, peer, texts_.stream_head);
  }

  static void write_number(char* at, std::uint64_t number, std::size_t digits) {
    for (; digits > 0; number /= 10) at[--digits] = static_cast<char>('0' + number % 10);
  }

  bool says(const Peer& peer, std::string_view what) const {
    return peer.last.find(what) != std::string::npos || peer.first.find(what) != std::string::npos;
  }
  static std::string model_of(const Peer& peer) {
    for (const std::string* window : {&peer.last, &peer.first}) {
      const std::size_t at = window->rfind("\"model\":\"");
      if (at != std::string::npos) return window->substr(at + 9);
    }
    return {};
  }

  void next_word(int fd, Peer& peer) {
    if (peer.words_left == 0) {
      peer.streaming = false;
      send_now(fd, peer, texts_.tail);
      return;
    }
    --peer.words_left;
    word_ = texts_.word;
    write_number(word_.data() + texts_.ns_at, now_ns(), kNs.size());
    peer.next_ns += peer.gap_ns;
    timers_.push({peer.next_ns, fd});
    send_now(fd, peer, word_);
  }

  // False when the peer is gone.
  bool send_now(int fd, Peer& peer, std::string_view bytes) {
    if (!peer.unsent.empty()) {
      peer.unsent.append(bytes);
      return true;
    }
    const ssize_t n = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n == static_cast<ssize_t>(bytes.size())) return true;
    if (n < 0 && errno != EAGAIN) return forget(fd), false;
    peer.unsent.assign(bytes.substr(n < 0 ? 0 : static_cast<std::size_t>(n)));
    watch(epoll_, fd, EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
    return true;
  }
  bool send_more(int fd, Peer& peer) {
    const std::string rest = std::move(peer.unsent);
    peer.unsent.clear();
    watch(epoll_, fd, EPOLLIN, EPOLL_CTL_MOD);
    return send_now(fd, peer, rest);
  }

  void forget(int fd) {
    peers_[fd].reset();
    close(fd);
  }

  const Texts texts_;
  const int listener_, epoll_;
  std::vector<std::unique_ptr<Peer>> peers_;  // by descriptor
  std::priority_queue<Timer> timers_;
  std::string word_, answer_ = texts_.answer;
  std::uint64_t accepted_ = 0;
};

}  // namespace

}  // namespace bench

int main(int count, char** words) {
  const bench::Words given(count - 1, words + 1);
  bench::Origin(static_cast<std::uint16_t>(given.number("port"))).run();
}
