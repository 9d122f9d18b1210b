// BLAKE2b (RFC 7693) without a key. The digest's length is a parameter of the hash, so six bytes of it are not the
// first six of a longer one; common libraries refuse lengths that short. Thread: any.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace spillway {

inline constexpr std::size_t kBlake2bMost = 64;

// `digest_bytes` raw bytes, 1 to kBlake2bMost.
std::string blake2b(std::string_view bytes, std::size_t digest_bytes);

}  // namespace spillway
