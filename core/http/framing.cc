// One jump for each field, by its id.
#include "http/framing.h"

#include "http/syntax.h"

namespace spillway {

namespace {
constexpr FieldSet kFraming(FieldId::host, FieldId::expect, FieldId::connection, FieldId::content_type,
                            FieldId::authorization, FieldId::content_length, FieldId::transfer_encoding);
constexpr std::size_t kLengthDigitsMax = 18;  // below 2^63, so no sum of ours overflows

void see_length(std::string_view value, FramingFields& fields) {
  ++fields.content_lengths;
  if (value.empty() || value.size() > kLengthDigitsMax || !all_chars(value, kDigit)) {
    fields.length_valid = false;
    return;
  }
  fields.length = 0;
  for (const char c : value) fields.length = fields.length * 10 + static_cast<std::uint64_t>(c - '0');
}

void see_connection(std::string_view list, FramingFields& fields) {
  while (true) {
    const std::size_t comma = list.find(',');
    const std::string_view token = trim(list.substr(0, comma));
    if (equal_fold(token, "close")) fields.close = true;
    if (equal_fold(token, "keep-alive")) fields.keep_alive = true;
    if (comma == std::string_view::npos) return;
    list.remove_prefix(comma + 1);
  }
}
}  // namespace

FramingFields framing_fields(const Headers& headers) {
  FramingFields fields;
  for (const Header& field : headers) {
    if (!kFraming.has(field.id)) continue;
    switch (field.id) {
      case FieldId::host:
        ++fields.hosts;
        fields.host = field.value;
        break;
      case FieldId::expect: fields.expect_continue = equal_fold(field.value, "100-continue"); break;
      case FieldId::connection: see_connection(field.value, fields); break;
      case FieldId::content_type: ++fields.content_types; break;
      case FieldId::authorization: ++fields.authorizations; break;
      case FieldId::content_length: see_length(field.value, fields); break;
      case FieldId::transfer_encoding:
        ++fields.transfer_encodings;
        fields.chunked = equal_fold(field.value, "chunked");
        break;
      default: break;
    }
  }
  return fields;
}

Flaw check_framing(const FramingFields& fields, int minor) {
  if (fields.content_lengths > 1) return {400, "more than one Content-Length"};
  if (!fields.length_valid) return {400, "Content-Length is not a number"};
  if (fields.transfer_encodings == 0) return {};
  if (fields.content_lengths > 0) return {400, "both Content-Length and Transfer-Encoding"};
  if (minor == 0) return {400, "Transfer-Encoding in HTTP/1.0"};
  if (fields.transfer_encodings > 1) return {400, "more than one Transfer-Encoding"};
  if (!fields.chunked) return {501, "a Transfer-Encoding other than chunked"};
  return {};
}

bool keeps_alive(const FramingFields& fields, int minor) { return !fields.close && (minor == 1 || fields.keep_alive); }

}  // namespace spillway
