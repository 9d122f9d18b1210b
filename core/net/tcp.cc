// A TCP socket: tries to write at once, queues what is left in one buffer per system call, reads into the loop's
// buffer or where its user wants it.
//
// At most one uv_write is in flight; what is written meanwhile collects in the next buffer, so a slow peer costs memory
// once and no request objects. A paused stream notices nothing, not even that the peer is gone.
#include "net/tcp.h"

#include <algorithm>
#include <array>

namespace spillway {

namespace {
constexpr std::size_t kPiecesPerCall = 32;
}  // namespace

TcpStream::Ptr TcpStream::create(Loop& loop, Source peer_is) {
  return Ptr(std::make_unique<TcpStream>(loop, peer_is).release());
}

TcpStream::TcpStream(Loop& loop, Source peer_is) : loop_(loop), peer_is_(peer_is) {
  CHECK(uv_tcp_init(loop.raw(), &tcp_) == 0);
  tcp_.data = this;
}

int TcpStream::adopt(int socket, const Address& peer) {
  if (const int status = uv_tcp_open(&tcp_, socket); status != 0) return status;
  uv_tcp_nodelay(&tcp_, 1);
  peer_ = peer.host();
  return 0;
}

int TcpStream::connect(const Address& address, Connecting& connecting) {
  peer_ = address.host();
  edge_ = std::make_unique<Edge>();
  edge_->connect.data = &connecting;
  return uv_tcp_connect(&edge_->connect, &tcp_, &address.any, connect_cb);
}

void TcpStream::connect_cb(uv_connect_t* request, int status) noexcept {
  TcpStream& self = *static_cast<TcpStream*>(request->handle->data);
  Connecting& connecting = *static_cast<Connecting*>(request->data);
  self.edge_.reset();  // libuv is done with the request
  if (self.life_ != Life::open) return;
  if (status == 0) uv_tcp_nodelay(&self.tcp_, 1);
  connecting.on_connected(self, status);
}

bool TcpStream::write(std::span<const std::string_view> pieces) {
  CHECK(life_ == Life::open);
  CHECK(fin_ == Fin::none);
  if (failure_ != 0 || write_failure_ != 0) return true;  // told, or about to be: nobody should wait for on_drained()
  std::size_t taken = 0;
  if (!in_flight_ && next_ == nullptr && send_now(pieces, taken)) return true;
  if (next_ == nullptr) next_ = std::make_unique<Sending>();
  for (const std::string_view piece : pieces) {
    const std::size_t skip = std::min(taken, piece.size());
    taken -= skip;
    next_->bytes.append(piece.substr(skip));
  }
  if (next_->bytes.empty()) next_.reset();
  send_queued();
  if (queued_bytes() <= kHighMark) return true;
  stalled_ = true;
  return false;
}

// An error is not looked at: uv_write() meets it again and reports it in a later turn, as it must be.
bool TcpStream::send_now(std::span<const std::string_view> pieces, std::size_t& taken) {
  while (!pieces.empty()) {
    std::array<uv_buf_t, kPiecesPerCall> buffers;
    unsigned count = 0;
    std::size_t bytes = 0;
    for (; !pieces.empty() && count < kPiecesPerCall; pieces = pieces.subspan(1)) {
      if (pieces.front().empty()) continue;
      // why: uv_buf_t has no const; libuv only reads it.
      buffers[count].base = const_cast<char*>(pieces.front().data());
      buffers[count++].len = pieces.front().size();
      bytes += pieces.front().size();
    }
    if (bytes == 0) break;
    const int n = uv_try_write(raw(), buffers.data(), count);
    if (n > 0) taken += static_cast<std::size_t>(n);
    if (n < 0 || static_cast<std::size_t>(n) < bytes) return false;
  }
  return true;
}

void TcpStream::send_queued() {
  if (in_flight_ || next_ == nullptr) return;
  sending_ = std::move(next_);
  sending_->request.data = this;
  const uv_buf_t buffer{sending_->bytes.data(), sending_->bytes.size()};
  const int status = uv_write(&sending_->request, raw(), &buffer, 1, write_cb);
  in_flight_ = status == 0;
  if (status == 0) return;
  drop_queue();
  failure_ = status;
  later(0);
}

void TcpStream::write_cb(uv_write_t* request, int status) noexcept {
  static_cast<TcpStream*>(request->data)->written(status);
}

void TcpStream::written(int status) {
  in_flight_ = false;
  if (life_ == Life::closing) return;
  sending_.reset();
  if (status < 0) {
    drop_queue();
    if (life_ == Life::lingering) return close_handle();
    // A provider may answer "too large" and close while we still send: what it said waits in the socket, so the read
    // side goes on and its end is what breaks the stream.
    const bool peer_closed = status == UV_EPIPE || status == UV_ECONNRESET;
    if (!peer_closed || reading_ != Reading::on) return fail(status);
    write_failure_ = status;
    return;
  }
  send_queued();
  if (fin_ == Fin::wanted && !in_flight_) send_fin();
  if (!stalled_ || queued_bytes() > kLowMark) return;
  stalled_ = false;
  if (events_ != nullptr) events_->on_drained();
}

std::size_t TcpStream::queued_bytes() const {
  const std::size_t next = next_ == nullptr ? 0 : next_->bytes.size();
  return next + (in_flight_ ? uv_stream_get_write_queue_size(reinterpret_cast<const uv_stream_t*>(&tcp_)) : 0);
}

void TcpStream::drop_queue() {
  if (!in_flight_) sending_.reset();
  next_.reset();
  stalled_ = false;
}

void TcpStream::shutdown() {
  if (fin_ != Fin::none) return;
  fin_ = Fin::wanted;
  if (!in_flight_) send_fin();
}

void TcpStream::send_fin() {
  fin_ = Fin::sent;
  edge_ = std::make_unique<Edge>();
  edge_->shutdown.data = this;
  // Fails only on a connection that is already broken, which the read side reports.
  if (failure_ == 0 && write_failure_ == 0 && uv_shutdown(&edge_->shutdown, raw(), shutdown_cb) == 0) return;
  if (life_ == Life::lingering) close_handle();
}

void TcpStream::shutdown_cb(uv_shutdown_t* request, int) noexcept {
  TcpStream& self = *static_cast<TcpStream*>(request->data);
  if (self.life_ == Life::lingering) self.close_handle();
}

void TcpStream::pause() {
  if (reading_ != Reading::on) return;
  reading_ = Reading::paused;
  uv_read_stop(raw());  // libuv's own loop over a readable socket looks at this before it reads again
}

void TcpStream::resume() {
  if (reading_ != Reading::paused || life_ != Life::open || failure_ != 0) return;
  reading_ = Reading::on;
  if (const int status = uv_read_start(raw(), alloc_cb, read_cb); status != 0) {
    failure_ = status;
    later(0);
  }
}

void TcpStream::alloc_cb(uv_handle_t* handle, std::size_t, uv_buf_t* buffer) noexcept {
  TcpStream& self = *static_cast<TcpStream*>(handle->data);
  std::span<char> room;
  if (self.events_ != nullptr) room = self.events_->room();
  if (room.empty()) room = self.loop_.read_buffer();
  buffer->base = room.data();
  buffer->len = room.size();
}

void TcpStream::read_cb(uv_stream_t* handle, ssize_t n, const uv_buf_t* buffer) noexcept {
  TcpStream& self = *static_cast<TcpStream*>(handle->data);
  if (self.life_ != Life::open || n == 0) return;
  if (n == UV_EOF) return self.end_of_input();
  if (n < 0) return self.fail(static_cast<int>(n));
  if (self.events_ != nullptr) self.events_->on_data({buffer->base, static_cast<std::size_t>(n)});
}

// libuv calls it the end when a connection was reset and the bytes before were read in the same turn. A cut answer must
// not look like a finished one, so the socket is asked.
int TcpStream::pending_error() {
  uv_os_fd_t socket = -1;
  int code = 0;
  socklen_t size = sizeof code;
  if (uv_fileno(reinterpret_cast<const uv_handle_t*>(&tcp_), &socket) != 0) return 0;
  return getsockopt(socket, SOL_SOCKET, SO_ERROR, &code, &size) == 0 ? -code : 0;
}

void TcpStream::end_of_input() {
  if (write_failure_ != 0) return fail(write_failure_);
  if (const int status = pending_error(); status != 0) return fail(status);
  uv_read_stop(raw());
  reading_ = Reading::ended;
  if (events_ != nullptr) events_->on_eof();
}

void TcpStream::fail(int status) {
  if (failure_ != 0) return;
  failure_ = status;
  uv_read_stop(raw());
  reading_ = Reading::ended;
  drop_queue();
  if (events_ == nullptr) return;
  Error error = system_error(status, peer_is_, peer_);
  events_->on_broken(error);
}

void TcpStream::later(std::uint64_t after_ms) {
  if (later_ == nullptr) later_ = std::make_unique<Deadline>(loop_, static_cast<Deadline::Events&>(*this));
  later_->arm(after_ms);
}

void TcpStream::on_deadline(Deadline&) {
  if (life_ == Life::lingering) return close_handle();
  const int status = failure_;
  failure_ = 0;
  fail(status);
}

void TcpStream::close() {
  CHECK(life_ == Life::open);
  events_ = nullptr;
  later_.reset();
  const bool owes_bytes = fin_ != Fin::none && in_flight_;
  if (!owes_bytes || reset_ || failure_ != 0 || write_failure_ != 0) return close_handle();
  // shutdown() promised to send the queue first: finish that, for a while, reading no more.
  life_ = Life::lingering;
  uv_read_stop(raw());
  later(kLingerMs);
}

void TcpStream::close_handle() {
  life_ = Life::closing;
  later_.reset();
  if (reset_) {
    // Not uv_tcp_close_reset(): that refuses once shutdown() was called. Zero seconds of linger turn close into RST.
    const linger now{1, 0};
    uv_os_fd_t socket = -1;
    if (uv_fileno(reinterpret_cast<const uv_handle_t*>(&tcp_), &socket) == 0)
      setsockopt(socket, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  }
  uv_close(reinterpret_cast<uv_handle_t*>(&tcp_), close_cb);
}

// libuv runs the write, connect and shutdown callbacks before this one, so nothing points at us any more.
void TcpStream::close_cb(uv_handle_t* handle) noexcept {
  const std::unique_ptr<TcpStream> last_owner(static_cast<TcpStream*>(handle->data));
}

}  // namespace spillway
