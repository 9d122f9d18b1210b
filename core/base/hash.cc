#include "base/hash.h"

#include <mbedtls/sha256.h>
#include <mbedtls/version.h>

#include <bit>
#include <cstring>

#include "base/error.h"

extern "C" {  // this header lacks its own
#include <mbedtls/constant_time.h>
}

namespace spillway {

struct Sha256::Context {
  mbedtls_sha256_context sha;
};

namespace {

// mbedTLS 2.28 has the functions that can fail under names of their own.
#if MBEDTLS_VERSION_NUMBER >= 0x03000000
int starts(mbedtls_sha256_context* c) { return mbedtls_sha256_starts(c, 0); }
int update(mbedtls_sha256_context* c, const unsigned char* p, std::size_t n) { return mbedtls_sha256_update(c, p, n); }
int ends(mbedtls_sha256_context* c, unsigned char* out) { return mbedtls_sha256_finish(c, out); }
#else
int starts(mbedtls_sha256_context* c) { return mbedtls_sha256_starts_ret(c, 0); }
int update(mbedtls_sha256_context* c, const unsigned char* p, std::size_t n) {
  return mbedtls_sha256_update_ret(c, p, n);
}
int ends(mbedtls_sha256_context* c, unsigned char* out) { return mbedtls_sha256_finish_ret(c, out); }
#endif

const unsigned char* as_bytes(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

std::uint64_t load64(const char* at) {
  std::uint64_t word = 0;
  std::memcpy(&word, at, 8);
  return word;
}

std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

}  // namespace

Sha256::Sha256() : context_(std::make_unique<Context>()) {
  mbedtls_sha256_init(&context_->sha);
  CHECK(starts(&context_->sha) == 0);
}

Sha256::~Sha256() { mbedtls_sha256_free(&context_->sha); }

void Sha256::add(std::string_view bytes) { CHECK(update(&context_->sha, as_bytes(bytes), bytes.size()) == 0); }

Digest Sha256::finish() {
  Digest digest{};
  CHECK(ends(&context_->sha, digest.data()) == 0);
  return digest;
}

Digest sha256(std::string_view bytes) {
  Sha256 sum;
  sum.add(bytes);
  return sum.finish();
}

std::string hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
  return out;
}

std::uint64_t hash64(std::string_view bytes, std::uint64_t seed) {
  constexpr std::uint64_t kOdd = 0x9e3779b97f4a7c15ull, kOther = 0xd6e8feb86659fd93ull;
  std::uint64_t h = mix(seed ^ kOdd, bytes.size() ^ kOther);
  while (bytes.size() >= 8) {
    h = mix(h ^ load64(bytes.data()), kOther);
    bytes.remove_prefix(8);
  }
  char tail[8] = {};
  if (!bytes.empty()) std::memcpy(tail, bytes.data(), bytes.size());
  h = mix(h ^ load64(tail), kOdd);
  return mix(h, kOther);
}

bool equal_in_constant_time(const Digest& a, const Digest& b) {
  return mbedtls_ct_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace spillway
