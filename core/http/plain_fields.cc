// Whatever llhttp judges by more than its bytes (the fields that frame a message or change its protocol) passes here
// only in its one usual spelling.
#include "http/plain_fields.h"

#include <cstring>

#include "http/syntax.h"

namespace spillway {

namespace {

constexpr std::size_t kLengthDigitsMax = 15;

class Ordinary {
 public:
  bool sees(const Header& field) {
    switch (field.id) {
      case FieldId::content_length: return first() && all_chars(field.value, kDigit) && has_length(field.value);
      case FieldId::transfer_encoding: return first() && field.value == "chunked";
      case FieldId::connection: return field.value == "keep-alive" || equal_fold(field.value, "close");
      case FieldId::proxy_connection:
      case FieldId::upgrade: return false;
      default: return true;
    }
  }

 private:
  static bool has_length(std::string_view value) { return !value.empty() && value.size() <= kLengthDigitsMax; }
  bool first() { return ++framing_ == 1; }
  int framing_ = 0;
};

bool blank(char c) { return c == ' ' || c == '\t'; }

}  // namespace

bool read_plain_fields(std::string_view text, const ReadLimits& limits, Headers& list) {
  list.clear();
  if (!text.ends_with("\r\n")) return false;
  Ordinary ordinary;
  const char* at = text.data();
  const char* const end = text.data() + text.size() - 2;
  while (at < end) {
    const char* const name = at;
    at = token_end(at, end);
    if (at == name || at == end || *at != ':') return false;
    const std::string_view named(name, static_cast<std::size_t>(at - name));
    ++at;
    while (blank(*at)) ++at;
    const char* const value = at;
    at = field_value_end(at, end);
    if (at == end || at[0] != '\r' || at[1] != '\n') return false;
    if (static_cast<std::size_t>(at - name) > limits.field_bytes || list.size() == limits.fields) return false;
    const char* last = at;
    while (last > value && blank(last[-1])) --last;
    if (!ordinary.sees(list.add(named, {value, static_cast<std::size_t>(last - value)}))) return false;
    at += 2;
  }
  return true;
}

std::size_t plain_head_bytes(std::string_view in) {
  for (std::size_t from = 0;;) {
    const std::size_t feed = find_pair(in, '\n', '\r', from);
    if (feed == in.npos || feed + 2 >= in.size()) return 0;
    if (in[feed + 2] == '\n') return feed + 3;
    from = feed + 1;
  }
}

}  // namespace spillway
