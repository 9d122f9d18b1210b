// The rows themselves: no default outside its own range, no name twice, a sentence for each.
#include "conf/options.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace spillway {
namespace {

template <typename T>
void check_rows(const char* section) {
  T object;
  std::set<std::string_view> names;
  std::set<const void*> members;
  for (const Option& option : options_of(object)) {
    const std::string name = std::string(section) + '.' + std::string(option.name);
    EXPECT_TRUE(names.insert(option.name).second) << name;
    EXPECT_TRUE(members.insert(std::visit([](auto* to) { return static_cast<const void*>(to); }, option.slot)).second)
        << name;
    EXPECT_TRUE(option.about.ends_with('.')) << name;
    if (const auto* whole = std::get_if<std::int64_t*>(&option.slot)) {
      EXPECT_GE(static_cast<double>(**whole), option.rule.low) << name;
      EXPECT_LE(static_cast<double>(**whole), option.rule.high) << name;
      EXPECT_LT(option.rule.low, option.rule.high) << name;
    }
    if (const auto* text = std::get_if<std::string*>(&option.slot); text != nullptr && !option.rule.choices.empty()) {
      const auto& choices = option.rule.choices;
      EXPECT_NE(std::find(choices.begin(), choices.end(), **text), choices.end()) << name;
    }
  }
}

TEST(Options, every_row_is_unique_has_a_sentence_and_a_default_in_range) {
  check_rows<ServerConfig>("server");
  check_rows<TlsConfig>("server.tls");
  check_rows<LogConfig>("log");
  check_rows<AdminConfig>("admin");
  check_rows<Limits>("limits");
  check_rows<StateConfig>("state");
  check_rows<StoreConfig>("store");
  check_rows<KeyConfig>("key");
  check_rows<ProviderConfig>("provider");
  check_rows<RouteConfig>("route");
  check_rows<TierConfig>("route.tier");
  check_rows<TargetConfig>("targets");
  check_rows<PolicyConfig>("policy");
  check_rows<PluginConfig>("plugin");
}

TEST(Options, no_limit_is_without_a_row) {
  Limits limits;
  EXPECT_EQ(options_of(limits).size(), sizeof(Limits) / sizeof(std::int64_t));
}

}  // namespace
}  // namespace spillway
