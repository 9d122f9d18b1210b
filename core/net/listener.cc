// Accepts TCP connections. Owner: the holder of the Ptr, then libuv until close_cb. Thread: the loop's.
//
// The socket is ours and libuv only polls it: uv_listen() would accept and drop connections when descriptors run out,
// or spin; here they stay in the backlog, and one turn accepts at most kBatch of them before others get their share.
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include <array>
#include <cerrno>

#include "base/log.h"
#include "net/tcp.h"

namespace spillway {

namespace {

constexpr int kBacklog = 4096;
constexpr int kBatch = 64;
constexpr std::uint64_t kComplainMs = 10'000;

// Closes the descriptor unless it was taken out.
class Socket {
 public:
  explicit Socket(int fd) : fd_(fd) {}
  ~Socket() {
    if (fd_ >= 0) ::close(fd_);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  int get() const { return fd_; }
  int take() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

class SocketListener final : public Listener, private Deadline::Events {
 public:
  SocketListener(Loop& loop, Listener::Events& events) : loop_(loop), events_(&events), rest_(loop, *this) {}
  ~SocketListener() override = default;
  int start(int socket, const std::string& address);  // takes the socket if it returns 0

  std::uint16_t port() const override { return port_; }
  void pause_accepting(bool paused) override;
  std::uint64_t accept_errors() const override { return errors_; }

 private:
  void close() override;
  void on_deadline(Deadline&) override { poll(); }
  static void ready_cb(uv_poll_t* handle, int status, int events) noexcept;
  static void close_cb(uv_handle_t* handle) noexcept;
  void poll();
  void accept_some();
  bool accept_one();
  void rest(int code);

  Loop& loop_;
  Listener::Events* events_;
  Deadline rest_;
  uv_poll_t poll_{};
  int socket_ = -1;
  std::uint16_t port_ = 0;
  bool paused_ = false;
  std::string address_;
  std::uint64_t errors_ = 0;
  std::uint64_t complained_ms_ = 0;
};

int SocketListener::start(int socket, const std::string& address) {
  Address bound;
  socklen_t size = sizeof bound.v6;
  if (getsockname(socket, &bound.any, &size) != 0) return -errno;
  if (const int status = uv_poll_init(loop_.raw(), &poll_, socket); status != 0) return status;
  poll_.data = this;
  socket_ = socket;
  port_ = bound.port();
  address_ = address;
  poll();
  return 0;
}

void SocketListener::poll() {
  if (!paused_ && !rest_.armed()) CHECK(uv_poll_start(&poll_, UV_READABLE, ready_cb) == 0);
}

void SocketListener::pause_accepting(bool paused) {
  paused_ = paused;
  if (paused) {
    uv_poll_stop(&poll_);
  } else {
    poll();
  }
}

void SocketListener::ready_cb(uv_poll_t* handle, int status, int) noexcept {
  SocketListener& self = *static_cast<SocketListener*>(handle->data);
  if (self.events_ == nullptr) return;
  if (status < 0) return self.rest(status);
  self.accept_some();
}

// The callee may pause or close us with any of them; being closed leaves us alive until close_cb.
void SocketListener::accept_some() {
  for (int i = 0; i < kBatch; ++i)
    if (paused_ || events_ == nullptr || !accept_one()) return;
}

bool SocketListener::accept_one() {
  Address peer;
  socklen_t size = sizeof peer.v6;
  Socket socket(accept4(socket_, &peer.any, &size, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (socket.get() < 0) {
    const int code = errno;
    if (code == EAGAIN || code == EWOULDBLOCK) return false;
    ++errors_;
    if (code == ECONNABORTED || code == EINTR || code == EPROTO) return true;  // that one is gone, the next may be fine
    rest(-code);
    return false;
  }
  TcpStream::Ptr stream = TcpStream::create(loop_, Source::client);
  if (const int status = stream->adopt(socket.get(), peer); status != 0) {
    ++errors_;
    return true;
  }
  socket.take();
  events_->on_accepted(std::move(stream));
  return true;
}

void SocketListener::rest(int code) {
  uv_poll_stop(&poll_);
  rest_.arm(kRestMs);
  const std::uint64_t now = loop_.now_ms();
  if (complained_ms_ != 0 && now < complained_ms_ + kComplainMs) return;
  complained_ms_ = now;
  log_line(Level::warn, "cannot accept connections, trying again",
           {{"listen", address_}, {"reason", uv_strerror(code)}, {"errors", static_cast<std::int64_t>(errors_)}});
}

void SocketListener::close() {
  events_ = nullptr;
  rest_.disarm();
  if (socket_ < 0) {  // never started: libuv knows nothing of us
    const std::unique_ptr<SocketListener> last_owner(this);
    return;
  }
  uv_close(reinterpret_cast<uv_handle_t*>(&poll_), close_cb);
  ::close(socket_);  // at once, so that the port is free when this returns; uv_close has left the poll set
}

void SocketListener::close_cb(uv_handle_t* handle) noexcept {
  const std::unique_ptr<SocketListener> last_owner(static_cast<SocketListener*>(handle->data));
}

Result<int> bind_and_listen(const Address& address, const std::string& text) {
  const auto failed = [&text](int code) {
    return Error{Kind::config, Source::us, Retry::no, "cannot listen on " + text + ": " + uv_strerror(-code)};
  };
  const int on = 1;
  Socket socket(::socket(address.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (socket.get() < 0) return failed(errno);
  setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (setsockopt(socket.get(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0) return failed(errno);
  // "0.0.0.0" and "[::]" may then stand side by side in one config.
  if (address.is_v6()) setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  if (bind(socket.get(), &address.any, address.size()) != 0) return failed(errno);
  if (::listen(socket.get(), kBacklog) != 0) return failed(errno);
  return socket.take();
}

}  // namespace

Result<Listener::Ptr> Listener::listen(Loop& loop, std::string_view address, Events& events) {
  const std::string text(address);
  const std::optional<HostPort> parts = split_host_port(address);
  const std::optional<Address> where =
      parts ? Address::literal(parts->host == "localhost" ? "127.0.0.1" : parts->host, parts->port) : std::nullopt;
  if (!where)
    return Error{Kind::config, Source::us, Retry::no,
                 "cannot listen on " + text + ": expected an address like 127.0.0.1:4000 or [::1]:4000"};
  Result<int> socket = bind_and_listen(*where, text);
  if (!socket) return socket.error();
  auto listener = std::make_unique<SocketListener>(loop, events);
  if (const int status = listener->start(*socket, text); status != 0) {
    ::close(*socket);
    return Error{Kind::internal, Source::us, Retry::no, "cannot listen on " + text + ": " + uv_strerror(status)};
  }
  return Ptr(listener.release());
}

}  // namespace spillway
