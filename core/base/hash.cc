#include "base/hash.h"

#include <mbedtls/sha1.h>
#include <mbedtls/sha256.h>
#include <mbedtls/version.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/error.h"
#include "base/sha256_rounds.h"

extern "C" {  // this header lacks its own
#include <mbedtls/constant_time.h>
}

namespace spillway {

struct Sha256::Context {
  static constexpr std::size_t kBlock = 64;
  mbedtls_sha256_context sha;
  // Of the processor's way.
  bool by_processor = false;
  Sha256State state = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::uint64_t bytes = 0;
  unsigned char partial[kBlock];  // bytes % kBlock of them

  void add(const unsigned char* in, std::size_t n);
  Digest finish();
};

namespace {

// mbedTLS 2.28 has the functions that can fail under names of their own.
#if MBEDTLS_VERSION_NUMBER >= 0x03000000
int starts(mbedtls_sha256_context* c) { return mbedtls_sha256_starts(c, 0); }
int update(mbedtls_sha256_context* c, const unsigned char* p, std::size_t n) { return mbedtls_sha256_update(c, p, n); }
int ends(mbedtls_sha256_context* c, unsigned char* out) { return mbedtls_sha256_finish(c, out); }
int whole_sha1(const unsigned char* p, std::size_t n, unsigned char* out) { return mbedtls_sha1(p, n, out); }
#else
int starts(mbedtls_sha256_context* c) { return mbedtls_sha256_starts_ret(c, 0); }
int update(mbedtls_sha256_context* c, const unsigned char* p, std::size_t n) {
  return mbedtls_sha256_update_ret(c, p, n);
}
int ends(mbedtls_sha256_context* c, unsigned char* out) { return mbedtls_sha256_finish_ret(c, out); }
int whole_sha1(const unsigned char* p, std::size_t n, unsigned char* out) { return mbedtls_sha1_ret(p, n, out); }
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

void Sha256::Context::add(const unsigned char* in, std::size_t n) {
  if (n == 0) return;
  const std::size_t held = bytes % kBlock;
  bytes += n;
  if (held > 0) {
    const std::size_t taken = std::min(n, kBlock - held);
    std::memcpy(partial + held, in, taken);
    if (held + taken < kBlock) return;
    sha256_rounds(state, partial, 1);
    in += taken;
    n -= taken;
  }
  sha256_rounds(state, in, n / kBlock);
  if (n % kBlock > 0) std::memcpy(partial, in + n / kBlock * kBlock, n % kBlock);
}

// A bit, zeros, and the length in bits as the last eight bytes of a block (FIPS 180-4 5.1.1).
Digest Sha256::Context::finish() {
  const std::uint64_t bits = bytes * 8;
  unsigned char end[kBlock * 2] = {0x80};
  const std::size_t room = kBlock - bytes % kBlock;
  const std::size_t n = room > 8 ? room : room + kBlock;
  for (std::size_t i = 0; i < 8; ++i) end[n - 1 - i] = static_cast<unsigned char>(bits >> (8 * i));
  add(end, n);
  Digest digest{};
  for (std::size_t i = 0; i < digest.size(); ++i)
    digest[i] = static_cast<std::uint8_t>(state[i / 4] >> (24 - i % 4 * 8));
  return digest;
}

Sha256::Sha256() : Sha256(sha256_rounds_here()) {}

Sha256::Sha256(bool by_processor) : context_(std::make_unique<Context>()) {
  context_->by_processor = by_processor;
  if (by_processor) return;
  mbedtls_sha256_init(&context_->sha);
  CHECK(starts(&context_->sha) == 0);
}

Sha256::~Sha256() {
  if (!context_->by_processor) {
    mbedtls_sha256_free(&context_->sha);
    return;
  }
  explicit_bzero(context_->partial, sizeof context_->partial);  // secrets are hashed, too
  explicit_bzero(context_->state, sizeof context_->state);
}

void Sha256::add(std::string_view bytes) {
  if (context_->by_processor) return context_->add(as_bytes(bytes), bytes.size());
  CHECK(update(&context_->sha, as_bytes(bytes), bytes.size()) == 0);
}

Digest Sha256::finish() {
  if (context_->by_processor) return context_->finish();
  Digest digest{};
  CHECK(ends(&context_->sha, digest.data()) == 0);
  return digest;
}

Digest sha256(std::string_view bytes) {
  Sha256 sum;
  sum.add(bytes);
  return sum.finish();
}

std::array<std::uint8_t, 20> sha1(std::string_view bytes) {
  std::array<std::uint8_t, 20> sum{};
  CHECK(whole_sha1(as_bytes(bytes), bytes.size(), sum.data()) == 0);
  return sum;
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
