// The choices made once for both sides: TLS 1.2 at least, forward secrecy and AEAD only, cheap groups first, HTTP/1.1.
#include "net/tls_settings.h"

#include <mutex>

namespace spillway {

namespace {

constexpr int kSuites[] = {
#if SPW_MBEDTLS3
    // 2.28 must not see these: a client that offers one too would fail with an internal error.
    MBEDTLS_TLS1_3_CHACHA20_POLY1305_SHA256,
    MBEDTLS_TLS1_3_AES_128_GCM_SHA256,
    MBEDTLS_TLS1_3_AES_256_GCM_SHA384,
#endif
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
    MBEDTLS_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    MBEDTLS_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
    MBEDTLS_TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    0,
};

// mbedTLS wants an array of char pointers without const.
const char* client_protocols[] = {"http/1.1", nullptr};
const char* server_protocols[] = {"http/1.1", "http/1.0", nullptr};

std::once_flag library_started;

Error setup_error(std::string_view what, int code) {
  return {Kind::internal, Source::us, Retry::no, "cannot set up TLS: " + std::string(what) + ": " + mbed::words(code)};
}

}  // namespace

TlsSettings::TlsSettings() {
  mbedtls_entropy_init(&entropy);
  mbedtls_ctr_drbg_init(&random);
  mbedtls_ssl_config_init(&config);
  mbedtls_x509_crt_init(&chain);
  mbedtls_pk_init(&key);
}

TlsSettings::~TlsSettings() {
  mbedtls_ssl_config_free(&config);
  mbedtls_pk_free(&key);
  mbedtls_x509_crt_free(&chain);
  mbedtls_ctr_drbg_free(&random);
  mbedtls_entropy_free(&entropy);
}

Status TlsSettings::prepare(int endpoint) {
  static bool started = false;
  std::call_once(library_started, [] { started = mbed::start_library(); });
  if (!started) return Error{Kind::internal, Source::us, Retry::no, "cannot set up TLS: the library did not start"};
  if (const int code = mbedtls_ctr_drbg_seed(&random, mbedtls_entropy_func, &entropy, nullptr, 0); code != 0)
    return setup_error("randomness", code);
  if (const int code =
          mbedtls_ssl_config_defaults(&config, endpoint, MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT);
      code != 0)
    return setup_error("defaults", code);
  mbedtls_ssl_conf_rng(&config, mbedtls_ctr_drbg_random, &random);
  mbed::require_tls12(&config);
  mbed::set_groups(&config);
  mbedtls_ssl_conf_ciphersuites(&config, kSuites);
  const char** names = endpoint == MBEDTLS_SSL_IS_SERVER ? server_protocols : client_protocols;
  if (const int code = mbedtls_ssl_conf_alpn_protocols(&config, names); code != 0) return setup_error("ALPN", code);
  return Nothing{};
}

TlsSessions::~TlsSessions() {
  for (auto& [name, session] : sessions_) mbedtls_ssl_session_free(&session.state);
}

void TlsSessions::keep(const std::string& name, const mbedtls_ssl_context& ssl, std::uint64_t now_ms) {
  mbedtls_ssl_session fresh;
  mbedtls_ssl_session_init(&fresh);
  if (mbedtls_ssl_get_session(&ssl, &fresh) != 0) return mbedtls_ssl_session_free(&fresh);
  drop(name);
  if (sessions_.size() >= kNamesMax) drop(sessions_.begin()->first);
  sessions_.emplace(name, Session{fresh, now_ms});  // a plain C struct: copied like one, freed once
}

bool TlsSessions::offer(const std::string& name, mbedtls_ssl_context& ssl, std::uint64_t now_ms) {
  const auto at = sessions_.find(name);
  if (at == sessions_.end()) return false;
  if (now_ms - at->second.kept_ms < kAgeMs && mbedtls_ssl_set_session(&ssl, &at->second.state) == 0) return true;
  drop(name);
  return false;
}

void TlsSessions::drop(const std::string& name) {
  const auto at = sessions_.find(name);
  if (at == sessions_.end()) return;
  mbedtls_ssl_session_free(&at->second.state);
  sessions_.erase(at);
}

}  // namespace spillway
