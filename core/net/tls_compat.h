// mbedTLS, and the few places where 2.28 and 3.6 are spelled differently. Private to net/tls*: no other file includes
// it, so nothing else depends on which of the two is linked.
#pragma once
#include <mbedtls/ctr_drbg.h>
#include <mbedtls/entropy.h>
#include <mbedtls/error.h>
#include <mbedtls/oid.h>
#include <mbedtls/pk.h>
#include <mbedtls/ssl.h>
#include <mbedtls/ssl_ticket.h>
#include <mbedtls/version.h>
#include <mbedtls/x509_crt.h>

#include <array>
#include <cstdint>
#include <string>

#define SPW_MBEDTLS3 (MBEDTLS_VERSION_NUMBER >= 0x03000000)

#if SPW_MBEDTLS3
#include <psa/crypto.h>
#if !defined(MBEDTLS_THREADING_C)
#error "mbedTLS 3 needs MBEDTLS_THREADING_C: its PSA core is shared by all workers"
#endif
#endif

namespace spillway::mbed {

inline std::string words(int code) {
  char text[160] = "";
  mbedtls_strerror(code, text, sizeof text);
  return text;
}

#if SPW_MBEDTLS3

inline bool start_library() { return psa_crypto_init() == PSA_SUCCESS; }
inline int parse_key_file(mbedtls_pk_context* key, const char* path, mbedtls_ctr_drbg_context* random) {
  return mbedtls_pk_parse_keyfile(key, path, nullptr, mbedtls_ctr_drbg_random, random);
}
inline int check_pair(const mbedtls_pk_context* open, const mbedtls_pk_context* key, mbedtls_ctr_drbg_context* random) {
  return mbedtls_pk_check_pair(open, key, mbedtls_ctr_drbg_random, random);
}
inline void require_tls12(mbedtls_ssl_config* config) {
  mbedtls_ssl_conf_min_tls_version(config, MBEDTLS_SSL_VERSION_TLS1_2);
}
// IANA numbers of x25519, P-256, P-384, P-521. The cheapest first: the client sends a share for that one.
inline constexpr std::array<std::uint16_t, 5> kGroups = {0x001d, 0x0017, 0x0018, 0x0019, 0};
inline void set_groups(mbedtls_ssl_config* config) { mbedtls_ssl_conf_groups(config, kGroups.data()); }
inline bool has_alternative_names(const mbedtls_x509_crt* certificate) {
  return mbedtls_x509_crt_has_ext_type(certificate, MBEDTLS_X509_EXT_SUBJECT_ALT_NAME) != 0;
}

#else

inline bool start_library() { return true; }
inline int parse_key_file(mbedtls_pk_context* key, const char* path, mbedtls_ctr_drbg_context*) {
  return mbedtls_pk_parse_keyfile(key, path, nullptr);
}
inline int check_pair(const mbedtls_pk_context* open, const mbedtls_pk_context* key, mbedtls_ctr_drbg_context*) {
  return mbedtls_pk_check_pair(open, key);
}
// The default minimum of 2.28 is TLS 1.0.
inline void require_tls12(mbedtls_ssl_config* config) {
  mbedtls_ssl_conf_min_version(config, MBEDTLS_SSL_MAJOR_VERSION_3, MBEDTLS_SSL_MINOR_VERSION_3);
}
// The default of 2.28 prefers P-521 and doubles the price of a handshake.
inline constexpr std::array<mbedtls_ecp_group_id, 5> kGroups = {MBEDTLS_ECP_DP_CURVE25519, MBEDTLS_ECP_DP_SECP256R1,
                                                                MBEDTLS_ECP_DP_SECP384R1, MBEDTLS_ECP_DP_SECP521R1,
                                                                MBEDTLS_ECP_DP_NONE};
inline void set_groups(mbedtls_ssl_config* config) { mbedtls_ssl_conf_curves(config, kGroups.data()); }
inline bool has_alternative_names(const mbedtls_x509_crt* certificate) {
  return (certificate->ext_types & MBEDTLS_X509_EXT_SUBJECT_ALT_NAME) != 0;
}

#endif

// TLS 1.3 tickets come after the handshake; mbedTLS 3.6 tells of each by this result of a read, if asked to.
inline void tell_of_tickets([[maybe_unused]] mbedtls_ssl_config* config) {
#if defined(MBEDTLS_SSL_PROTO_TLS1_3) && defined(MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET)
  mbedtls_ssl_conf_tls13_enable_signal_new_session_tickets(config,
                                                           MBEDTLS_SSL_TLS1_3_SIGNAL_NEW_SESSION_TICKETS_ENABLED);
#endif
}
inline bool is_new_ticket([[maybe_unused]] int result) {
#if defined(MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET)
  return result == MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET;
#else
  return false;
#endif
}
inline bool wants_more(int result) {
  return result == MBEDTLS_ERR_SSL_WANT_READ || result == MBEDTLS_ERR_SSL_WANT_WRITE;
}

}  // namespace spillway::mbed
