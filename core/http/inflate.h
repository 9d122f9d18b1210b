// Unpacks a request body sent with Content-Encoding gzip, deflate (zlib or raw) or zstd, bounded: output above
// `bytes_max` is Kind::limit, so that a bomb costs no more than an honest body. zlib and zstd only here.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

#include "base/error.h"

namespace spillway {

// `codings` as in the header ("gzip", "zstd", "gzip, zstd" is refused: one coding only; "identity" and empty pass).
// Kind::invalid for damaged or truncated input, Kind::not_found for a coding we do not know (415).
Result<std::string> inflate(std::string_view codings, std::string_view packed, std::size_t bytes_max);

}  // namespace spillway
