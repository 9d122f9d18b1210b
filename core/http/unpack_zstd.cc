// zstd (RFC 8878), frames one after another. The window is held to the 8 MiB that RFC 9659 allows for HTTP, because a
// frame of a few bytes may ask for gigabytes of it.
#include <zstd.h>

#include <algorithm>
#include <memory>

#include "http/unpack.h"

namespace spillway {

namespace {
constexpr int kWindowLogMax = 23;

struct FreeStream {
  void operator()(ZSTD_DStream* stream) const { ZSTD_freeDStream(stream); }
};
}  // namespace

Result<std::string> unpack_zstd(std::string_view packed, std::size_t bytes_max) {
  const std::unique_ptr<ZSTD_DStream, FreeStream> stream(ZSTD_createDStream());
  if (stream == nullptr || ZSTD_isError(ZSTD_DCtx_setParameter(stream.get(), ZSTD_d_windowLogMax, kWindowLogMax))) {
    return Error{Kind::internal, Source::us, Retry::no, "no memory to unpack a body"};
  }
  ZSTD_inBuffer from{packed.data(), packed.size(), 0};
  std::string out;
  while (true) {
    const std::size_t have = out.size();
    const std::size_t room = std::min(kUnpackStepBytes - 1, bytes_max - have) + 1;
    out.resize(have + room);
    ZSTD_outBuffer into{out.data() + have, room, 0};
    const std::size_t wants = ZSTD_decompressStream(stream.get(), &into, &from);
    out.resize(have + into.pos);
    if (out.size() > bytes_max) return unpack_too_large();
    if (ZSTD_isError(wants)) return unpack_damaged();
    if (wants == 0 && from.pos == from.size) return out;
    if (from.pos == from.size && into.pos < room) return unpack_cut_short();
  }
}

}  // namespace spillway
