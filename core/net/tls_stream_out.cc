// The other half of TlsStream: what goes down, and how it ends.
#include <algorithm>
#include <cstring>

#include "net/tls_stream.h"

namespace spillway {

namespace {
constexpr std::size_t kRecordBytes = MBEDTLS_SSL_OUT_CONTENT_LEN;
}  // namespace

bool TlsStream::write(std::span<const std::string_view> pieces) {
  CHECK(phase_ != Phase::closed);
  CHECK(fin_ == Fin::none);
  if (phase_ == Phase::broken || failure_) return true;
  bool go_on = true;
  if (phase_ == Phase::handshake) {
    for (const std::string_view piece : pieces) early_.append(piece);
    go_on = early_.size() <= kHighMark;
  } else if (const int code = encrypt(pieces); code != 0) {
    settings_->outgoing.clear();
    fail_later(describe(code));
  } else {
    go_on = flush();
  }
  if (!go_on) stalled_ = true;
  return go_on;
}

// Small pieces share a record: each costs 29 bytes and a run of the cipher.
int TlsStream::encrypt(std::span<const std::string_view> pieces) {
  char record[kRecordBytes];
  std::size_t used = 0;
  for (std::string_view piece : pieces) {
    while (!piece.empty()) {
      if (used == 0 && piece.size() >= kRecordBytes) {
        const std::size_t whole = piece.size() - piece.size() % kRecordBytes;
        if (const int code = encrypt_all(piece.substr(0, whole)); code != 0) return code;
        piece.remove_prefix(whole);
        continue;
      }
      const std::size_t n = std::min(kRecordBytes - used, piece.size());
      std::memcpy(record + used, piece.data(), n);
      used += n;
      piece.remove_prefix(n);
      if (used < kRecordBytes) continue;
      if (const int code = encrypt_all({record, used}); code != 0) return code;
      used = 0;
    }
  }
  return encrypt_all({record, used});
}

int TlsStream::encrypt_all(std::string_view bytes) {
  while (!bytes.empty()) {
    // Takes one record at most. send_cb takes everything, so "want more" cannot happen after the handshake.
    const int n = mbedtls_ssl_write(&ssl_, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
    if (mbed::is_new_ticket(n)) {  // a write, too, deals with a ticket that a read took in
      keep_session();
      continue;
    }
    if (n <= 0) return n == 0 ? MBEDTLS_ERR_SSL_INTERNAL_ERROR : n;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return 0;
}

std::size_t TlsStream::queued_bytes() const { return early_.size() + (lower_ ? lower_->queued_bytes() : 0); }

void TlsStream::on_drained() {
  if (phase_ == Phase::open) tell_drained();
}

void TlsStream::tell_drained() {
  if (!stalled_ || queued_bytes() > kLowMark) return;
  stalled_ = false;
  if (events_ != nullptr) events_->on_drained();
}

void TlsStream::shutdown() {
  if (fin_ != Fin::none) return;
  fin_ = Fin::wanted;
  if (phase_ == Phase::open) send_close_notify();
}

void TlsStream::send_close_notify() {
  fin_ = Fin::sent;
  mbedtls_ssl_close_notify(&ssl_);
  flush();
  lower_->shutdown();
}

void TlsStream::reset() {
  if (lower_) lower_->reset();
}

void TlsStream::on_eof() {
  if (ended_ || phase_ == Phase::broken) return;
  fail(cut_off("the connection was closed"));
}

void TlsStream::on_broken(const Error& error) {
  if (phase_ == Phase::broken) return;
  Error told = error;
  if (phase_ == Phase::handshake) told = cut_off(error.detail);
  fail(std::move(told));
}

// Anybody on the path can send a FIN: without close_notify the end may not be the end.
Error TlsStream::cut_off(std::string_view how) const {
  const bool early = phase_ == Phase::handshake;
  return {early ? Kind::tls : Kind::closed, verify_ ? Source::upstream : Source::client,
          verify_ ? Retry::yes : Retry::no,
          std::string(how) + (early ? " during the TLS handshake" : " without TLS close_notify")};
}

Error TlsStream::describe(int code) {
  Error error{Kind::tls, verify_ ? Source::upstream : Source::client, verify_ ? Retry::yes : Retry::no, {}};
  if (code == MBEDTLS_ERR_X509_CERT_VERIFY_FAILED && verify_) {
    error.detail = verify_->causes(mbedtls_ssl_get_verify_result(&ssl_));
  } else {
    error.detail = (phase_ == Phase::handshake ? "TLS handshake failed: " : "TLS failed: ") + mbed::words(code);
  }
  // A session the server no longer likes must not spoil the next attempt too.
  if (phase_ == Phase::handshake && verify_) settings_->sessions.drop(session_name_);
  return error;
}

void TlsStream::fail_later(Error error) {
  failure_ = std::move(error);
  later_.arm(0);
}

void TlsStream::fail(Error error) {
  phase_ = Phase::broken;
  lower_->pause();
  incoming_ = {};
  held_.clear();
  early_.clear();
  stalled_ = false;
  if (watcher_ != nullptr) return std::exchange(watcher_, nullptr)->on_handshake_failed(error);
  if (events_ != nullptr) return events_->on_broken(error);
  failure_ = std::move(error);  // told when somebody resumes us
}

void TlsStream::close() {
  CHECK(phase_ != Phase::closed);
  phase_ = Phase::closed;
  events_ = nullptr;
  watcher_ = nullptr;
  later_.disarm();
  lower_.reset();
  loop_.bury(std::unique_ptr<Mortal>(this));
}

}  // namespace spillway
