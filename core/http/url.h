// Absolute URLs of providers, and percent-decoding of one path segment.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace spillway {

struct Url {
  bool tls = false;
  std::string host;               // lower case, v6 without brackets
  std::uint16_t port = 0;         // 80 or 443 when not given
  std::string path;               // without a trailing slash; may be empty
  std::string authority() const;  // for Host: port only when it is not the default, v6 in brackets
};

// http or https, no user, no query, no fragment.
Result<Url> parse_url(std::string_view text);

// "https://host:port" of a URL with a path or query; empty when it has no scheme.
std::string_view url_origin(std::string_view url);

// Where a link on a page at `base` leads: "x" behind the base, "/x" behind its origin, "http..." where it says.
std::string url_of_link(std::string_view base, std::string_view link);

// %2F decodes to '/'; a broken escape, %00 or a control character is Kind::invalid.
Result<std::string> percent_decode(std::string_view text);
// Every byte but letters, digits and -._~ escaped (RFC 3986 section 2.3), for a part of a query.
std::string percent_encode(std::string_view text);

}  // namespace spillway
