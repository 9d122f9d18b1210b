// The Stream over TLS: encrypts on the way down, decrypts on the way up, runs the handshake first. Private to net/tls*.
//
// Owner: the holder of the Ptr, then the loop's graves. Thread: the loop's. Memory: mbedTLS's two record buffers, what
// is written before the handshake is over, and at most one read of ciphertext while paused; queued ciphertext is below
// us.
#pragma once
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/buffer.h"
#include "net/loop.h"
#include "net/stream.h"
#include "net/tls_settings.h"
#include "net/tls_verify.h"

namespace spillway {

class TlsStream final : public Stream, public Mortal, private Stream::Events, private Deadline::Events {
 public:
  // Who waits for the handshake of a client; a server's stream has none and reports to its Events.
  class Watcher {
   public:
    virtual void on_handshake_done() = 0;
    virtual void on_handshake_failed(const Error& error) = 0;

   protected:
    ~Watcher() = default;
  };
  using Ptr = std::unique_ptr<TlsStream, Closer>;

  // `verify` decides the side: a client has one. Nothing is called before a later turn.
  static Ptr create(Loop& loop, StreamPtr lower, TlsSettingsRef settings, std::optional<TlsVerify> verify,
                    std::string session_name, Watcher* watcher);
  TlsStream(Loop& loop, StreamPtr lower, TlsSettingsRef settings, std::optional<TlsVerify> verify,
            std::string session_name, Watcher* watcher);
  ~TlsStream() override;

  bool write(std::span<const std::string_view> pieces) override;
  void pause() override;
  void resume() override;
  void shutdown() override;
  void reset() override;
  std::size_t queued_bytes() const override;
  std::string_view peer() const override { return lower_->peer(); }
  bool encrypted() const override { return true; }

 private:
  enum class Phase : std::uint8_t { handshake, open, broken, closed };
  enum class Fin : std::uint8_t { none, wanted, sent };

  void close() override;
  void on_data(std::string_view bytes) override;
  void on_eof() override;
  void on_drained() override;
  void on_broken(const Error& error) override;
  void on_deadline(Deadline& deadline) override;

  static int send_cb(void* self, const unsigned char* bytes, std::size_t n) noexcept;
  static int receive_cb(void* self, unsigned char* bytes, std::size_t n) noexcept;
  void start();
  void pump();
  int shake();
  bool established();
  bool read_record();
  void keep_session();
  int encrypt(std::span<const std::string_view> pieces);
  int encrypt_all(std::string_view bytes);
  bool flush();
  void send_close_notify();
  void tell_drained();
  std::size_t unread_bytes() const { return held_.size() + incoming_.size(); }
  void fail(Error error);
  void fail_later(Error error);
  Error describe(int code);
  Error cut_off(std::string_view how) const;

  Loop& loop_;
  StreamPtr lower_;
  const TlsSettingsRef settings_;
  mbedtls_ssl_context ssl_;
  std::optional<TlsVerify> verify_;
  const std::string session_name_;
  Watcher* watcher_;
  Phase phase_ = Phase::handshake;
  Fin fin_ = Fin::none;
  bool paused_ = true;
  bool ended_ = false;            // close_notify came
  bool stalled_ = false;          // a write() returned false: on_drained() is owed
  std::string_view incoming_;     // what the lower stream is just delivering
  Buffer held_;                   // what it delivered while we were paused
  std::string early_;             // written before the handshake was over
  std::optional<Error> failure_;  // not told yet
  Deadline later_;                // tell failure_, or go on reading held_
};

}  // namespace spillway
