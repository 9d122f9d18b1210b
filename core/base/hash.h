// SHA-256 (mbedTLS; SHA-1 where a protocol wants it) for keys of the cache and of clients, a fast 64-bit hash for
// tables, and a comparison in constant time for secrets. Thread: any.
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace spillway {

using Digest = std::array<std::uint8_t, 32>;

Digest sha256(std::string_view bytes);
std::array<std::uint8_t, 20> sha1(std::string_view bytes);  // no secret rests on it
std::string hex(std::string_view bytes);
std::uint64_t hash64(std::string_view bytes, std::uint64_t seed = 0);  // not for untrusted tables that grow

// Compares digests, so that neither content nor length of a secret shows in the time taken.
bool equal_in_constant_time(const Digest& a, const Digest& b);

// SHA-256 fed piece by piece: with the processor's own instructions where it has them, else by mbedTLS.
class Sha256 {
 public:
  Sha256();
  explicit Sha256(bool by_processor);  // for tests: false is mbedTLS, whatever the processor has
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;
  void add(std::string_view bytes);
  Digest finish();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

}  // namespace spillway
