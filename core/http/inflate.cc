// Chooses the unpacker by the coding's name. One coding only: nobody packs a prompt twice, but a bomb is packed so.
#include "http/inflate.h"

#include "http/headers.h"
#include "http/unpack.h"

namespace spillway {

Error unpack_damaged() { return {Kind::invalid, Source::client, Retry::no, "the packed body is damaged"}; }
Error unpack_cut_short() { return {Kind::invalid, Source::client, Retry::no, "the packed body is cut short"}; }
Error unpack_too_large() { return {Kind::limit, Source::client, Retry::no, "the unpacked body is too large"}; }

Result<std::string> inflate(std::string_view codings, std::string_view packed, std::size_t bytes_max) {
  const std::string_view coding = trim(codings);
  if (coding.empty() || equal_fold(coding, "identity")) {
    if (packed.size() > bytes_max) return unpack_too_large();
    return std::string(packed);
  }
  if (equal_fold(coding, "gzip") || equal_fold(coding, "x-gzip")) {
    return unpack_zlib(ZlibFormat::gzip, packed, bytes_max);
  }
  if (equal_fold(coding, "deflate")) return unpack_zlib(ZlibFormat::deflate, packed, bytes_max);
  if (equal_fold(coding, "zstd")) return unpack_zstd(packed, bytes_max);
  return Error{Kind::not_found, Source::client, Retry::no,
               "Content-Encoding must be one of gzip, deflate and zstd, and only one"};
}

}  // namespace spillway
