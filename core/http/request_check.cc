// The order of the checks is fixed, so that a request with two mistakes gets the same status however it was cut.
#include "http/request_check.h"

#include <algorithm>
#include <array>

#include "http/framing.h"
#include "http/host_check.h"
#include "http/syntax.h"

namespace spillway {

namespace {
constexpr std::size_t kMethodBytesMax = 32;

// The methods that every llhttp from 8.1 on takes for HTTP, without CONNECT (we are no tunnel for it), PRI (HTTP/2),
// SOURCE (Icecast) and TRACE (it echoes a request, and with it the provider's key). A newer llhttp knows more; it must
// not make a difference.
constexpr std::array<std::string_view, 31> kMethods = {
    "GET",      "POST",      "HEAD",       "PUT",      "DELETE",   "OPTIONS",   "PATCH",      "COPY",
    "LOCK",     "MKCOL",     "MOVE",       "SEARCH",   "UNLOCK",   "BIND",      "REBIND",     "UNBIND",
    "LINK",     "UNLINK",    "ACL",        "REPORT",   "MERGE",    "NOTIFY",    "PURGE",      "MKCALENDAR",
    "PROPFIND", "PROPPATCH", "MKACTIVITY", "CHECKOUT", "M-SEARCH", "SUBSCRIBE", "UNSUBSCRIBE"};

bool known_method(std::string_view method) {
  return std::find(kMethods.begin(), kMethods.end(), method) != kMethods.end();
}

struct RequestLine {
  std::string_view method, target, version;
};

// Exactly one space between the parts (RFC 9112 3); what is left over stays in the version and fails there.
RequestLine split(std::string_view line) {
  RequestLine parts;
  const std::size_t first = line.find(' ');
  parts.method = line.substr(0, first);
  if (first == std::string_view::npos) return parts;
  line.remove_prefix(first + 1);
  const std::size_t second = line.find(' ');
  parts.target = line.substr(0, second);
  if (second != std::string_view::npos) parts.version = line.substr(second + 1);
  return parts;
}

// Limits only, and bytes that show at once that this is no HTTP (a TLS hello, for one).
Flaw check_prefix(const RequestLine& parts, const ReadLimits& limits) {
  const std::string_view method = parts.method.substr(0, kMethodBytesMax + 1);
  for (const char c : method) {
    if (!is_char(c, kTokenChar) && c != '\r') return {400, "the method has a byte that no method has"};
  }
  if (method.size() > kMethodBytesMax) return {501, "a method of this length does not exist"};
  if (parts.target.size() > limits.target_bytes) return {414, "the request target is too long"};
  return {};
}

Flaw check_version(std::string_view version) {
  if (version == "HTTP/1.1" || version == "HTTP/1.0") return {};
  const bool named = version.size() >= 6 && version.substr(0, 5) == "HTTP/" && is_char(version[5], kDigit);
  const bool whole = version.size() == 6 || (version.size() == 8 && version[6] == '.' && is_char(version[7], kDigit));
  if (named && whole) return {505, "only HTTP/1.1 and HTTP/1.0 are spoken here"};
  return {400, "the request line is not `method target HTTP/1.1`"};
}

std::size_t scheme_size(std::string_view target) {
  if (equal_fold(target.substr(0, 7), "http://")) return 7;
  if (equal_fold(target.substr(0, 8), "https://")) return 8;
  return 0;
}

// Visible ASCII without '#', the rest by the part it stands in. The authority of an absolute target is checked later.
Flaw check_target(std::string_view method, std::string_view target) {
  if (target.empty()) return {400, "the request target is empty"};
  if (target == "*") {
    if (method == "OPTIONS") return {};
    return {400, "the target * is for OPTIONS only"};
  }
  if (target.find('#') != std::string_view::npos) return {400, "the request target has a fragment"};
  if (target.front() != '/' && scheme_size(target) == 0) return {400, "the request target is no path and no http URL"};
  const std::size_t mark = target.find('?');
  const bool path = all_chars(target.substr(0, mark), kPathChar);
  if (path && (mark == std::string_view::npos || all_chars(target.substr(mark + 1), kQueryChar))) return {};
  return {400, "the request target has a byte that must be percent-encoded"};
}

void split_path(std::string_view rest, RequestHead& head) {
  const std::size_t mark = rest.find('?');
  head.path = rest.substr(0, mark);
  head.query = mark == std::string_view::npos ? std::string_view{} : rest.substr(mark + 1);
}

// RFC 9112 3.2.2 lets the target win over Host. Two names for one request are an attack more often than a client's
// habit, so they must be the same.
Flaw check_host(RequestHead& head, const FramingFields& fields) {
  if (fields.hosts > 1) return {400, "more than one Host field"};
  if (fields.hosts == 0 && head.minor == 1) return {400, "no Host field"};
  Authority authority;
  if (fields.hosts == 1 && !split_authority(fields.host, authority)) return {400, "the Host field is not valid"};
  head.host = fields.host;
  const std::size_t scheme = scheme_size(head.target);
  if (scheme == 0) {
    split_path(head.target, head);
    return {};
  }
  std::string_view rest = head.target.substr(scheme);
  const std::string_view named = rest.substr(0, rest.find_first_of("/?"));
  if (!split_authority(named, authority)) return {400, "the authority of the request target is not valid"};
  if (fields.hosts == 1 && !equal_fold(named, fields.host)) return {400, "the request target and Host differ"};
  head.host = named;
  rest.remove_prefix(named.size());
  split_path(rest, head);
  if (head.path.empty()) head.path = "/";
  return {};
}
}  // namespace

Flaw check_request_line(std::string_view line, bool whole, const ReadLimits& limits) {
  const RequestLine parts = split(line);
  if (!whole) return check_prefix(parts, limits);
  if (Flaw fault = check_version(parts.version)) return fault;
  if (!is_token(parts.method)) return {400, "the request has no method"};
  if (!known_method(parts.method)) return {501, "this method is not implemented"};
  return check_target(parts.method, parts.target);
}

void read_request_line(std::string_view line, RequestHead& head) {
  const RequestLine parts = split(line);
  head.method = parts.method;
  head.target = parts.target;
  head.minor = parts.version.back() - '0';
}

Flaw complete_request(RequestHead& head, const ReadLimits& limits) {
  const FramingFields fields = framing_fields(head.headers);
  if (Flaw fault = check_host(head, fields)) return fault;
  if (Flaw fault = check_framing(fields, head.minor)) return fault;
  // We would go by the first, and the provider perhaps by the last.
  if (fields.content_types > 1) return {400, "more than one Content-Type"};
  if (fields.authorizations > 1) return {400, "more than one Authorization"};
  head.framing = Framing::none;
  head.length = 0;
  if (fields.transfer_encodings > 0) head.framing = Framing::chunked;
  if (fields.content_lengths > 0) {
    head.framing = Framing::length;
    head.length = fields.length;
    if (head.length > limits.body_bytes && head.length > body_limit(head, limits))
      return {413, "the body is too large"};
  }
  head.keep_alive = keeps_alive(fields, head.minor);
  // RFC 9110 10.1.1: not in HTTP/1.0, and without a body there is nothing to continue with.
  const bool body = head.framing == Framing::chunked || head.length > 0;
  head.expect_continue = fields.expect_continue && head.minor == 1 && body;
  return {};
}

std::uint64_t body_limit(const RequestHead& head, const ReadLimits& limits) {
  const bool form = is_media_type(head.headers.get(FieldId::content_type), "multipart/form-data");
  return form ? std::max(limits.body_bytes, limits.form_bytes) : limits.body_bytes;
}

bool split_fields(std::string_view text, Headers& list) {
  list.clear();
  text.remove_prefix(text.find('\n') + 1);
  while (text.size() > 2) {
    const std::string_view line = text.substr(0, text.find("\r\n"));
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) return false;
    const std::string_view value = trim(line.substr(colon + 1));
    if (!is_field_value(value)) return false;
    list.add(line.substr(0, colon), value);
    text.remove_prefix(line.size() + 2);
  }
  return true;
}

}  // namespace spillway
