#include "llm/plain_form.h"

#include <algorithm>

#include "json/string_end.h"

namespace spillway::llm {

namespace {

constexpr std::string_view kFixed[] = {"id", "object", "model", "role", "finish_reason", "name", "type", "error"};

}  // namespace

void PlainForm::learn(std::string_view raw) {
  pieces_ = 0;
  fixed_.clear();
  if (raw.size() > kBytesMax) return;
  std::size_t pieces = 0, from = 0;
  std::string_view key;
  for (std::size_t at = std::min(raw.find('{'), raw.size()); (at = raw.find('"', at)) != raw.npos;) {
    const std::size_t begin = at + 1, end = json_string_end(raw, begin);
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
    at = json_string_end(raw, at);
    if (at == raw.npos) return false;
  }
  return false;
}

}  // namespace spillway::llm
