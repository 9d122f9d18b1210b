// What single texts must look like: names, URLs, listening addresses, header fields. Thread: any.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "conf/options.h"

namespace spillway {

inline constexpr std::size_t kNameBytesMax = 64;
inline constexpr std::size_t kTextBytesMax = 4096;

// What is wrong with `text` as a `form`, or an empty string. Forms that need the file system are not looked at here.
std::string form_mistake(Form form, std::string_view text);
std::string header_mistake(std::string_view name, std::string_view value);
bool has_control(std::string_view text);
// As a basic string of TOML; `text` has no control characters.
std::string toml_text(std::string_view text);

struct Listen {
  std::string host;  // without brackets
  int port = 0;
  bool loopback = false;
  bool wildcard = false;  // 0.0.0.0 or ::
};
std::optional<Listen> parse_listen(std::string_view text);
// Whether both would take connections to one address.
bool collide(const Listen& a, const Listen& b);

struct BaseUrl {
  bool tls = false;
  std::string host;
  bool loopback = false;
};
std::optional<BaseUrl> parse_base_url(std::string_view text);
// Whether it understands what OpenRouter adds to the API.
bool extends_as_openrouter(const ProviderConfig& provider);

}  // namespace spillway
