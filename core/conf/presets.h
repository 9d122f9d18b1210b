// Providers that everybody means by their names: a row each, so that a config says `preset = "groq"` and no more.
// Sources: semantics.md section 10, and each provider's own documentation of its API. Thread: any.
#pragma once
#include <span>
#include <string>
#include <string_view>

#include "conf/config.h"

namespace spillway {

struct Preset {
  std::string_view name;
  std::string_view base_url;  // empty: everybody has another, so the config must say it
  std::string_view key_env;   // where its key usually is; empty: it needs none
  std::string_view auth;      // ProviderConfig::auth
  // Links as they would stand on a page at base_url: "x" is behind it, "/x" behind its origin, "https:" anywhere.
  std::string_view models;     // what GET lists its models; empty: nothing does
  std::string_view key_check;  // what GET a bad key is refused at, at no cost; empty: none is known
  std::string_view dialect = "openai";
  std::string_view also_speaks = {};
  std::string_view url_env = {};     // where its address is, if it is nobody's in particular
  std::string_view native_url = {};  // its base_url where the config gives it the dialect of its own name
};

std::span<const Preset> presets();
std::span<const std::string_view> preset_names();
const Preset* find_preset(std::string_view name);     // nullptr: there is none of that name
const Preset* preset_of_host(std::string_view host);  // whose base_url is there; nullptr: anybody's, or a local one's
std::string_view preset_host(const Preset& preset);   // of its base_url, without a port
// What the config says it is, else what its host or its dialect shows; "custom" is what is left.
const Preset& preset_of(const ProviderConfig& provider, std::string_view host);

// What the preset says, as if it stood in the config. The key is that of its environment variable, if that is set.
void fill_in(ProviderConfig& provider, const Preset& preset);

}  // namespace spillway
