// The Stream over a TCP socket. Private to net/.
//
// Owner: whoever holds the Ptr; after close() libuv, until close_cb destroys it. Thread: the loop's. Memory: what the
// kernel did not take of the writes; nothing for reading (the loop's buffer is shared).
#pragma once
#include <uv.h>

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "net/address.h"
#include "net/loop.h"
#include "net/stream.h"

namespace spillway {

class TcpStream final : public Stream, private Deadline::Events {
 public:
  // A stream closed with a queue after shutdown() may still send for this long.
  static constexpr std::uint64_t kLingerMs = 5'000;

  class Connecting {
   public:
    virtual void on_connected(TcpStream& stream, int status) = 0;  // 0, or a libuv error

   protected:
    ~Connecting() = default;
  };
  using Ptr = std::unique_ptr<TcpStream, Closer>;

  // `peer_is` is blamed in errors: client for accepted streams, upstream for dialed ones.
  static Ptr create(Loop& loop, Source peer_is);
  TcpStream(Loop& loop, Source peer_is);
  ~TcpStream() override = default;
  int adopt(int socket, const Address& peer);                   // 0, or an error: then the socket is still the caller's
  int connect(const Address& address, Connecting& connecting);  // 0: an event follows in a later turn

  bool write(std::span<const std::string_view> pieces) override;
  void pause() override;
  void resume() override;
  void shutdown() override;
  void reset() override { reset_ = true; }
  std::size_t queued_bytes() const override;
  std::string_view peer() const override { return peer_; }
  bool encrypted() const override { return false; }

 private:
  enum class Life : std::uint8_t { open, lingering, closing };
  enum class Reading : std::uint8_t { paused, on, ended };
  enum class Fin : std::uint8_t { none, wanted, sent };

  void close() override;
  void on_deadline(Deadline& deadline) override;
  void later(std::uint64_t after_ms);
  static void alloc_cb(uv_handle_t* handle, std::size_t suggested, uv_buf_t* buffer) noexcept;
  static void read_cb(uv_stream_t* handle, ssize_t n, const uv_buf_t* buffer) noexcept;
  static void write_cb(uv_write_t* request, int status) noexcept;
  static void connect_cb(uv_connect_t* request, int status) noexcept;
  static void shutdown_cb(uv_shutdown_t* request, int status) noexcept;
  static void close_cb(uv_handle_t* handle) noexcept;

  // True: all was taken; else `taken` bytes of it were.
  bool send_now(std::span<const std::string_view> pieces, std::size_t& taken);
  void send_queued();
  void send_fin();
  int pending_error();
  void end_of_input();
  void written(int status);
  [[gnu::cold]] void fail(int status);
  void drop_queue();
  void close_handle();
  uv_stream_t* raw() { return reinterpret_cast<uv_stream_t*>(&tcp_); }

  Loop& loop_;
  const Source peer_is_;
  Life life_ = Life::open;
  Reading reading_ = Reading::paused;
  Fin fin_ = Fin::none;
  bool reset_ = false;
  bool stalled_ = false;    // a write() returned false: on_drained() is owed
  bool in_flight_ = false;  // libuv has sending_
  int write_failure_ = 0;   // kept until the bytes that came before it are read
  int failure_ = 0;         // told, or about to be
  uv_tcp_t tcp_{};
  union Edge {  // a connection is made before it is ended
    uv_connect_t connect{};
    uv_shutdown_t shutdown;
  };
  std::unique_ptr<Edge> edge_;       // while it is made, and from its end on
  std::unique_ptr<Deadline> later_;  // open: tell failure_; lingering: give up; none: never needed
  struct Sending {                   // what the kernel did not take at once
    uv_write_t request{};
    std::string bytes;
  };
  std::unique_ptr<Sending> sending_;  // while in flight
  std::unique_ptr<Sending> next_;     // while there is something in it
  std::string peer_;
};

}  // namespace spillway
