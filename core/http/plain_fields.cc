// Whatever llhttp judges by more than its bytes (the fields that frame a message or change its protocol) passes here
// only in its one usual spelling.
#include "http/plain_fields.h"

#include <bit>
#include <cstring>

#include "http/lanes.h"
#include "http/syntax.h"

namespace spillway {

namespace {

constexpr std::size_t kPlainDigitsMax = 15;
constexpr std::size_t kPlainFieldsUsual = 16;

// Fields of which not every value is ordinary.
constexpr FieldSet kJudged(FieldId::content_length, FieldId::transfer_encoding, FieldId::connection,
                           FieldId::proxy_connection, FieldId::upgrade);

class Ordinary {
 public:
  bool sees(FieldId id, std::string_view value) {
    switch (id) {
      case FieldId::content_length: return first() && all_chars(value, kDigit) && has_length(value);
      case FieldId::transfer_encoding: return first() && value == "chunked";
      case FieldId::connection: return value == "keep-alive" || equal_fold(value, "close");
      default: return !kJudged.has(id);
    }
  }

 private:
  static bool has_length(std::string_view value) { return !value.empty() && value.size() <= kPlainDigitsMax; }
  bool first() { return ++framing_ == 1; }
  int framing_ = 0;
};

bool is_blank(char c) { return c == ' ' || c == '\t'; }

std::string_view between(const char* begin, const char* end) { return {begin, static_cast<std::size_t>(end - begin)}; }

// Behind the letters, digits and hyphens from `at` on.
const char* usual_name_end(const char* at, const char* end) {
#ifdef __SSE2__
  for (; end - at >= 16; at += 16) {
    if (const unsigned good = name_bytes(sixteen(at)); good != 0xffff) return at + std::countr_one(good);
  }
#endif
  const auto usual = [](char c) {
    const char low = static_cast<char>(c | 0x20);
    return (low >= 'a' && low <= 'z') || (c >= '0' && c <= '9') || c == '-';
  };
  while (at < end && usual(*at)) ++at;
  return at;
}

// As field_value_end(), of which most values need only this.
const char* value_end(const char* at, const char* end) {
#ifdef __SSE2__
  if (end - at >= 16) {
    if (const unsigned found = controls(sixteen(at)); found != 0) return at + std::countr_zero(found);
    at += 16;
  }
#endif
  return field_value_end(at, end);
}

bool ends_line(const char* at, const char* end) { return end - at >= 2 && at[0] == '\r' && at[1] == '\n'; }

// "HTTP/1.": its length; 0 if it is something else.
constexpr std::string_view kPlainVersion = "HTTP/1.";
bool has_version(const char* at) {
  return std::memcmp(at, kPlainVersion.data(), kPlainVersion.size()) == 0 && (at[7] == '0' || at[7] == '1');
}
constexpr std::size_t kVersionBytes = kPlainVersion.size() + 1;

}  // namespace

std::size_t read_plain_request_line(std::string_view text, const ReadLimits& limits, RequestHead& head) {
  const std::size_t method = text.starts_with("POST ") ? 4 : text.starts_with("GET ") ? 3 : 0;
  if (method == 0) return 0;
  const char* const target = text.data() + method + 1;
  const char* const end = text.data() + text.size();
  const char* at = target;
  while (at < end && is_char(*at, kPathChar)) ++at;
  if (at < end && *at == '?') {
    do ++at;
    while (at < end && is_char(*at, kQueryChar));
  }
  if (at == target || *target != '/' || static_cast<std::size_t>(at - target) > limits.target_bytes) return 0;
  if (static_cast<std::size_t>(end - at) < 1 + kVersionBytes + 2 || *at != ' ' || !has_version(at + 1)) return 0;
  if (!ends_line(at + 1 + kVersionBytes, end)) return 0;
  head.method = text.substr(0, method);
  head.target = between(target, at);
  head.minor = at[kVersionBytes] - '0';
  return static_cast<std::size_t>(at - text.data()) + 1 + kVersionBytes + 2;
}

std::size_t read_plain_status_line(std::string_view text, const ReadLimits& limits, ResponseHead& head) {
  constexpr std::size_t kReasonAt = kVersionBytes + 5;  // "HTTP/1.1 200 "
  if (text.size() < kReasonAt + 2 || !has_version(text.data()) || text[kVersionBytes] != ' ') return 0;
  const char* const code = text.data() + kVersionBytes + 1;
  if (!all_chars({code, 3}, kDigit) || code[3] != ' ') return 0;
  const int status = (code[0] - '0') * 100 + (code[1] - '0') * 10 + (code[2] - '0');
  const char* const end = text.data() + text.size();
  const char* const at = value_end(code + 4, end);
  if (status < 200 || status > 599 || !ends_line(at, end)) return 0;
  if (static_cast<std::size_t>(at - text.data()) > limits.field_bytes) return 0;
  head.status = status;
  head.minor = text[kPlainVersion.size()] - '0';
  return static_cast<std::size_t>(at - text.data()) + 2;
}

std::size_t read_plain_fields(std::string_view text, const ReadLimits& limits, Headers& list) {
  list.clear();
  list.reserve(kPlainFieldsUsual);
  Ordinary ordinary;
  const char* at = text.data();
  const char* const end = text.data() + text.size();
  while (!ends_line(at, end)) {
    const char* const name = at;
    at = usual_name_end(at, end);
    const bool usual = at < end && *at == ':';
    if (!usual) at = token_end(at, end);
    if (at == name || at == end || *at != ':') return 0;
    const std::string_view named = between(name, at);
    const char* const usual_value = at + 2;
    const char* value = at + 1;
    while (value < end && is_blank(*value)) ++value;
    at = value_end(value, end);
    if (!ends_line(at, end)) return 0;
    if (static_cast<std::size_t>(at - name) > limits.field_bytes || list.size() == limits.fields) return 0;
    const char* last = at;
    while (last > value && is_blank(last[-1])) --last;
    const bool whole_line = value == usual_value && value[-1] == ' ' && last == at;
    const FieldId id = usual ? usual_field_id(named) : field_id(named);
    list.add({named, between(value, last), id, whole_line});
    if (!ordinary.sees(id, between(value, last))) return 0;
    at += 2;
  }
  return static_cast<std::size_t>(at - text.data()) + 2;
}

}  // namespace spillway
