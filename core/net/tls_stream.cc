// TLS between two streams. mbedTLS reads from `held_` and `incoming_` and writes into the settings' scratch buffer,
// which flush() hands to the lower stream in one write before anybody above is called.
//
// Whatever is called may close us. Closing only buries: members stay readable until the turn is over, and each caller
// looks at phase_ before it goes on.
#include "net/tls_stream.h"

#include <algorithm>
#include <cstring>

namespace spillway {

namespace {
constexpr std::size_t kScratchKept = 64 * 1024;
}  // namespace

TlsStream::Ptr TlsStream::create(Loop& loop, StreamPtr lower, TlsSettingsRef settings, std::optional<TlsVerify> verify,
                                 std::string session_name, Watcher* watcher) {
  auto stream = std::make_unique<TlsStream>(loop, std::move(lower), std::move(settings), std::move(verify),
                                            std::move(session_name), watcher);
  stream->start();
  return Ptr(stream.release());
}

TlsStream::TlsStream(Loop& loop, StreamPtr lower, TlsSettingsRef settings, std::optional<TlsVerify> verify,
                     std::string session_name, Watcher* watcher)
    : loop_(loop),
      lower_(std::move(lower)),
      settings_(std::move(settings)),
      verify_(std::move(verify)),
      session_name_(std::move(session_name)),
      watcher_(watcher),
      later_(loop, *this) {
  mbedtls_ssl_init(&ssl_);
}

TlsStream::~TlsStream() { mbedtls_ssl_free(&ssl_); }

void TlsStream::start() {
  lower_->set_events(this);
  int code = mbedtls_ssl_setup(&ssl_, &settings_->config);
  if (code == 0 && verify_) {
    mbedtls_ssl_set_verify(&ssl_, TlsVerify::verify_cb, &*verify_);
    // Always called: without it 2.28 accepts any name (CVE-2025-27809) and 3.6 refuses the handshake. Null for an IP
    // address turns the library's own comparison off; TlsVerify compares.
    code = mbedtls_ssl_set_hostname(&ssl_, verify_->dns_name());
  }
  if (code != 0) return fail_later(describe(code));
  mbedtls_ssl_set_bio(&ssl_, this, send_cb, receive_cb, nullptr);
  lower_->resume();
  if (!verify_) return;  // a server waits for the client's first words
  settings_->sessions.offer(session_name_, ssl_, loop_.now_ms());
  code = shake();
  if (code != 0 && !mbed::wants_more(code)) fail_later(describe(code));
}

int TlsStream::send_cb(void* self, const unsigned char* bytes, std::size_t n) noexcept {
  static_cast<TlsStream*>(self)->settings_->outgoing.append(reinterpret_cast<const char*>(bytes), n);
  return static_cast<int>(n);
}

int TlsStream::receive_cb(void* data, unsigned char* bytes, std::size_t n) noexcept {
  TlsStream& self = *static_cast<TlsStream*>(data);
  const std::string_view from = self.held_.empty() ? self.incoming_ : self.held_.view();
  if (from.empty()) return MBEDTLS_ERR_SSL_WANT_READ;
  n = std::min(n, from.size());
  std::memcpy(bytes, from.data(), n);
  if (self.held_.empty()) {
    self.incoming_.remove_prefix(n);
  } else {
    self.held_.consume(n);
  }
  return static_cast<int>(n);
}

bool TlsStream::flush() {
  std::string& outgoing = settings_->outgoing;
  if (outgoing.empty()) return true;
  const bool go_on = lower_->write(outgoing);
  outgoing.clear();
  if (outgoing.capacity() > kScratchKept) outgoing.shrink_to_fit();
  return go_on;
}

void TlsStream::on_data(std::string_view bytes) {
  incoming_ = bytes;
  pump();
  // The buffer belongs to the loop: what we did not get to (paused inside on_data) is copied.
  if ((phase_ == Phase::handshake || phase_ == Phase::open) && !ended_) held_.append(incoming_);
  incoming_ = {};
}

void TlsStream::pump() {
  if (failure_) return;  // about to be told
  if (phase_ == Phase::handshake) {
    const int code = shake();
    if (mbed::wants_more(code)) return;
    if (code != 0) return fail(describe(code));
    if (!established()) return;
  }
  while (phase_ == Phase::open && !paused_ && !ended_ && read_record()) {
  }
}

// mbedTLS 3.6 may say "want more" with whole records unread, or with a ticket it has taken in but not looked at, so it
// is asked again until it takes nothing.
int TlsStream::shake() {
  for (;;) {
    const std::size_t before = unread_bytes();
    const int code = mbedtls_ssl_handshake(&ssl_);
    if (mbed::wants_more(code) && unread_bytes() < before) continue;
    flush();  // on failure too: the alert says why
    return code;
  }
}

// The handshake is over: what was written meanwhile goes out, then whoever waited hears. False: we were closed.
bool TlsStream::established() {
  phase_ = Phase::open;
  const bool resumed = verify_ && !verify_->ran();
  ++(resumed ? settings_->resumed_handshakes : settings_->full_handshakes);
  // In TLS 1.3 there is nothing to resume by before the first ticket.
  if (verify_ && std::string_view(mbedtls_ssl_get_version(&ssl_)) != "TLSv1.3") keep_session();
  if (paused_) lower_->pause();
  if (!early_.empty()) {
    const std::string early = std::exchange(early_, {});
    if (const int code = encrypt_all(early); code != 0) {
      fail(describe(code));
      return false;
    }
    flush();
  }
  if (fin_ == Fin::wanted) send_close_notify();
  if (watcher_ != nullptr) std::exchange(watcher_, nullptr)->on_handshake_done();
  if (phase_ == Phase::open) tell_drained();
  return phase_ == Phase::open;
}

void TlsStream::keep_session() { settings_->sessions.keep(session_name_, ssl_, loop_.now_ms()); }

bool TlsStream::read_record() {
  const std::size_t before = unread_bytes();
  unsigned char plain[MBEDTLS_SSL_IN_CONTENT_LEN];
  const int n = mbedtls_ssl_read(&ssl_, plain, sizeof plain);
  flush();
  if (n > 0) {
    if (events_ != nullptr) events_->on_data({reinterpret_cast<const char*>(plain), static_cast<std::size_t>(n)});
    return true;
  }
  if (mbed::is_new_ticket(n)) {
    keep_session();
    return true;
  }
  if (mbed::wants_more(n)) return unread_bytes() < before;
  if (n == 0 || n == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY) {
    ended_ = true;
    incoming_ = {};
    held_.clear();
    if (events_ != nullptr) events_->on_eof();
    return false;
  }
  fail(describe(n));
  return false;
}

void TlsStream::pause() {
  paused_ = true;
  if (phase_ == Phase::open && !ended_) lower_->pause();
}

void TlsStream::resume() {
  paused_ = false;
  // Neither a failure nor what was held back is delivered inside this call.
  if (failure_ || unread_bytes() > 0) return later_.arm(0);
  if (phase_ == Phase::open) lower_->resume();
}

void TlsStream::on_deadline(Deadline&) {
  if (failure_) {
    Error error = *std::exchange(failure_, std::nullopt);
    return fail(std::move(error));
  }
  pump();
  if (phase_ == Phase::open && !paused_) lower_->resume();
}

}  // namespace spillway
