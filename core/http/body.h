// Cuts one body out of the bytes after a head, by its framing. Owner: a reader. Memory: a trailer line.
#pragma once
#include <cstdint>
#include <string_view>

#include "http/chunks.h"
#include "http/flaw.h"
#include "http/reader.h"

namespace spillway {

class BodyReader {
 public:
  explicit BodyReader(const ReadLimits& limits) : chunks_(limits) {}
  // `most`: bytes of a chunked one.
  void begin(Framing framing, std::uint64_t length, std::uint64_t most);
  // True when the message is complete but its end was not told yet. The last byte of the message is left in the input
  // until then, so that a caller may go on for as long as it has bytes.
  bool owes_end() const { return counted() && left_ == 0; }
  // As RequestReader::next(); the result means nothing when `fault` is set.
  Step next(std::string_view& in, std::string_view& piece, Flaw& fault);
  bool until_close() const { return framing_ == Framing::until_close; }

 private:
  bool counted() const { return framing_ == Framing::none || framing_ == Framing::length; }
  Framing framing_ = Framing::none;
  std::uint64_t left_ = 0;
  ChunkReader chunks_;
};

}  // namespace spillway
