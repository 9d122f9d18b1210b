// The statuses given with a fault are those of requests; for a response they only tell limits from mistakes.
#include "http/response_check.h"

#include "http/framing.h"
#include "http/syntax.h"

namespace spillway {

namespace {
constexpr std::string_view kVersion = "HTTP/1.";
constexpr std::size_t kReasonAt = 12;  // "HTTP/1.1 200"

int status_of(std::string_view line) { return (line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0'); }
}  // namespace

Flaw check_status_line(std::string_view line, bool whole, const ReadLimits& limits) {
  const std::string_view begin = line.substr(0, kVersion.size());
  if (begin != kVersion.substr(0, begin.size())) return {400, "the status line does not begin with HTTP/1"};
  if (line.size() > limits.field_bytes + (whole ? 0 : 1)) return {431, "the status line is too long"};
  if (!whole) return {};
  const bool shape = line.size() >= kReasonAt && (line[7] == '0' || line[7] == '1') && line[8] == ' ' &&
                     all_chars(line.substr(9, 3), kDigit) && (line.size() == kReasonAt || line[kReasonAt] == ' ');
  if (!shape) return {400, "the status line is not `HTTP/1.1 status reason`"};
  if (!is_field_value(line.substr(kReasonAt))) return {400, "the reason phrase has a control character"};
  if (status_of(line) < 100 || status_of(line) > 599) return {400, "the status is not between 100 and 599"};
  return {};
}

void read_status_line(std::string_view line, ResponseHead& head) {
  head.minor = line[7] - '0';
  head.status = status_of(line);
}

// A body that must not be there is not read, whatever the fields promise (RFC 9112 6.3); still they must be valid,
// because a provider that contradicts itself here would not be understood on the next response either.
Flaw complete_response(ResponseHead& head, bool head_request) {
  const FramingFields fields = framing_fields(head.headers);
  if (Flaw fault = check_framing(fields, head.minor)) return fault;
  head.keep_alive = keeps_alive(fields, head.minor);
  head.framing = Framing::none;
  head.length = 0;
  // A 204 that promises a body may send it yet, and it would be taken for the next response (RFC 9112 6.3).
  if (head.status == 204 && (fields.length > 0 || fields.chunked)) head.keep_alive = false;
  if (head.status == 101) {  // which no framing field may delimit (RFC 9110 15.2.2, RFC 9112 6.3)
    head.framing = Framing::until_close;
    head.keep_alive = false;
    return {};
  }
  if (head_request || head.status < 200 || head.status == 204 || head.status == 304) return {};
  if (fields.transfer_encodings > 0) {
    head.framing = Framing::chunked;
  } else if (fields.content_lengths > 0) {
    head.framing = Framing::length;
    head.length = fields.length;
  } else {
    head.framing = Framing::until_close;
    head.keep_alive = false;
  }
  return {};
}

}  // namespace spillway
