// Checks of single texts. Addresses are parsed by the system, so that what passes here can be bound. Thread: any.
#include "conf/forms.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

#include "conf/day_time.h"

namespace spillway {
namespace {

bool name_char(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || std::string_view("._-@").find(c) != std::string_view::npos;
}

bool graphic(char c) { return static_cast<unsigned char>(c) > 0x20 && c != 0x7f; }

std::optional<int> parse_port(std::string_view text) {
  int port = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (failed != std::errc() || end != text.data() + text.size() || text.empty() || text[0] == '-' || port > 65535)
    return {};
  return port;
}

bool loopback_host(const std::string& host) {
  in_addr v4{};
  in6_addr v6{};
  if (host == "localhost") return true;
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24) == 127;
  return inet_pton(AF_INET6, host.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

// host[:port] or [v6][:port]; the port is what stands behind, with its colon.
std::optional<std::pair<std::string, std::string_view>> split_host(std::string_view text) {
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return {};
    return {{std::string(text.substr(1, end - 1)), text.substr(end + 1)}};
  }
  const std::size_t colon = std::min(text.find(':'), text.size());
  return {{std::string(text.substr(0, colon)), text.substr(colon)}};
}

bool valid_host(const std::string& host, bool bracketed) {
  in6_addr v6{};
  if (bracketed) return inet_pton(AF_INET6, host.c_str(), &v6) == 1;
  return !host.empty() && host.size() <= 253 && host.front() != '-' && host.front() != '.' &&
         std::all_of(host.begin(), host.end(), [](char c) { return name_char(c) && c != '@'; });
}

std::string store_mistake(std::string_view text) {
  if (text == "memory:" || text.starts_with("sqlite:")) return {};
  if (text.starts_with("postgres")) return "must be \"sqlite:\" or \"memory:\" (postgres is not supported yet)";
  return "must be \"sqlite:\", \"sqlite:PATH\" or \"memory:\"";
}

std::string state_mistake(std::string_view text) {
  if (text == "memory:") return {};
  if (text.starts_with("redis") || text.starts_with("valkey"))
    return "must be \"memory:\" (redis is not supported yet)";
  return "must be \"memory:\"";
}

}  // namespace

std::string toml_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

std::string form_mistake(Form form, std::string_view text) {
  if (text.size() > kTextBytesMax) return "is longer than " + std::to_string(kTextBytesMax) + " bytes";
  if (has_control(text)) return "contains a control character";
  switch (form) {
    case Form::name:
      if (text.empty()) return "must not be empty";
      if (text.size() > kNameBytesMax) return "is longer than " + std::to_string(kNameBytesMax) + " bytes";
      if (!std::all_of(text.begin(), text.end(), name_char)) return "may hold letters, digits and . _ - @ only";
      return {};
    case Form::model:
      if (text.empty()) return "must not be empty";
      return std::all_of(text.begin(), text.end(), graphic) ? "" : "must not contain spaces";
    case Form::base_url:
      if (!text.starts_with("http://") && !text.starts_with("https://")) return "must start with https:// or http://";
      if (!parse_base_url(text)) return "is not a URL like https://api.example.com/v1 (no user, query or fragment)";
      return {};
    case Form::listen:
      return parse_listen(text) ? "" : "is not an address and port like \"127.0.0.1:4000\" or \"[::1]:4000\"";
    case Form::log: return text.empty() ? "must be \"stdout\", \"off\" or a file" : "";
    case Form::state: return state_mistake(text);
    case Form::store: return store_mistake(text);
    case Form::clock:
      return parse_clock(text) ? "" : "is no time of day with a zone, like \"00:00Z\" or \"00:00-08:00\"";
    case Form::hours:
      return text.empty() || parse_hours(text) ? "" : "is no span of the day with a zone, like \"08:00-18:00Z\"";
    case Form::any:
    case Form::path:
    case Form::place:
    case Form::secret: return {};
  }
  return {};
}

std::string header_mistake(std::string_view name, std::string_view value) {
  // Fields that frame a message or belong to one connection are ours to write.
  constexpr std::array<std::string_view, 11> kOurs = {"connection", "content-length",    "content-encoding", "expect",
                                                      "host",       "keep-alive",        "proxy-connection", "te",
                                                      "trailer",    "transfer-encoding", "upgrade"};
  const auto token = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  };
  if (name.empty() || name.size() > 256 || !std::all_of(name.begin(), name.end(), token)) return "is no header name";
  std::string lower(name);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (std::find(kOurs.begin(), kOurs.end(), lower) != kOurs.end()) return "is a header the proxy writes itself";
  if (value.size() > kTextBytesMax) return "is longer than " + std::to_string(kTextBytesMax) + " bytes";
  if (has_control(value)) return "contains a control character";
  return {};
}

std::optional<Listen> parse_listen(std::string_view text) {
  const auto split = split_host(text);
  if (!split || !split->second.starts_with(':')) return {};
  const auto port = parse_port(split->second.substr(1));
  if (!port) return {};
  Listen listen{split->first, *port, loopback_host(split->first), false};
  in_addr v4{};
  in6_addr v6{};
  if (text.starts_with('[')) {
    if (inet_pton(AF_INET6, listen.host.c_str(), &v6) != 1) return {};
    listen.wildcard = IN6_IS_ADDR_UNSPECIFIED(&v6);
    return listen;
  }
  if (inet_pton(AF_INET, listen.host.c_str(), &v4) != 1) return {};
  listen.wildcard = v4.s_addr == 0;
  return listen;
}

bool collide(const Listen& a, const Listen& b) {
  if (a.port != b.port || a.port == 0) return false;  // port 0: the system picks a free one
  return a.host == b.host || a.wildcard || b.wildcard;
}

bool extends_as_openrouter(const ProviderConfig& provider) {
  if (provider.extensions != "auto") return provider.extensions == "openrouter";
  const auto url = parse_base_url(provider.base_url);
  return url && url->host == "openrouter.ai";
}

std::optional<BaseUrl> parse_base_url(std::string_view text) {
  BaseUrl url;
  url.tls = text.starts_with("https://");
  if (!url.tls && !text.starts_with("http://")) return {};
  text.remove_prefix(url.tls ? 8 : 7);
  if (!std::all_of(text.begin(), text.end(), graphic)) return {};
  if (text.find_first_of("@?#\\\"<>") != std::string_view::npos) return {};
  const std::string_view authority = text.substr(0, text.find('/'));
  const auto split = split_host(authority);
  if (!split || !valid_host(split->first, authority.starts_with('['))) return {};
  if (!split->second.empty()) {
    if (split->second[0] != ':') return {};
    const auto port = parse_port(split->second.substr(1));
    if (!port || *port == 0) return {};
  }
  url.host = split->first;
  url.loopback = loopback_host(url.host);
  return url;
}

}  // namespace spillway
