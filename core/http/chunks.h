// Takes the chunk framing off a body (RFC 9112 7.1), strictly: CRLF only, no sign or 0x, extensions by their grammar
// and bounded in sum over the body, trailers checked and dropped.
//
// Written by us although llhttp can do it: 8.1 refuses valid extensions that 9.x takes, both would have to be watched
// byte by byte for what they let pass in trailers, and a relayed stream is mostly small chunks, where a callback per
// span costs more than the work. Owner: a BodyReader.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "http/flaw.h"
#include "http/reader.h"

namespace spillway {

class ChunkReader {
 public:
  explicit ChunkReader(const ReadLimits& limits) : limits_(limits) {}
  void begin(std::uint64_t most);  // bytes of the whole body
  // As RequestReader::next(): more, body (`piece` is a slice of `in`) or end. `fault` is set when the bytes are no
  // chunks, or too many; the result means nothing then.
  Step next(std::string_view& in, std::string_view& piece, Flaw& fault);

 private:
  enum class State : std::uint8_t {
    size,
    before_extension,
    extension_name,
    after_name,
    extension_value,
    quoted,
    escaped,
    after_value,
    size_feed,
    data,
    data_return,
    data_feed,
    trailer,
  };
  bool plain_size(std::string_view& in, Flaw& fault);
  void end_data(std::string_view& in);
  Flaw head_byte(char c);
  Flaw size_byte(char c);
  Flaw part(State next);  // of an extension
  Flaw extension_byte(char c);
  Flaw size_done();
  Flaw trailer_byte(char c, bool& end);

  const ReadLimits& limits_;
  State state_ = State::size;
  bool named_ = false;  // the part of an extension being read is not empty
  bool after_blank_ = false;
  std::uint8_t digits_ = 0;
  std::uint64_t left_ = 0;  // of the chunk
  std::uint64_t body_bytes_ = 0, most_ = 0;
  std::size_t extension_bytes_ = 0;
  std::size_t trailer_bytes_ = 0;
  std::string trailer_;  // the line being read
};

}  // namespace spillway
