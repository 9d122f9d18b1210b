// What all TLS streams of one TlsClient or TlsServer share: configuration, certificates, randomness, remembered
// sessions, and a scratch buffer. Private to net/tls*. Thread: one loop's, like everything in it. Streams hold a
// reference, so a reload may replace the TlsServer while its connections go on.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/error.h"
#include "net/tls_compat.h"

namespace spillway {

// One session per server name, so that the next connection to it needs no certificate.
class TlsSessions {
 public:
  static constexpr std::size_t kNamesMax = 256;
  static constexpr std::uint64_t kAgeMs = 3'600'000;  // a session is not checked against the certificate again

  TlsSessions() = default;
  ~TlsSessions();
  TlsSessions(const TlsSessions&) = delete;
  TlsSessions& operator=(const TlsSessions&) = delete;
  void keep(const std::string& name, const mbedtls_ssl_context& ssl, std::uint64_t now_ms);
  bool offer(const std::string& name, mbedtls_ssl_context& ssl, std::uint64_t now_ms);  // true: it will try to resume
  void drop(const std::string& name);

 private:
  struct Session {
    mbedtls_ssl_session state;
    std::uint64_t kept_ms;
  };
  std::unordered_map<std::string, Session> sessions_;
};

struct TlsSettings {
  TlsSettings();
  ~TlsSettings();
  TlsSettings(const TlsSettings&) = delete;
  TlsSettings& operator=(const TlsSettings&) = delete;
  Status prepare(int endpoint);  // MBEDTLS_SSL_IS_CLIENT or _SERVER

  mbedtls_entropy_context entropy;
  mbedtls_ctr_drbg_context random;
  mbedtls_ssl_config config;
  mbedtls_x509_crt chain;  // client: whom we trust; server: what we show
  mbedtls_pk_context key;
  TlsSessions sessions;
  std::string outgoing;  // ciphertext on its way to the lower stream; empty between calls
  std::uint64_t full_handshakes = 0;
  std::uint64_t resumed_handshakes = 0;
};

// Shared by a TlsServer (or TlsClient) and its streams, whichever lives longer; all on one thread.
using TlsSettingsRef = std::shared_ptr<TlsSettings>;  // why: a reload drops the server before its last stream

}  // namespace spillway
