// Finds and checks plugins: the ones linked in, and shared objects. dlopen only in plugin.cc.
//
// Every reason to refuse one is an Error that names the file and the rule; a shared object is never unloaded. A
// descriptor is copied by its `size`, so that plugins of older and newer headers work.
#pragma once
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "conf/config.h"
#include "conf/load.h"
#include "spillway_plugin.h"

namespace spillway {

inline constexpr std::size_t kPoliciesMax = 32;  // in one route

struct Plugin {
  spw_plugin descriptor{};  // ours: absent tails are zero
  std::string name, path;   // path empty: linked in
};

// Checks symbol, size, name, option and counter tables, block sizes.
Result<Plugin> check_plugin(const spw_plugin& raw, const std::string& path);
Result<Plugin> load_plugin(const std::string& path);
const std::vector<Plugin>& builtin_plugins();

// What policies may know of a [[provider]].
struct ProviderFacts {
  std::string name, account;
  std::string key_info;  // what to fetch to be told of its quota; empty: nothing
};
ProviderFacts facts_of(const ProviderConfig& provider);

// A plugin with its [policy.NAME] parsed into the struct its table describes. Immutable, shared by all workers.
struct Policy {
  Plugin plugin;
  std::vector<unsigned char> conf;         // aligned by its allocator to 16
  std::deque<std::string> strings;         // what spw_str options point into
  std::deque<std::vector<spw_str>> lists;  // what spw_list options point into
  bool fail_open = true;
  std::int64_t timeout_ms = 0;
  std::vector<ProviderFacts> providers;
};

// All policies the config's routes name; problems (unknown policy, unknown or bad option, a plugin that is refused) are
// appended with their place. A [[plugin]] shadows a linked-in one of the same name. nullptr when there was an error.
using Policies = std::vector<std::unique_ptr<const Policy>>;
Policies build_policies(const Config& config, std::vector<Problem>& problems);

}  // namespace spillway
