// The loader. A shared object is opened with RTLD_NOW, so that a missing symbol is an error here and not in a request.
#include "policy/plugin.h"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>

#include <algorithm>
#include <cstring>

#include "conf/forms.h"
#include "policy/options.h"
#include "policy/plugin_file.h"

extern "C" {
extern const spw_plugin spillway_builtin_breaker;
extern const spw_plugin spillway_builtin_free_first;
extern const spw_plugin spillway_builtin_cache;
extern const spw_plugin spillway_builtin_sticky;
}

namespace spillway {

namespace {

constexpr std::size_t kBlockBytesMax = 1u << 20;  // of conf, worker and request blocks
constexpr std::size_t kTableMax = 256;            // options, counters
constexpr std::size_t kStructBytesMax = 4096;     // a plausible spw_plugin of any version

Error refused(const std::string& path, std::string_view why) {
  return {Kind::config, Source::us, Retry::no, (path.empty() ? std::string("plugin") : path) + ": " + std::string(why)};
}

std::string check_counters(const spw_plugin& plugin) {
  if (plugin.n_counters > kTableMax) return "too many counters";
  if (plugin.n_counters > 0 && plugin.counters == nullptr) return "n_counters without counters";
  for (std::size_t i = 0; i < plugin.n_counters; ++i) {
    if (!good_name(plugin.counters[i].name)) return "counter " + std::to_string(i) + " has no name of [a-z0-9_]+";
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
    return refused(path,
                   "its descriptor's size is " + std::to_string(raw.size) + ", which no version of the header has");
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

namespace {

// How many bytes the symbol's object really has; 0 when the file does not tell.
std::size_t bytes_behind(const void* symbol) {
  Dl_info info{};
  void* found = nullptr;
  if (::dladdr1(symbol, &info, &found, RTLD_DL_SYMENT) == 0 || found == nullptr || info.dli_saddr != symbol) return 0;
  return static_cast<std::size_t>(static_cast<const ElfW(Sym)*>(found)->st_size);
}

Error unloadable(const std::string& path, const std::string& real) {
  const char* said = ::dlerror();
  std::string_view why = said == nullptr ? "unknown" : said;
  if (why.starts_with(real + ": ")) why.remove_prefix(real.size() + 2);
  return refused(path, "is no shared object that can be loaded here: " + std::string(why));
}

}  // namespace

Result<Plugin> load_plugin(const std::string& path) {
  const Result<std::string> real = trusted_plugin_file(path);
  if (!real) return refused(path, real.error().detail);
  void* library = ::dlopen(real->c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return unloadable(path, *real);
  const void* symbol = ::dlsym(library, "spillway_plugin_v1");
  if (symbol == nullptr) {
    const bool newer = ::dlsym(library, "spillway_plugin_v2") != nullptr;
    return refused(path, newer ? "was built for a newer ABI (spillway_plugin_v2); this Spillway speaks v1"
                               : "is no Spillway plugin: it lacks the symbol spillway_plugin_v1");
  }
  const auto& raw = *static_cast<const spw_plugin*>(symbol);
  const std::size_t room = bytes_behind(symbol);
  if (room != 0 && (room < sizeof raw.size || raw.size > room)) {
    return refused(path, "spillway_plugin_v1 has only " + std::to_string(room) + " bytes, so it is no descriptor");
  }
  return check_plugin(raw, path);  // never dlclosed: its code may run at any time
}

const std::vector<Plugin>& builtin_plugins() {
  static const std::vector<Plugin> all = [] {
    std::vector<Plugin> list;
    for (const spw_plugin* raw :
         {&spillway_builtin_breaker, &spillway_builtin_free_first, &spillway_builtin_cache, &spillway_builtin_sticky}) {
      Result<Plugin> plugin = check_plugin(*raw, {});
      CHECK(static_cast<bool>(plugin));
      list.push_back(std::move(*plugin));
    }
    return list;
  }();
  return all;
}

namespace {

// The plugins a config may name, and the policies made of them so far.
class Builder {
 public:
  Builder(const Config& config, std::vector<Problem>& problems) : config_(config), problems_(problems) {
    for (const PluginConfig& wanted : config.plugins) take(wanted);  // first, so that they shadow what is linked in
    for (const Plugin& builtin : builtin_plugins()) {
      if (find(builtin.name) == nullptr) plugins_.push_back(builtin);
    }
    for (const Plugin& plugin : plugins_) names_.push_back(plugin.name);
  }

  void route(const RouteConfig& route) {
    if (route.policies.size() > kPoliciesMax) {
      problem(route.place, "policies: at most " + std::to_string(kPoliciesMax) + " in one route");
    }
    for (std::size_t i = 0; i < route.policies.size(); ++i) {
      const std::string& name = route.policies[i];
      const auto here = route.policies.begin() + static_cast<std::ptrdiff_t>(i);
      if (std::find(route.policies.begin(), here, name) != here)
        problem(route.place, "policies: \"" + name + "\" is there twice");
      if (!made(name)) make(name, route.place);
    }
  }

  Policies policies;

 private:
  void problem(const Place& place, std::string message) {
    problems_.push_back(problem_at(config_, place, std::move(message)));
  }

  void take(const PluginConfig& wanted) {
    Result<Plugin> plugin = load_plugin(wanted.path);
    if (!plugin) return problem(wanted.place, "[[plugin]] " + plugin.error().detail);
    const Plugin* other = find(plugin->name);
    if (other == nullptr) return plugins_.push_back(std::move(*plugin));
    problem(wanted.place, "[[plugin]] " + wanted.path + ": a policy named " + plugin->name + " came from " +
                              other->path + " already");
  }

  const Plugin* find(const std::string& name) const {
    const auto at = std::find_if(plugins_.begin(), plugins_.end(), [&](const Plugin& one) { return one.name == name; });
    return at == plugins_.end() ? nullptr : &*at;
  }

  bool made(const std::string& name) const {
    return std::any_of(policies.begin(), policies.end(), [&](const auto& one) { return one->plugin.name == name; });
  }

  void make(const std::string& name, const Place& place) {
    const Plugin* plugin = find(name);
    if (plugin == nullptr)
      return problem(place, "policies: there is no policy \"" + name + "\"" + suggestion(name, names_));
    static const PolicyConfig kDefaults;
    const auto settings = config_.policies.find(name);
    const PolicyConfig& from = settings == config_.policies.end() ? kDefaults : settings->second;
    auto policy = std::make_unique<Policy>();
    policy->plugin = *plugin;
    policy->fail_open = from.on_error != "closed";
    policy->timeout_ms = from.timeout_ms;
    for (const ProviderConfig& provider : config_.providers) policy->providers.push_back(facts_of(provider));
    fill_options(*policy, from, config_, place, problems_);
    policies.push_back(std::move(policy));
  }

  const Config& config_;
  std::vector<Problem>& problems_;
  std::vector<Plugin> plugins_;
  std::vector<std::string> names_;
};

}  // namespace

ProviderFacts facts_of(const ProviderConfig& provider) {
  return {provider.name, provider.account.empty() ? provider.name : provider.account,
          extends_as_openrouter(provider) ? "provider://" + provider.name + "/key" : std::string()};
}

Policies build_policies(const Config& config, std::vector<Problem>& problems) {
  Builder builder(config, problems);
  for (const RouteConfig& route : config.routes) builder.route(route);
  return std::move(builder.policies);
}

}  // namespace spillway
