// The loader. A shared object is opened with RTLD_NOW, so that a missing symbol is an error here and not in a request.
#include "policy/plugin.h"

#include <dlfcn.h>

#include <algorithm>
#include <cstring>

#include "policy/options.h"

extern "C" {
extern const spw_plugin spillway_builtin_breaker;
extern const spw_plugin spillway_builtin_free_first;
extern const spw_plugin spillway_builtin_cache;
}

namespace spillway {

namespace {

constexpr std::size_t kBlockBytesMax = 1u << 20;  // of conf, worker and request blocks
constexpr std::size_t kTableMax = 256;            // options, counters
constexpr std::size_t kStructBytesMax = 4096;     // a plausible spw_plugin of any version

Error refused(const std::string& path, std::string_view why) {
  return {Kind::config, Source::us, Retry::no, (path.empty() ? std::string("plugin") : path) + ": " + std::string(why)};
}

bool good_name(const char* name) {
  if (name == nullptr || name[0] == '\0') return false;
  const std::size_t length = ::strnlen(name, 65);
  if (length > 64) return false;
  return std::all_of(name, name + length, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

std::string check_counters(const spw_plugin& plugin) {
  if (plugin.n_counters > kTableMax) return "too many counters";
  if (plugin.n_counters > 0 && plugin.counters == nullptr) return "n_counters without counters";
  for (std::size_t i = 0; i < plugin.n_counters; ++i) {
    if (!good_name(plugin.counters[i].name)) return "counter " + std::to_string(i) + " has a bad name";
    for (std::size_t j = 0; j < i; ++j) {
      if (std::strcmp(plugin.counters[i].name, plugin.counters[j].name) == 0) {
        return std::string("the counter ") + plugin.counters[i].name + " is there twice";
      }
    }
  }
  return {};
}

}  // namespace

Result<Plugin> check_plugin(const spw_plugin& raw, const std::string& path) {
  constexpr std::size_t kLeast = offsetof(spw_plugin, request_size) + sizeof(raw.request_size);
  if (raw.size < kLeast || raw.size > kStructBytesMax) {
    return refused(path, "its descriptor's size is " + std::to_string(raw.size) + ", which no version of the header has");
  }
  Plugin plugin;
  std::memcpy(&plugin.descriptor, &raw, std::min(raw.size, sizeof raw));
  const spw_plugin& d = plugin.descriptor;
  if (!good_name(d.name)) return refused(path, "its name must be [a-z0-9_]+, at most 64 characters");
  if (d.conf_size > kBlockBytesMax || d.worker_size > kBlockBytesMax || d.request_size > kBlockBytesMax) {
    return refused(path, "a block is larger than " + std::to_string(kBlockBytesMax) + " bytes");
  }
  std::string why = d.n_options > kTableMax ? "too many options" : check_options(d);
  if (why.empty()) why = check_counters(d);
  if (!why.empty()) return refused(path, why);
  plugin.name = d.name;
  plugin.path = path;
  return plugin;
}

Result<Plugin> load_plugin(const std::string& path) {
  // A path without a slash would be searched for in the system's directories.
  const std::string exact = path.find('/') == std::string::npos ? "./" + path : path;
  void* library = ::dlopen(exact.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    const char* why = ::dlerror();
    return refused(path, why == nullptr ? "cannot be loaded" : why);
  }
  const void* symbol = ::dlsym(library, "spillway_plugin_v1");
  if (symbol == nullptr) {
    const bool newer = ::dlsym(library, "spillway_plugin_v2") != nullptr;
    return refused(path, newer ? "was built for a newer ABI (spillway_plugin_v2); this Spillway speaks v1"
                               : "is no Spillway plugin: it lacks the symbol spillway_plugin_v1");
  }
  return check_plugin(*static_cast<const spw_plugin*>(symbol), path);  // never dlclosed: its code may run at any time
}

const std::vector<Plugin>& builtin_plugins() {
  static const std::vector<Plugin> all = [] {
    std::vector<Plugin> list;
    for (const spw_plugin* raw : {&spillway_builtin_breaker, &spillway_builtin_free_first, &spillway_builtin_cache}) {
      Result<Plugin> plugin = check_plugin(*raw, {});
      CHECK(static_cast<bool>(plugin));
      list.push_back(std::move(*plugin));
    }
    return list;
  }();
  return all;
}

namespace {

// [[plugin]] first, so that they shadow what is linked in.
std::vector<Plugin> available_plugins(const Config& config, std::vector<Problem>& problems) {
  std::vector<Plugin> all;
  for (const PluginConfig& wanted : config.plugins) {
    Result<Plugin> plugin = load_plugin(wanted.path);
    std::string why = plugin ? "" : plugin.error().detail;
    if (plugin) {
      for (const Plugin& other : all) {
        if (other.name == plugin->name) why = wanted.path + ": a policy named " + plugin->name + " came from " + other.path + " already";
      }
    }
    if (why.empty()) {
      all.push_back(std::move(*plugin));
    } else {
      problems.push_back({false, config.path, wanted.place, "[[plugin]] " + why, {}});
    }
  }
  for (const Plugin& builtin : builtin_plugins()) {
    const bool shadowed = std::any_of(all.begin(), all.end(), [&](const Plugin& one) { return one.name == builtin.name; });
    if (!shadowed) all.push_back(builtin);
  }
  return all;
}

const Plugin* find_plugin(const std::vector<Plugin>& all, const std::string& name) {
  const auto at = std::find_if(all.begin(), all.end(), [&](const Plugin& one) { return one.name == name; });
  return at == all.end() ? nullptr : &*at;
}

}  // namespace

Policies build_policies(const Config& config, std::vector<Problem>& problems) {
  const std::vector<Plugin> all = available_plugins(config, problems);
  std::vector<std::string> names;
  for (const Plugin& plugin : all) names.push_back(plugin.name);
  Policies policies;
  const auto known = [&](const std::string& name) {
    return std::any_of(policies.begin(), policies.end(), [&](const auto& one) { return one->plugin.name == name; });
  };
  static const PolicyConfig kDefaults;
  for (const RouteConfig& route : config.routes) {
    for (const std::string& name : route.policies) {
      if (known(name)) continue;
      const Plugin* plugin = find_plugin(all, name);
      if (plugin == nullptr) {
        problems.push_back({false, config.path, route.place, "policies: there is no policy \"" + name + "\"" + did_you_mean(name, names), {}});
        continue;
      }
      const auto settings = config.policies.find(name);
      const PolicyConfig& from = settings == config.policies.end() ? kDefaults : settings->second;
      auto policy = std::make_unique<Policy>();
      policy->plugin = *plugin;
      policy->fail_open = from.on_error != "closed";
      policy->timeout_ms = from.timeout_ms;
      fill_options(*policy, from, config.path, route.place, problems);
      policies.push_back(std::move(policy));
    }
  }
  for (const auto& [name, settings] : config.policies) {
    if (known(name)) continue;
    const bool exists = find_plugin(all, name) != nullptr;
    problems.push_back({exists, config.path, settings.place,
                        exists ? "[policy." + name + "] is not used by any route"
                               : "[policy." + name + "]: there is no policy \"" + name + "\"" + did_you_mean(name, names), {}});
  }
  return policies;
}

}  // namespace spillway
