// Whether a server's certificate is for the host we asked for, and in words why it was refused. Private to net/tls*.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "net/tls_compat.h"

namespace spillway {

// Rides along with one handshake as mbedTLS's verify callback. Chain and DNS names are the library's work; ours are IP
// addresses (2.28 does not know them) and refusing a certificate that names its host in the subject only.
class TlsVerify {
 public:
  explicit TlsVerify(std::string_view host);
  // For SNI and the library's own comparison; null for an IP address, which SNI must not carry.
  const char* dns_name() const { return ip_.empty() ? host_.c_str() : nullptr; }
  bool ran() const { return ran_; }  // a resumed handshake shows no certificate
  std::string causes(std::uint32_t flags) const;
  static int verify_cb(void* self, mbedtls_x509_crt* certificate, int depth, std::uint32_t* flags) noexcept;

 private:
  bool names_ip(const mbedtls_x509_crt& certificate) const;
  std::string host_;
  std::string ip_;  // 4 or 16 bytes in network order, or empty
  bool ran_ = false;
  bool self_signed_ = false;
};

}  // namespace spillway
