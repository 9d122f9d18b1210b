// The URLs here come from config files and the paths from clients; both are read by the same strict grammar as Host.
#include "http/url.h"

#include "base/ascii.h"
#include "http/headers.h"
#include "http/host_check.h"
#include "http/syntax.h"

namespace spillway {

namespace {
constexpr std::uint16_t kHttpPort = 80;
constexpr std::uint16_t kHttpsPort = 443;

Error invalid(std::string_view text, std::string_view why) {
  std::string detail = "\"";
  detail.append(text).append("\" ").append(why);
  return spillway::invalid(std::move(detail));
}

bool escapes_whole(std::string_view path) {
  for (std::size_t at = path.find('%'); at != std::string_view::npos; at = path.find('%', at + 1)) {
    if (at + 2 >= path.size() || !is_char(path[at + 1], kHexDigit) || !is_char(path[at + 2], kHexDigit)) return false;
  }
  return true;
}
}  // namespace

std::string Url::authority() const {
  const bool v6 = host.find(':') != std::string::npos;
  std::string text = v6 ? "[" + host + "]" : host;
  if (port != (tls ? kHttpsPort : kHttpPort)) text += ":" + std::to_string(port);
  return text;
}

Result<Url> parse_url(std::string_view text) {
  Url url;
  const std::size_t mark = text.find("://");
  const std::string_view scheme = mark == std::string_view::npos ? std::string_view{} : text.substr(0, mark);
  url.tls = equal_fold(scheme, "https");
  if (!url.tls && !equal_fold(scheme, "http")) return invalid(text, "does not begin with http:// or https://");
  std::string_view rest = text.substr(mark + 3);
  if (rest.find_first_of("?#") != std::string_view::npos) return invalid(text, "has a query or a fragment");
  const std::string_view named = rest.substr(0, rest.find('/'));
  rest.remove_prefix(named.size());
  if (named.find('@') != std::string_view::npos) return invalid(text, "has a user before the host");
  Authority authority;
  const bool plain = named.find('%') == std::string_view::npos && (named.empty() || named.back() != ':');
  if (!plain || !split_authority(named, authority)) return invalid(text, "has no valid host and port");
  const bool port_given = named.size() > authority.host.size() + (authority.v6 ? 2 : 0);
  if (port_given && authority.port == 0) return invalid(text, "has port 0");
  if (!all_chars(rest, kPathChar) || !escapes_whole(rest)) return invalid(text, "has a path that is not valid");
  for (const char c : authority.host) url.host.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c);
  url.port = port_given ? authority.port : (url.tls ? kHttpsPort : kHttpPort);
  while (!rest.empty() && rest.back() == '/') rest.remove_suffix(1);
  url.path = rest;
  return url;
}

Result<std::string> percent_decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      const bool whole = i + 2 < text.size() && is_char(text[i + 1], kHexDigit) && is_char(text[i + 2], kHexDigit);
      if (!whole) return Error{Kind::invalid, Source::client, Retry::no, "a percent sign without two hex digits"};
      c = static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
      i += 2;
    }
    const unsigned char code = static_cast<unsigned char>(c);
    if (code < 0x20 || code == 0x7f) return Error{Kind::invalid, Source::client, Retry::no, "a control character"};
    out.push_back(c);
  }
  return out;
}

std::string_view url_origin(std::string_view url) {
  const std::size_t scheme = url.find("://");
  return scheme == url.npos ? std::string_view() : url.substr(0, url.find_first_of("/?", scheme + 3));
}

std::string url_of_link(std::string_view base, std::string_view link) {
  if (link.find("://") != link.npos) return std::string(link);
  if (link.starts_with('/')) return std::string(url_origin(base)) + std::string(link);
  while (base.ends_with('/')) base.remove_suffix(1);
  return std::string(base) + '/' + std::string(link);
}

std::string percent_encode(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~").find(c) != std::string_view::npos;
    const auto byte = static_cast<unsigned char>(c);
    if (plain) {
      out += c;
    } else {
      out.append({'%', kDigits[byte >> 4], kDigits[byte & 15]});
    }
  }
  return out;
}

}  // namespace spillway
