// Prints conf/reference.toml from the option rows: every option with its sentence, range and default.
//
// The file loads as it is and then says what the defaults say. Prose starts with "# ", examples (array tables) with "#"
// and no space, so that taking the "#" away makes them real. Thread: any.
#include <cstdio>
#include <limits>

#include "base/number.h"
#include "conf/forms.h"
#include "conf/load.h"
#include "conf/options.h"

namespace spillway {
namespace {

struct Printed {
  std::string operator()(const bool* value) const { return *value ? "true" : "false"; }
  std::string operator()(const int* value) const { return *value > 0 ? "true" : "false"; }
  std::string operator()(const std::int64_t* value) const { return std::to_string(*value); }
  std::string operator()(const double* value) const { return plain_number(*value); }
  std::string operator()(const std::string* value) const { return toml_text(*value); }
  std::string operator()(const Strings* value) const {
    std::string out;
    for (const std::string& item : *value) out += (out.empty() ? "" : ", ") + toml_text(item);
    return '[' + out + ']';
  }
  std::string operator()(const HeaderMap* value) const {
    std::string out;
    for (const auto& [name, text] : *value)
      out += (out.empty() ? " " : ", ") + toml_text(name) + " = " + toml_text(text);
    return '{' + out + (out.empty() ? "}" : " }");
  }
  std::string operator()(const Points* value) const {
    std::string out;
    for (const auto& [word, points] : *value) out += (out.empty() ? " " : ", ") + word + " = " + std::to_string(points);
    return '{' + out + (out.empty() ? "}" : " }");
  }
};

// "100..3600000", "\"never\" or \"exhausted\"", or nothing.
std::string range(const Option& option) {
  if (!option.rule.choices.empty()) {
    std::string out;
    for (const std::string_view choice : option.rule.choices) out += (out.empty() ? "" : " | ") + toml_text(choice);
    return out;
  }
  const bool numeric =
      std::holds_alternative<std::int64_t*>(option.slot) || std::holds_alternative<double*>(option.slot);
  return numeric ? plain_number(option.rule.low) + ".." + plain_number(option.rule.high) : std::string();
}

std::string fallback(const Option& plain) {
  if (plain.rule.required) return "required";
  if (const auto* flag = std::get_if<int*>(&plain.slot); flag != nullptr && **flag < 0) return "default: unset";
  return "default " + std::visit(Printed{}, plain.slot);
}

// `options` hold the values to print, `defaults` what to call the default; in examples every line is commented out.
void print(std::string& out, const Options& options, const Options& defaults, bool example) {
  for (std::size_t i = 0; i < options.size(); ++i) {
    const std::string allowed = range(options[i]);
    out += "# " + std::string(options[i].about) + " (" + allowed + (allowed.empty() ? "" : "; ") +
           fallback(defaults[i]) + ")\n";
    out += (example ? "#" : "") + std::string(options[i].name) + " = " + std::visit(Printed{}, options[i].slot) + '\n';
  }
}

template <typename T>
void section(std::string& out, std::string_view name, std::string_view about) {
  T defaults;
  out += "\n# " + std::string(about) + "\n[" + std::string(name) + "]\n";
  print(out, options_of(defaults), options_of(defaults), false);
}

template <typename T>
void example(std::string& out, std::string_view header, std::string_view about, T values) {
  T defaults;
  out += "\n# " + std::string(about) + "\n#" + std::string(header) + '\n';
  print(out, options_of(values), options_of(defaults), true);
}

KeyConfig key_example() {
  KeyConfig key;
  key.name = "alice";
  key.secret = "env:ALICE_KEY";
  key.models = {"primary", "openai/*"};
  return key;
}

ProviderConfig provider_example() {
  ProviderConfig provider;
  provider.preset = provider.name = "openrouter";
  provider.base_url = "https://openrouter.ai/api/v1";
  provider.api_key = "env:OPENROUTER_API_KEY";
  provider.headers = {{"x-title", "Spillway"}};
  return provider;
}

QuotaConfig quota_example() {
  QuotaConfig quota;
  quota.models = {"llama-*"};
  quota.scope = "model";
  quota.rpm = 30;
  quota.rpd = 1000;
  quota.tpm = 12'000;
  return quota;
}

RouteConfig route_example() {
  RouteConfig route;
  route.model = {"primary"};
  route.policies = {"cache", "free_first", "breaker"};
  return route;
}

TierConfig tier_example() {
  TierConfig tier;
  tier.name = "free";
  return tier;
}

// What stands in inline tables is prose, with one real line behind it.
void print_inline(std::string& out, const Options& options) {
  for (const Option& option : options) {
    const std::string allowed = range(option);
    out += "#   " + std::string(option.name) + ": " + std::string(option.about) + " (" + allowed +
           (allowed.empty() ? "" : "; ") + fallback(option) + ")\n";
  }
}

void print_spill(std::string& out) {
  SpillConfig defaults;
  out +=
      "# A spill rule is { when = { ... } } with conditions that must all hold, or a list of such tables of which one "
      "must:\n";
  print_inline(out, options_of(defaults));
  out += "# For example: spill = { when = { tags = [\"urgent\"], hours = \"08:00-18:00Z\", usd_per_day = 2.0 } }\n";
}

void print_targets(std::string& out) {
  TargetConfig defaults;
  out += "# Who may answer, at least one. Each is an inline table of:\n";
  print_inline(out, options_of(defaults));
  out += "#targets = [{ provider = \"openrouter\", model = \"qwen/qwen3-coder:free\", weight = 6 }]\n";
}

}  // namespace

std::string config_reference() {
  std::string out =
      "# Every option of Spillway, printed by `spillway reference`. This file loads as it is and sets every default.\n"
      "# Lines that start with \"#\" and no space are examples: take the \"#\" away to use them.\n"
      "# A list may be written as one string. Relative paths start at the folder of the file they are written in.\n"
      "# Secrets are \"env:NAME\" or \"file:PATH\".\n"
      "\n# More files, read after this one: tables merge, arrays append, nothing may be set twice.\ninclude = []\n";
  section<ServerConfig>(out, "server", "Where clients come in.");
  section<TlsConfig>(out, "server.tls", "TLS for clients; both files or neither.");
  section<LogConfig>(out, "log", "What is written down.");
  section<AdminConfig>(out, "admin", "The listener for operators.");
  section<Limits>(out, "limits", "What is too much and too long.");
  section<StateConfig>(out, "state", "What workers know together.");
  section<StoreConfig>(out, "store", "What survives a restart.");
  section<CatalogConfig>(out, "catalog", "The providers' lists of models, which pools are made of.");
  example(out, "[[key]]", "A client that may call; without any, everybody on loopback may.", key_example());
  example(out, "[[provider]]", "Somebody who answers.", provider_example());
  example(out, "[[provider.quota]]", "What that provider allows, of which free_first never asks for more.",
          quota_example());
  PoolConfig pool;
  pool.source = "openrouter";
  example(out, "[pool.free]", "The best models of a catalogue, kept current; a tier names it.", pool);
  OverlayConfig overlay;
  overlay.id = "qwen/qwen3-coder:free";
  example(out, "[[pool.free.model]]", "A word about one of them that wins over the catalogue.", overlay);
  example(out, "[[route]]", "What happens to a model name.", route_example());
  print_spill(out);
  out += "# Instead of tiers, a route may have `targets` of its own.\n";
  example(out, "[[route.tier]]", "Tiers are used in order: free, cheap, paid.", tier_example());
  print_targets(out);
  example(out, "[policy.breaker]", "Options of a policy; besides these two, each has its own.", PolicyConfig());
  PluginConfig plugin;
  plugin.path = "my_policy.so";
  example(out, "[[plugin]]", "A policy from a shared object.", plugin);
  return out;
}

}  // namespace spillway
