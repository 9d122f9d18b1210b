#include "llm/plain_form.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <algorithm>
#include <bit>

namespace spillway::llm {

namespace {

constexpr std::string_view kFixed[] = {"id", "object", "model", "role", "finish_reason", "name", "type", "error"};

bool is_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

// The first quote, backslash or control character from `at` on; the size when there is none.
std::size_t find_special(std::string_view text, std::size_t at) {
#ifdef __SSE2__
  for (; at + 16 <= text.size(); at += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + at));
    const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1f)), bytes);
    const __m128i marks =
        _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')), _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\')));
    const auto found = static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(control, marks)));
    if (found != 0) return at + static_cast<std::size_t>(std::countr_zero(found));
  }
#endif
  while (at < text.size() && text[at] != '"' && text[at] != '\\' && static_cast<unsigned char>(text[at]) >= 0x20) ++at;
  return at;
}

// Where the JSON string ends whose first character is at `at`: at its closing quote; npos: it is no JSON string.
std::size_t string_end(std::string_view text, std::size_t at) {
  while (true) {
    at = find_special(text, at);
    if (at >= text.size()) return text.npos;
    if (text[at] == '"') return at;
    if (text[at] != '\\' || at + 1 >= text.size()) return text.npos;
    const char escape = text[at + 1];
    at += 2;
    if (escape == 'u') {
      if (at + 4 > text.size() || !std::all_of(text.begin() + static_cast<std::ptrdiff_t>(at),
                                               text.begin() + static_cast<std::ptrdiff_t>(at + 4), is_hex)) {
        return text.npos;
      }
      at += 4;
    } else if (std::string_view("\"\\/bfnrt").find(escape) == std::string_view::npos) {
      return text.npos;
    }
  }
}

}  // namespace

void PlainForm::learn(std::string_view raw) {
  pieces_ = 0;
  fixed_.clear();
  if (raw.size() > kBytesMax) return;
  std::size_t pieces = 0, from = 0;
  std::string_view key;
  for (std::size_t at = std::min(raw.find('{'), raw.size()); (at = raw.find('"', at)) != raw.npos;) {
    const std::size_t begin = at + 1, end = string_end(raw, begin);
    if (end == raw.npos) return;
    at = raw.find_first_not_of(" \t", end + 1);
    if (at == raw.npos) return;
    if (raw[at] == ':') {
      key = raw.substr(begin, end - begin);
      continue;
    }
    if (std::find(std::begin(kFixed), std::end(kFixed), key) != std::end(kFixed)) continue;
    if (pieces == kHolesMax) return;
    fixed_.append(raw.substr(from, begin - from));
    ends_[pieces++] = static_cast<std::uint16_t>(fixed_.size());
    from = end;
  }
  fixed_.append(raw.substr(from));
  ends_[pieces++] = static_cast<std::uint16_t>(fixed_.size());
  pieces_ = pieces;
}

bool PlainForm::matches(std::string_view raw) const {
  std::size_t from = 0, at = 0;
  for (std::size_t i = 0; i < pieces_; ++i) {
    const std::string_view piece(fixed_.data() + from, ends_[i] - from);
    if (raw.size() - at < piece.size() || raw.substr(at, piece.size()) != piece) return false;
    at += piece.size();
    from = ends_[i];
    if (i + 1 == pieces_) return at == raw.size();
    at = string_end(raw, at);
    if (at == raw.npos) return false;
  }
  return false;
}

}  // namespace spillway::llm
