#include "json/string_end.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <bit>

#include "json/grammar.h"

namespace spillway {

namespace {

// The first quote, backslash or control byte from `at` on; the size when there is none.
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

}  // namespace

std::size_t json_string_end(std::string_view text, std::size_t at) {
  while (true) {
    at = find_special(text, at);
    if (at >= text.size()) return text.npos;
    if (text[at] == '"') return at;
    if (text[at] != '\\' || at + 1 >= text.size()) return text.npos;
    const bool usual = json::kShortEscapes[static_cast<unsigned char>(text[at + 1])];
    const std::size_t length = usual ? 2 : json::escape_length(text, at, true);
    if (length == 0) return text.npos;
    at += length;
  }
}

}  // namespace spillway
