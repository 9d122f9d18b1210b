// Judging certificates (reliability.md T1-T6).
#include "net/tls_verify.h"

#include <cstring>

#include "net/address.h"

namespace spillway {

namespace {

constexpr int kIpAddressTag = 7;  // GeneralName: iPAddress [7] (RFC 5280 4.2.1.6)

std::string_view bytes_of(const mbedtls_x509_buf& buffer) {
  return {reinterpret_cast<const char*>(buffer.p), buffer.len};
}

}  // namespace

TlsVerify::TlsVerify(std::string_view host) : host_(host) {
  if (const std::optional<Address> literal = Address::literal(host_, 0)) {
    if (literal->is_v6()) {
      ip_.assign(reinterpret_cast<const char*>(&literal->v6.sin6_addr), sizeof literal->v6.sin6_addr);
    } else {
      ip_.assign(reinterpret_cast<const char*>(&literal->v4.sin_addr), sizeof literal->v4.sin_addr);
    }
  } else if (!host_.empty() && host_.back() == '.') {
    host_.pop_back();  // "api.example." is that host, but no certificate says so
  }
}

bool TlsVerify::names_ip(const mbedtls_x509_crt& certificate) const {
  if (!mbed::has_alternative_names(&certificate)) return false;
  for (const mbedtls_x509_sequence* at = &certificate.subject_alt_names; at != nullptr; at = at->next)
    if ((at->buf.tag & MBEDTLS_ASN1_TAG_VALUE_MASK) == kIpAddressTag && bytes_of(at->buf) == ip_) return true;
  return false;
}

int TlsVerify::verify_cb(void* data, mbedtls_x509_crt* certificate, int depth, std::uint32_t* flags) noexcept {
  TlsVerify& self = *static_cast<TlsVerify*>(data);
  if (depth != 0) return 0;
  self.ran_ = true;
  self.self_signed_ = bytes_of(certificate->issuer_raw) == bytes_of(certificate->subject_raw);
  const bool named = self.ip_.empty() ? mbed::has_alternative_names(certificate) : self.names_ip(*certificate);
  if (!named) *flags |= MBEDTLS_X509_BADCERT_CN_MISMATCH;
  return 0;
}

std::string TlsVerify::causes(std::uint32_t flags) const {
  std::string text;
  const auto add = [&](std::uint32_t flag, const std::string& cause) {
    if ((flags & flag) == 0) return;
    flags &= ~flag;
    text += (text.empty() ? "" : ", ") + cause;
  };
  add(MBEDTLS_X509_BADCERT_EXPIRED, "certificate expired");
  add(MBEDTLS_X509_BADCERT_FUTURE, "certificate is not yet valid");
  add(MBEDTLS_X509_BADCERT_CN_MISMATCH, "certificate is for another host than " + host_);
  add(MBEDTLS_X509_BADCERT_NOT_TRUSTED,
      self_signed_ ? "certificate is self-signed" : "certificate has an unknown issuer");
  add(MBEDTLS_X509_BADCERT_REVOKED, "certificate was revoked");
  add(MBEDTLS_X509_BADCERT_MISSING, "the server showed no certificate");
  add(MBEDTLS_X509_BADCERT_BAD_MD | MBEDTLS_X509_BADCERT_BAD_PK | MBEDTLS_X509_BADCERT_BAD_KEY,
      "certificate uses weak or unknown cryptography");
  add(MBEDTLS_X509_BADCERT_KEY_USAGE | MBEDTLS_X509_BADCERT_EXT_KEY_USAGE | MBEDTLS_X509_BADCERT_NS_CERT_TYPE,
      "certificate is not meant for servers");
  add(~0u, "certificate was not accepted (" + std::to_string(flags) + ")");
  return text;
}

}  // namespace spillway
