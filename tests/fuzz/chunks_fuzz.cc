// Chunk framing by itself: the same verdict however the bytes are cut, and what is accepted is what a plain reading of
// RFC 9112 7.1 gives. The first byte says how the rest is cut, the second whether the body is counted instead.
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "bytes.h"
#include "http/body.h"

namespace spillway {
namespace {

ReadLimits small_limits() {
  ReadLimits limits;
  limits.body_bytes = 2000;
  limits.chunk_extension_bytes = 48;
  limits.trailer_bytes = 60;
  limits.field_bytes = 40;
  return limits;
}

struct Read {
  std::string body;
  std::size_t used = 0;
  bool ended = false;
  int status = 0;  // of a fault
  bool operator==(const Read&) const = default;
};

Read read(Framing framing, std::uint64_t length, std::string_view bytes, std::size_t piece) {
  const ReadLimits limits = small_limits();
  BodyReader reader(limits);
  reader.begin(framing, length, limits.body_bytes);
  Read said;
  const std::size_t all = bytes.size();
  while (!bytes.empty()) {
    std::string_view in = bytes.substr(0, piece), body;
    const std::size_t given = in.size();
    bytes.remove_prefix(given);
    while (!in.empty()) {
      Flaw fault;
      const std::size_t before = in.size();
      const Step step = reader.next(in, body, fault);
      if (fault) {
        said.status = fault.status;
        CHECK(fault.detail[0] != 0);
        return said;
      }
      if (step == Step::end) {
        said.ended = true;
        said.used = all - bytes.size() - in.size();
        return said;
      }
      CHECK(step == Step::more ? in.empty() : (step == Step::body && !body.empty()));
      CHECK(in.size() < before || reader.owes_end());
      if (step == Step::body) said.body.append(body);
      CHECK(framing != Framing::chunked || said.body.size() <= limits.body_bytes);
    }
  }
  return said;
}

// Only for bytes that were accepted: sizes are hexadecimal up to ';' or CRLF, data follows, 0 ends, trailers to the
// empty line.
std::string plainly(std::string_view bytes) {
  std::string body;
  while (true) {
    const std::size_t end = bytes.find("\r\n");
    CHECK(end != std::string_view::npos);
    std::size_t size = 0;
    const auto [digits, error] = std::from_chars(bytes.data(), bytes.data() + end, size, 16);
    CHECK(error == std::errc() && digits != bytes.data());
    bytes.remove_prefix(end + 2);
    if (size == 0) break;
    CHECK(bytes.size() >= size + 2 && bytes.substr(size, 2) == "\r\n");
    body.append(bytes.substr(0, size));
    bytes.remove_prefix(size + 2);
  }
  while (!bytes.starts_with("\r\n")) bytes.remove_prefix(std::min(bytes.size(), bytes.find("\r\n") + 2));
  CHECK(bytes == "\r\n");
  return body;
}

}  // namespace
}  // namespace spillway

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace spillway;
  Bytes input(data, size);
  const std::size_t piece = 1 + input.byte() % 64;
  const std::uint8_t kind = input.byte();
  const Framing framing = kind < 128 ? Framing::chunked : kind < 250 ? Framing::length : Framing::until_close;
  const std::string_view bytes = input.rest();
  if (bytes.empty()) return 0;
  const Read whole = read(framing, 1 + kind % 32, bytes, bytes.size());
  CHECK(whole == read(framing, 1 + kind % 32, bytes, piece));
  CHECK(whole == read(framing, 1 + kind % 32, bytes, 1));
  if (framing == Framing::chunked && whole.ended) CHECK(plainly(bytes.substr(0, whole.used)) == whole.body);
  if (framing == Framing::until_close) CHECK(whole.body == bytes);
  return 0;
}
