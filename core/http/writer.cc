// Everything that enters a head passes through here, so nothing that a client, a provider or a config says can end a
// line of it. A head is built by appending to one string that its owner keeps from message to message.
#include "http/writer.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <iterator>

#include "base/error.h"
#include "http/syntax.h"

namespace spillway {

namespace {
struct Reason {
  int status;
  std::string_view phrase;
};

// RFC 9110 15 and its registry, then what providers and proxies in front of them use unregistered.
constexpr Reason kReasons[] = {
    {100, "Continue"},
    {101, "Switching Protocols"},
    {102, "Processing"},
    {103, "Early Hints"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {203, "Non-Authoritative Information"},
    {204, "No Content"},
    {205, "Reset Content"},
    {206, "Partial Content"},
    {207, "Multi-Status"},
    {208, "Already Reported"},
    {226, "IM Used"},
    {300, "Multiple Choices"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {305, "Use Proxy"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {402, "Payment Required"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {407, "Proxy Authentication Required"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {416, "Range Not Satisfiable"},
    {417, "Expectation Failed"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Content"},
    {423, "Locked"},
    {424, "Failed Dependency"},
    {425, "Too Early"},
    {426, "Upgrade Required"},
    {428, "Precondition Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {451, "Unavailable For Legal Reasons"},
    {498, "Invalid Token"},
    {499, "Client Closed Request"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
    {506, "Variant Also Negotiates"},
    {507, "Insufficient Storage"},
    {508, "Loop Detected"},
    {511, "Network Authentication Required"},
    {520, "Web Server Returned an Unknown Error"},
    {521, "Web Server Is Down"},
    {522, "Connection Timed Out"},
    {523, "Origin Is Unreachable"},
    {524, "A Timeout Occurred"},
    {525, "SSL Handshake Failed"},
    {526, "Invalid SSL Certificate"},
    {529, "Overloaded"},
    {530, "Site Frozen"},
};

constexpr std::string_view kHexDigits = "0123456789ABCDEF";
constexpr std::size_t kUsual = 1024;  // bytes of a head

// Most of what is copied is shorter than a call is worth.
char* append(char* at, std::string_view bytes) {
  const std::size_t n = bytes.size();
  const char* const from = bytes.data();
  const auto both_ends = [&](auto room) {  // which may overlap
    auto first = room, last = room;
    std::memcpy(&first, from, sizeof first);
    std::memcpy(&last, from + n - sizeof last, sizeof last);
    std::memcpy(at, &first, sizeof first);
    std::memcpy(at + n - sizeof last, &last, sizeof last);
  };
  if (n > 16) {
    std::memcpy(at, from, n);
  } else if (n >= 8) {
    both_ends(std::uint64_t{0});
  } else if (n >= 4) {
    both_ends(std::uint32_t{0});
  } else {
    for (std::size_t i = 0; i < n; ++i) at[i] = from[i];
  }
  return at + n;
}

// Whether all bytes are of visible ASCII: eight at once, the last ones perhaps twice.
bool all_visible(std::string_view text) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  const auto good = [&](std::size_t at) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + at, 8);
    return ((word | (word + kOnes) | (word - 0x21 * kOnes)) & (0x80 * kOnes)) == 0;
  };
  if (text.size() < 8) return false;  // not worth a way of its own
  for (std::size_t at = 0; at + 8 < text.size(); at += 8) {
    if (!good(at)) return false;
  }
  return good(text.size() - 8);
}

}  // namespace

std::string_view reason_phrase(int status) {
  const auto before = [](const Reason& reason, int wanted) { return reason.status < wanted; };
  const Reason* found = std::lower_bound(std::begin(kReasons), std::end(kReasons), status, before);
  if (found != std::end(kReasons) && found->status == status) return found->phrase;
  return "Unknown";
}

void HeadWriter::grow(std::size_t bytes) { out_.resize(std::max(kUsual, 2 * (used_ + bytes))); }

void HeadWriter::put(std::string_view bytes) {
  append(out_.data() + used_, bytes);
  used_ += bytes.size();
}

void HeadWriter::put_lines() {
  const std::string_view lines(lines_, static_cast<std::size_t>(lines_end_ - lines_));
  lines_ = lines_end_ = nullptr;
  need(lines.size());
  put(lines);
}

void HeadWriter::line(FieldLine whole) {
  need(whole.text().size());
  put(whole.text());
}

// A byte that may not stand in a target is percent-encoded: the same resource, and never a second line.
void HeadWriter::put_target(std::string_view target) {
  if (all_visible(target)) return put(target);
  for (const char c : target) {
    const unsigned char code = static_cast<unsigned char>(c);
    if (code > 0x20 && code < 0x7f) {
      out_[used_++] = c;
    } else {
      const char escape[] = {'%', kHexDigits[code >> 4], kHexDigits[code & 15]};
      put({escape, sizeof escape});
    }
  }
}

bool HeadWriter::request(std::string_view method, std::string_view target, std::string_view host,
                         std::string_view rest) {
  if (!is_token(method) || host.empty() || !all_chars(host, kPathChar)) return false;
  need(method.size() + 3 * (target.size() + rest.size()) + host.size() + 32);
  put(method);
  put(" ");
  put_target(target.empty() && rest.empty() ? "/" : target);
  put_target(rest);
  put(" HTTP/1.1\r\nHost: ");
  put(host);
  put("\r\n");
  return true;
}

void HeadWriter::status(int code, int minor) {
  CHECK(code >= 100 && code <= 999);
  need(64);
  if (code == 200 && minor != 0) return put("HTTP/1.1 200 OK\r\n");
  const char digits[] = {static_cast<char>('0' + code / 100), static_cast<char>('0' + code / 10 % 10),
                         static_cast<char>('0' + code % 10), ' '};
  put(minor == 0 ? "HTTP/1.0 " : "HTTP/1.1 ");
  put({digits, sizeof digits});
  put(reason_phrase(code));
  put("\r\n");
}

bool HeadWriter::foreign_field(std::string_view name, std::string_view value) {
  return is_token(name) && put_field(name, {}, value);
}

bool HeadWriter::put_read(const Header& field) {
  return is_field_value(field.name) && put_field(field.name, {}, field.value);
}

bool HeadWriter::put_field(std::string_view name, std::string_view earlier, std::string_view value) {
  if (!is_field_value(value) || (!earlier.empty() && !is_field_value(earlier))) return false;
  need(name.size() + earlier.size() + value.size() + 6);
  char* const line = out_.data() + used_;
  char* at = append(append(line, name), ": ");
  if (!earlier.empty()) at = append(append(at, earlier), ", ");
  at = append(append(at, value), kLineEnd);
  used_ += static_cast<std::size_t>(at - line);
  return true;
}

bool HeadWriter::field(FieldName name, std::uint64_t value) {
  constexpr std::size_t kDigitsMost = 20;
  need(name.text().size() + kDigitsMost + 4);
  char* const line = out_.data() + used_;
  char* at = append(append(line, name.text()), ": ");
  at = append(std::to_chars(at, at + kDigitsMost, value).ptr, kLineEnd);
  used_ += static_cast<std::size_t>(at - line);
  return true;
}

void HeadWriter::end() {
  need(2);
  put("\r\n");
  out_.resize(used_);
}

std::string_view chunk_head(std::size_t bytes, char* room) {
  char* end = std::to_chars(room, room + 16, bytes, 16).ptr;
  *end++ = '\r';
  *end++ = '\n';
  return {room, static_cast<std::size_t>(end - room)};
}

}  // namespace spillway
