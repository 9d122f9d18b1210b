// A host that two programs read differently sends a request to the wrong place, so whatever is not plainly a reg-name,
// an IPv4 or a bracketed IPv6 address is refused (zones and IPvFuture as well: nobody serves LLMs there).
#include "http/host_check.h"

#include "http/syntax.h"

namespace spillway {

namespace {
constexpr std::size_t kHostBytesMax = 255;

bool is_v4(std::string_view text) {
  for (int part = 0; part < 4; ++part) {
    std::size_t digits = 0;
    int value = 0;
    while (digits < text.size() && digits < 3 && is_char(text[digits], kDigit)) {
      value = value * 10 + (text[digits++] - '0');
    }
    if (digits == 0 || value > 255) return false;
    text.remove_prefix(digits);
    if (part == 3) return text.empty();
    if (text.empty() || text.front() != '.') return false;
    text.remove_prefix(1);
  }
  return false;
}

std::size_t hex_digits(std::string_view text) {
  std::size_t n = 0;
  while (n < text.size() && is_char(text[n], kHexDigit)) ++n;
  return n;
}

// Eight groups of up to four hex digits; "::" once for one or more of them; the last two may be written as IPv4.
bool is_v6(std::string_view text) {
  int groups = 0;
  bool gap = false;
  if (text.substr(0, 2) == "::") {
    gap = true;
    text.remove_prefix(2);
    if (text.empty()) return true;
  }
  while (true) {
    const std::size_t digits = hex_digits(text);
    if (digits < text.size() && text[digits] == '.') {
      groups += 2;
      return is_v4(text) && (gap ? groups < 8 : groups == 8);
    }
    if (digits == 0 || digits > 4 || ++groups > 8) return false;
    text.remove_prefix(digits);
    if (text.empty()) return gap ? groups < 8 : groups == 8;
    if (text.front() != ':') return false;
    text.remove_prefix(1);
    if (!text.empty() && text.front() == ':') {
      if (gap) return false;
      gap = true;
      text.remove_prefix(1);
      if (text.empty()) return groups < 8;
    }
  }
}

bool is_name(std::string_view text) {
  if (text.empty() || text.size() > kHostBytesMax) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_char(text[i], kHostChar)) continue;
    if (text[i] != '%' || hex_digits(text.substr(i + 1, 2)) != 2) return false;
    i += 2;
  }
  return true;
}

// An empty port is in the grammar and means the default.
bool read_port(std::string_view digits, std::uint16_t& port) {
  if (digits.size() > 5 || !all_chars(digits, kDigit)) return false;
  std::uint32_t value = 0;
  for (const char c : digits) value = value * 10 + static_cast<std::uint32_t>(c - '0');
  if (value > 65535) return false;
  port = static_cast<std::uint16_t>(value);
  return true;
}
}  // namespace

bool split_authority(std::string_view text, Authority& out) {
  out = Authority{};
  std::size_t end = 0;
  if (!text.empty() && text.front() == '[') {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) return false;
    out.host = text.substr(1, close - 1);
    out.v6 = true;
    if (!is_v6(out.host)) return false;
    end = close + 1;
  } else {
    end = text.find(':');
    out.host = text.substr(0, end);
    if (!is_name(out.host)) return false;
    if (end == std::string_view::npos) return true;
  }
  if (end == text.size()) return true;
  return text[end] == ':' && read_port(text.substr(end + 1), out.port);
}

}  // namespace spillway
