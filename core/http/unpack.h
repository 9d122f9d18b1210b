// The unpackers behind inflate(), one library each. Output grows in steps and never beyond `bytes_max`. Thread: any.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace spillway {

inline constexpr std::size_t kUnpackStepBytes = 64 * 1024;

enum class ZlibFormat : std::uint8_t { gzip, deflate };

Result<std::string> unpack_zlib(ZlibFormat format, std::string_view packed, std::size_t bytes_max);
Result<std::string> unpack_zstd(std::string_view packed, std::size_t bytes_max);

// The errors that every unpacker has.
Error unpack_damaged();
Error unpack_cut_short();
Error unpack_too_large();

}  // namespace spillway
