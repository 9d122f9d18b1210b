// The field names that anybody here asks for, as numbers: a name is recognised once, when its head is read, and is one
// byte from then on. Names compare without case. Thread: any.
#pragma once
#include <cstdint>
#include <string_view>

namespace spillway {

enum class FieldId : std::uint8_t {
  other,        // nobody's
  underscored,  // has an underscore, which many servers read as a hyphen
  ours,         // begins with x-spillway-
  accept_encoding,
  access_control_allow_origin,
  access_control_request_headers,
  access_control_request_method,
  alt_svc,
  api_key,
  authorization,
  connection,
  content_encoding,
  content_length,
  content_type,
  cookie,
  expect,
  forwarded,
  host,
  http2_settings,
  keep_alive,
  origin,
  proxy_authenticate,
  proxy_authorization,
  proxy_connection,
  referer,
  request_id,
  sec_websocket_protocol,
  server,
  set_cookie,
  te,
  trailer,
  transfer_encoding,
  upgrade,
  user_agent,
  via,
  x_api_key,
  x_forwarded_for,
  x_forwarded_host,
  x_forwarded_proto,
  x_goog_api_key,
  x_request_id,
};

FieldId field_id(std::string_view name);
FieldId usual_field_id(std::string_view name);  // of one letter at least, digits and hyphens, and nothing else

// A set of them, made when it is compiled.
class FieldSet {
 public:
  constexpr FieldSet() : bits_(0) {}
  template <class... Ids>
  explicit constexpr FieldSet(Ids... ids) : bits_((bit(ids) | ...)) {}
  constexpr void add(FieldId id) { bits_ |= bit(id); }
  constexpr bool has(FieldId id) const { return (bits_ >> static_cast<unsigned>(id) & 1) != 0; }

 private:
  static constexpr std::uint64_t bit(FieldId id) { return std::uint64_t{1} << static_cast<unsigned>(id); }
  std::uint64_t bits_;
};

}  // namespace spillway
