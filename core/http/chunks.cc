// Framing bytes go through a small machine one by one; data is cut out of the input without being looked at.
#include "http/chunks.h"

#include <algorithm>

#include "base/ascii.h"
#include "http/headers.h"
#include "http/syntax.h"

namespace spillway {

namespace {
constexpr std::uint8_t kSizeDigitsMax = 15;  // below 2^60, so sums do not overflow
constexpr Flaw kBadSize{400, "a chunk does not begin with its size"};
constexpr Flaw kBadExtension{400, "a chunk extension is not valid"};
constexpr Flaw kBadEnd{400, "a chunk does not end where its size says"};
constexpr Flaw kBadTrailer{400, "a trailer field is not valid"};

bool blank(char c) { return c == ' ' || c == '\t'; }

// Fields that say where a message ends or whom it is for have no business after it (RFC 9110 6.5.1).
Flaw check_trailer(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) return kBadTrailer;
  if (!is_field_value(line.substr(colon + 1))) return kBadTrailer;
  for (const std::string_view name : {"content-length", "transfer-encoding", "host"}) {
    if (equal_fold(line.substr(0, colon), name)) return {400, "a trailer field that decides about framing"};
  }
  return {};
}
}  // namespace

void ChunkReader::begin(std::uint64_t most) {
  most_ = most;
  state_ = State::size;
  named_ = after_blank_ = false;
  digits_ = 0;
  left_ = body_bytes_ = 0;
  extension_bytes_ = trailer_bytes_ = 0;
  trailer_.clear();
}

Step ChunkReader::next(std::string_view& in, std::string_view& piece, Flaw& fault) {
  while (!in.empty()) {
    if (state_ == State::data) {
      piece = in.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(left_, in.size())));
      in.remove_prefix(piece.size());
      left_ -= piece.size();
      if (left_ == 0) end_data(in);
      return Step::body;
    }
    if (state_ == State::size && digits_ == 0 && plain_size(in, fault)) {
      if (fault) return Step::more;
      continue;
    }
    if (in.empty()) return Step::more;
    const char c = in.front();
    in.remove_prefix(1);
    bool end = false;
    fault = state_ == State::trailer ? trailer_byte(c, end) : head_byte(c);
    if (fault) return Step::more;
    if (end) return Step::end;
  }
  return Step::more;
}

// What ends the data is taken along when it is there, so that nothing is left of a piece that ends with a chunk.
void ChunkReader::end_data(std::string_view& in) {
  state_ = State::data_return;
  if (in.size() < 2 || in[0] != '\r' || in[1] != '\n') return;
  in.remove_prefix(2);
  state_ = State::size;
  digits_ = 0;
}

// A shortcut for what nearly every chunk begins with: a size and CRLF, whole. False for anything else, and nothing
// changed.
bool ChunkReader::plain_size(std::string_view& in, Flaw& fault) {
  std::size_t digits = 0;
  std::uint64_t size = 0;
  for (; digits < in.size() && digits < kSizeDigitsMax && is_char(in[digits], kHexDigit); ++digits) {
    size = size * 16 + static_cast<std::uint64_t>(hex_value(in[digits]));
  }
  if (digits == 0 || in.size() < digits + 2 || in[digits] != '\r' || in[digits + 1] != '\n') return false;
  in.remove_prefix(digits + 2);
  left_ = size;
  fault = size_done();
  return true;
}

Flaw ChunkReader::head_byte(char c) {
  switch (state_) {
    case State::data_return: state_ = State::data_feed; return c == '\r' ? Flaw{} : kBadEnd;
    case State::data_feed:
      state_ = State::size;
      digits_ = 0;
      return c == '\n' ? Flaw{} : kBadEnd;
    case State::size_feed: return c == '\n' ? size_done() : Flaw{400, "a line of chunk framing does not end in CRLF"};
    case State::size:
      if (is_char(c, kHexDigit) || (c == '\r' && digits_ > 0)) return size_byte(c);
      if (digits_ == 0) return kBadSize;
      state_ = State::before_extension;
      after_blank_ = false;
      [[fallthrough]];
    default:
      if (c != '\r' && ++extension_bytes_ > limits_.chunk_extension_bytes) return {413, "too many chunk extensions"};
      return extension_byte(c);
  }
}

Flaw ChunkReader::size_byte(char c) {
  if (c == '\r') {
    state_ = State::size_feed;
    return {};
  }
  if (++digits_ > kSizeDigitsMax) return kBadSize;
  left_ = left_ * 16 + static_cast<std::uint64_t>(hex_value(c));
  return {};
}

Flaw ChunkReader::part(State next) {
  state_ = next;
  named_ = false;
  return {};
}

// chunk-ext = *( BWS ";" BWS name [ BWS "=" BWS value ] ), value a token or a quoted string. Blanks must be accepted
// (RFC 9110 5.6.3), but none may stand between the size and CRLF.
Flaw ChunkReader::extension_byte(char c) {
  const bool token = is_char(c, kTokenChar);
  if (c == '\r' && after_blank_) return kBadExtension;
  after_blank_ = blank(c);
  switch (state_) {
    case State::before_extension:
    case State::after_value:
      if (blank(c)) return {};
      if (c == '\r') break;
      if (c != ';') return kBadExtension;
      return part(State::extension_name);
    case State::extension_name:
      if (token) named_ = true;
      if (token || (blank(c) && !named_)) return {};
      if (!named_) return kBadExtension;
      state_ = State::after_name;
      [[fallthrough]];
    case State::after_name:
      if (blank(c)) return {};
      if (c == '=') return part(State::extension_value);
      if (c == ';') return part(State::extension_name);
      if (c != '\r') return kBadExtension;
      break;
    case State::extension_value:
      if (token) named_ = true;
      if (token || (blank(c) && !named_)) return {};
      if (!named_ && c == '"') return part(State::quoted);
      if (!named_) return kBadExtension;
      if (c == '\r') break;
      state_ = State::after_value;
      return extension_byte(c);
    case State::quoted:
      if (c == '"') state_ = State::after_value;
      if (c == '\\') state_ = State::escaped;
      return is_char(c, kValueChar) ? Flaw{} : kBadExtension;
    case State::escaped: state_ = State::quoted; return is_char(c, kValueChar) ? Flaw{} : kBadExtension;
    default: return kBadExtension;
  }
  state_ = State::size_feed;
  return {};
}

Flaw ChunkReader::size_done() {
  if (left_ == 0) {
    state_ = State::trailer;
    return {};
  }
  body_bytes_ += left_;
  if (body_bytes_ > most_) return {413, "the body is too large"};
  state_ = State::data;
  return {};
}

Flaw ChunkReader::trailer_byte(char c, bool& end) {
  const bool returned = !trailer_.empty() && trailer_.back() == '\r';
  if (returned != (c == '\n')) return kBadTrailer;
  if (!returned) {
    if (c != '\r' && ++trailer_bytes_ > limits_.trailer_bytes) return {431, "the trailer is too large"};
    trailer_.push_back(c);
    return {};
  }
  trailer_.pop_back();
  if (trailer_.empty()) {
    std::string().swap(trailer_);  // an idle connection keeps nothing of it
    end = true;
    return {};
  }
  const Flaw fault = check_trailer(trailer_);
  trailer_.clear();
  return fault;
}

}  // namespace spillway
