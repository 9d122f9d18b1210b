// Any bytes as a provider's URL, as an authority and as an escaped path segment. What is accepted can be written down
// and read again to the same, and holds nothing that could break a request line or a Host field.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "http/host_check.h"
#include "http/url.h"
#include "http/writer.h"

namespace spillway {
namespace {

void check_url(std::string_view text) {
  const Result<Url> url = parse_url(text);
  if (!url) {
    CHECK(url.error().kind == Kind::invalid && !url.error().detail.empty());
    return;
  }
  CHECK(url->port != 0 && !url->host.empty());
  CHECK(url->path.empty() || (url->path.front() == '/' && url->path.back() != '/'));
  for (const std::string& part : {url->host, url->path}) {
    for (const char c : part) CHECK(static_cast<unsigned char>(c) > 0x20 && c != 0x7f && c != '?' && c != '#');
  }
  const std::string written = (url->tls ? "https://" : "http://") + url->authority() + url->path;
  const Result<Url> again = parse_url(written);
  CHECK(again && again->host == url->host && again->port == url->port && again->path == url->path);
  CHECK(again->tls == url->tls);
  Authority authority;
  const std::string named = url->authority();
  CHECK(split_authority(named, authority));
  std::string head;
  HeadWriter writer(head);
  CHECK(writer.request("GET", url->path.empty() ? "/" : url->path, named));
}

void check_authority(std::string_view text) {
  Authority authority;
  if (!split_authority(text, authority)) return;
  CHECK(!authority.host.empty());
  CHECK(authority.host.data() >= text.data() &&
        authority.host.data() + authority.host.size() <= text.data() + text.size());
  CHECK(authority.v6 == (text.front() == '['));
}

std::string escaped(std::string_view text) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const char c : text) {
    out += '%';
    out += kDigits[static_cast<unsigned char>(c) >> 4];
    out += kDigits[static_cast<unsigned char>(c) & 15];
  }
  return out;
}

void check_escapes(std::string_view text) {
  const Result<std::string> plain = percent_decode(text);
  if (!plain) return;
  CHECK(plain->size() <= text.size());
  for (const char c : *plain) CHECK(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
  for (const std::string& spelled : {escaped(*plain), percent_encode(*plain)}) {
    const Result<std::string> again = percent_decode(spelled);
    CHECK(again && *again == *plain);
  }
}

// A preset's link behind a base URL: what comes out begins with either, or with the base's origin.
void check_link(std::string_view text) {
  constexpr std::string_view kBase = "https://host:1/v1/";
  const std::string whole = url_of_link(kBase, text);
  const bool absolute = text.find("://") != text.npos;
  CHECK(absolute ? whole == text : whole.starts_with(text.starts_with('/') ? "https://host:1/" : kBase));
  CHECK(whole.ends_with(text));
  CHECK(url_origin(text).size() <= text.size());
}

}  // namespace
}  // namespace spillway

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  spillway::check_url(text);
  spillway::check_authority(text);
  spillway::check_escapes(text);
  spillway::check_link(text);
  return 0;
}
