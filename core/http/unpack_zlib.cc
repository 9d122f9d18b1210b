// gzip (RFC 1952, members one after another) and deflate, which means zlib (RFC 1950) by the book and raw deflate
// (RFC 1951) in the habit of some clients.
#include <zlib.h>

#include <algorithm>
#include <limits>

#include "http/unpack.h"

namespace spillway {

namespace {
constexpr int kGzipWindow = 15 + 16;
constexpr int kZlibWindow = 15;
constexpr int kRawWindow = -15;

// RFC 1950 2.2: method 8, and a check that one raw stream in about a thousand passes too; that one is taken for zlib.
bool has_zlib_header(std::string_view packed) {
  if (packed.size() < 2) return false;
  const unsigned first = static_cast<unsigned char>(packed[0]);
  const unsigned second = static_cast<unsigned char>(packed[1]);
  return (first & 15) == 8 && (first >> 4) <= 7 && (first * 256 + second) % 31 == 0;
}

// zlib's state, freed on every way out.
class Unzip {
 public:
  explicit Unzip(int window_bits) : ready_(inflateInit2(&stream_, window_bits) == Z_OK) {}
  ~Unzip() {
    if (ready_) inflateEnd(&stream_);
  }
  Unzip(const Unzip&) = delete;
  Unzip& operator=(const Unzip&) = delete;
  bool ready() const { return ready_; }
  z_stream& stream() { return stream_; }

 private:
  z_stream stream_{};
  bool ready_;
};

// Inflates until the end of one stream, the end of the input or the bound: Z_STREAM_END, Z_BUF_ERROR (more input is
// needed), Z_MEM_ERROR (the bound was reached), or zlib's verdict on damage.
int inflate_one(z_stream& stream, std::string& out, std::size_t bytes_max) {
  while (true) {
    const std::size_t have = out.size();
    // One byte more than allowed, so that output that just fits is told from output that does not.
    const std::size_t room = std::min(kUnpackStepBytes - 1, bytes_max - have) + 1;
    out.resize(have + room);
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + have);
    stream.avail_out = static_cast<uInt>(room);
    const int verdict = ::inflate(&stream, Z_NO_FLUSH);
    out.resize(have + room - stream.avail_out);
    if (out.size() > bytes_max) return Z_MEM_ERROR;
    if (verdict != Z_OK) return verdict;
    if (stream.avail_in == 0 && stream.avail_out > 0) return Z_BUF_ERROR;
  }
}
}  // namespace

Result<std::string> unpack_zlib(ZlibFormat format, std::string_view packed, std::size_t bytes_max) {
  if (packed.size() > std::numeric_limits<uInt>::max()) return unpack_too_large();
  const int window = format == ZlibFormat::gzip ? kGzipWindow : has_zlib_header(packed) ? kZlibWindow : kRawWindow;
  Unzip unzip(window);
  if (!unzip.ready()) return Error{Kind::internal, Source::us, Retry::no, "no memory to unpack a body"};
  z_stream& stream = unzip.stream();
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));  // why: zlib's type, it only reads
  stream.avail_in = static_cast<uInt>(packed.size());
  std::string out;
  while (true) {
    const int verdict = inflate_one(stream, out, bytes_max);
    if (out.size() > bytes_max) return unpack_too_large();
    if (verdict == Z_MEM_ERROR) return Error{Kind::internal, Source::us, Retry::no, "no memory to unpack a body"};
    if (verdict == Z_BUF_ERROR) return unpack_cut_short();
    if (verdict != Z_STREAM_END) return unpack_damaged();
    if (stream.avail_in == 0) return out;
    if (format != ZlibFormat::gzip || inflateReset(&stream) != Z_OK) return unpack_damaged();
  }
}

}  // namespace spillway
