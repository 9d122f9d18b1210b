// A body of known length is counted, not parsed: its bytes are not touched.
#include "http/body.h"

#include <algorithm>

namespace spillway {

void BodyReader::begin(Framing framing, std::uint64_t length, std::uint64_t most) {
  framing_ = framing;
  left_ = framing == Framing::length ? length : 0;
  if (framing == Framing::chunked) chunks_.begin(most);
}

Step BodyReader::next(std::string_view& in, std::string_view& piece, Flaw& fault) {
  if (in.empty()) return Step::more;
  if (framing_ == Framing::chunked) return chunks_.next(in, piece, fault);
  if (framing_ == Framing::until_close) {
    piece = in;
    in = {};
    return Step::body;
  }
  if (left_ == 0) {
    in.remove_prefix(1);  // the byte that was left in the input
    return Step::end;
  }
  piece = in.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(left_, in.size())));
  left_ -= piece.size();
  in.remove_prefix(piece.size() - (left_ == 0 ? 1 : 0));
  return Step::body;
}

}  // namespace spillway
