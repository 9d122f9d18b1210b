#include "conf/environment.h"

#include "base/variable.h"
#include "conf/forms.h"
#include "conf/presets.h"

namespace spillway {

namespace {

// As Ollama reads OLLAMA_HOST: scheme, port and /v1 may be missing, and what it listens on everywhere is here. Azure's
// endpoint is an origin.
std::string base_url(const Preset& preset) {
  std::string url = variable(preset.url_env);
  while (url.ends_with('/')) url.pop_back();
  if (url.empty()) return url;
  const bool ollama = preset.name == "ollama";
  if (url.find("://") == url.npos) url.insert(0, ollama ? "http://" : "https://");
  const std::size_t host = url.find("://") + 3;
  if (url.substr(host, 7) == "0.0.0.0") url.replace(host, 7, "127.0.0.1");
  if (url.find('/', host) != url.npos) return url;
  if (ollama && url.find(':', host) == url.npos) url += ":11434";
  return url + (ollama ? "/v1" : "/openai/v1");
}

bool is_set(const Preset& preset) {
  const bool key = preset.key_env.empty() || !variable(preset.key_env).empty();
  const bool url = preset.base_url.empty() || preset.key_env.empty();  // nobody knows it, or that it is there
  if (preset.key_env.empty() && preset.url_env.empty()) return false;
  return key && (!url || !variable(preset.url_env).empty());
}

std::string provider_of(const Preset& preset, bool alone) {
  const std::string name(preset.name), names = toml_text(name + "/*") + (alone ? R"(, "*")" : "");
  const std::string url = base_url(preset);
  std::string toml = "\n[[provider]]\npreset = " + toml_text(name) + '\n';
  if (!url.empty()) toml += "base_url = " + toml_text(url) + '\n';
  toml += "\n[pool." + name + "]\nsource = " + toml_text(name) + "\nfree = \"any\"\nsize = 1000\ntools = false\n";
  toml += "text = false\ncontext_min = 0\nexpose = true\n";
  toml += "\n[[route]]\nmodel = [" + names + "]\npolicies = [\"free_first\", \"breaker\"]\n";
  return toml + "targets = [{ provider = " + toml_text(name) + ", model = \"*\" }]\n";
}

}  // namespace

std::string environment_names() {
  std::string names;
  for (const Preset& preset : presets()) {
    for (const std::string_view name : {preset.key_env, preset.url_env}) {
      if (!name.empty()) names.append(names.empty() ? "" : ", ").append(name);
    }
  }
  return names;
}

FoundConfig config_of_environment(const std::string& listen, const std::string& admin) {
  FoundConfig found;
  for (const Preset& preset : presets()) {
    if (is_set(preset)) found.providers.emplace_back(preset.name);
  }
  if (!listen.empty()) found.toml += "[server]\nlisten = [" + toml_text(listen) + "]\n";
  if (!admin.empty()) found.toml += "[admin]\nlisten = [" + toml_text(admin) + "]\n";
  for (const std::string& name : found.providers) {
    found.toml += provider_of(*find_preset(name), found.providers.size() == 1);
    if (name != "openrouter") continue;
    found.toml += "\n[pool.free]\nsource = \"openrouter\"\n\n[[route]]\nmodel = \"free\"\nspill = \"never\"\n";
    found.toml += "policies = [\"free_first\", \"breaker\"]\n[[route.tier]]\nname = \"free\"\npool = \"free\"\n";
  }
  return found;
}

}  // namespace spillway
