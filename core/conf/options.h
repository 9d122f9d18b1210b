// What every option is: name, member, range and one sentence, in one row. The rows parse, check and refuse, and print
// the reference; the default is the member initialiser in config.h. Thread: any.
#pragma once
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "conf/config.h"

namespace spillway {

// What a text has to look like beyond being a string.
enum class Form : std::uint8_t {
  any,
  name,      // letters, digits, . _ - @ : short, because it goes into headers, metrics and logs
  model,     // a model id or pattern: printable, no spaces
  base_url,  // http:// or https://
  listen,    // address:port
  path,      // of a file that must be readable; relative to the config file
  place,     // of a file that need not exist yet; relative to the config file
  log,       // "stdout", "off" or a place
  secret,    // env:NAME, file:PATH, or the secret itself
  state,     // memory:
  store,     // memory: or sqlite:[PATH]
  clock,     // a time of day with its zone: 00:00Z, 00:00-08:00
  hours,     // a span of the day: 08:00-18:00Z
};

using Strings = std::vector<std::string>;
using HeaderMap = std::map<std::string, std::string>;
using Points = std::map<std::string, std::int64_t>;

struct Rule {
  double low = 0, high = 0;  // of a number
  std::span<const std::string_view> choices;
  Form form = Form::any;
  bool required = false;
};

// A row applied to one object: where its value goes and what it must be. Optional flags are ints, -1 while unset.
using Slot = std::variant<bool*, int*, std::int64_t*, double*, std::string*, Strings*, HeaderMap*, Points*>;
struct Option {
  std::string_view name;
  Slot slot;
  Rule rule;
  std::string_view about;
};
using Options = std::vector<Option>;

Options options_of(ServerConfig& server);
Options options_of(TlsConfig& tls);
Options options_of(LogConfig& log);
Options options_of(AdminConfig& admin);
Options options_of(Limits& limits);
Options options_of(StateConfig& state);
Options options_of(StoreConfig& store);
Options options_of(KeyConfig& key);
Options options_of(ProviderConfig& provider);
Options options_of(QuotaConfig& quota);
Options options_of(RouteConfig& route);
Options options_of(SpillConfig& spill);
Options options_of(TierConfig& tier);
Options options_of(TargetConfig& target);
Options options_of(CatalogConfig& catalog);
Options options_of(PoolConfig& pool);
Options options_of(OverlayConfig& overlay);
Options options_of(PolicyConfig& policy);
Options options_of(PluginConfig& plugin);

}  // namespace spillway
