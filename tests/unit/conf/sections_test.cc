// The sections there are, the ones there are not yet, and the shapes people get wrong.
#include "conf/sections.h"

#include <gtest/gtest.h>

#include "support.h"

namespace spillway {
namespace {

using Lines = std::vector<std::string>;
const std::string kProvider = "provider = [{ name = \"up\", base_url = \"http://127.0.0.1:9000/v1\" }]\n";

TEST(Sections, unknown_sections_are_errors_with_the_near_name) {
  EXPECT_EQ(mistakes_in(kWhole + "[limit]\n"), Lines{"4:2 limit: unknown option (did you mean limits?)"});
}

TEST(Sections, single_and_double_brackets_are_told_apart) {
  EXPECT_EQ(mistakes_in("[provider]\nname = 'a'\n")[1], "1:2 [provider]: write [[provider]], one table for each");
  EXPECT_EQ(mistakes_in(kWhole + "[[limits]]\n"), Lines{"4:3 [limits] stands once: write [limits], not [[limits]]"});
  EXPECT_EQ(mistakes_in(kWhole + "server = 5\n"), Lines{"4:1 [server]: expected a table, got an integer"});
  EXPECT_EQ(mistakes_in(kWhole + "key = 5\n"), Lines{"4:1 [[key]]: expected tables, got an integer"});
  EXPECT_EQ(mistakes_in(kWhole + "key = [5]\n"), Lines{"4:8 [[key]]: expected a table, got an integer"});
}

TEST(Sections, route_needs_targets_or_tiers_and_not_both) {
  EXPECT_EQ(mistakes_in(kProvider + "[[route]]\nmodel = 'a'\n"),
            Lines{"2:1 [[route]]: neither `targets` nor [[route.tier]]: nobody could answer"});
  EXPECT_EQ(
      mistakes_in(kProvider + "[[route]]\nmodel = 'a'\ntargets = [{ provider = 'up' }]\n[[route.tier]]\nname = 'x'\n"
                              "targets = [{ provider = 'up' }]\n"),
      Lines{"4:1 [[route]]: either `targets` or [[route.tier]], not both"});
  EXPECT_EQ(mistakes_in(kProvider + "[[route]]\nmodel = 'a'\ntargets = []\n"),
            Lines{"4:11 [[route]] targets: must not be empty"});
  EXPECT_EQ(mistakes_in(kProvider + "[[route]]\nmodel = 'a'\n[[route.tier]]\nname = 'x'\n"),
            Lines{"4:1 [[route.tier]]: neither `targets` nor a `pool`: nobody could answer"});
  EXPECT_EQ(mistakes_in(kProvider + "[[route]]\nmodel = 'a'\ntargets = ['up']\n")[0],
            "4:12 [[route]] targets: expected a table like { provider = \"name\" }, got a string");
}

TEST(Sections, route_model_is_a_string_or_an_array) {
  const Loaded loaded =
      load_config_text(kProvider + "[[route]]\nmodel = ['a', 'b-*']\ntargets = [{ provider = 'up' }]\n", "t.toml");
  EXPECT_TRUE(loaded.ok());
  EXPECT_EQ(loaded.config.routes[0].model, (Lines{"a", "b-*"}));
}

TEST(Sections, quotas_stand_below_their_provider) {
  const auto quota = [](const std::string& text) {
    return mistakes_in("[[provider]]\nname = 'up'\nbase_url = 'http://127.0.0.1:1/v1'\n[[provider.quota]]\n" + text +
                       "\n[[route]]\nmodel = 'a'\ntargets = [{ provider = 'up' }]\n");
  };
  EXPECT_TRUE(quota("models = ['*:free', 'x']\nscope = 'project'\nrpm = 1\ntpd = 5\nresets = '00:00-08:00'").empty());
  EXPECT_EQ(quota("scope = 'galaxy'"), Lines{"5:9 [[provider.quota]] scope: must be one of \"account\", \"key\", "
                                             "\"project\", \"model\", got \"galaxy\""});
  EXPECT_EQ(quota("rpx = 1").size(), 1u);
  EXPECT_EQ(quota("resets = 'noon'").size(), 1u);
}

TEST(Sections, spill_is_never_exhausted_or_a_rule) {
  const auto spill = [](const std::string& value) {
    return mistakes_in(kProvider + "[[route]]\nmodel = 'a'\ntargets = [{ provider = 'up' }]\nspill = " + value + "\n");
  };
  EXPECT_TRUE(spill("'never'").empty());
  EXPECT_TRUE(spill("'exhausted'").empty());
  EXPECT_EQ(spill("'always'"), Lines{"5:9 [[route]] spill: must be one of \"never\", \"exhausted\", got \"always\""});
  EXPECT_TRUE(spill("{ when = { tags = ['urgent'], hours = '08:00-18:00Z', usd_per_day = 2.0 } }").empty());
  EXPECT_TRUE(spill("{ when = [{ prompt_tokens_max = 1 }, { tags = 'x' }] }").empty());
  EXPECT_EQ(spill("{ when = { usd_per_day = 2.0, usd = 1 } }").size(), 1u);
  EXPECT_EQ(spill("{ when = { hours = 'noon' } }").size(), 1u);
  EXPECT_EQ(spill("{ when = { keys = 'nobody' } }").size(), 1u);
  EXPECT_EQ(spill("{ when = 'x' }"), Lines{"5:18 [[route]] spill when: expected a table with a condition, like { "
                                           "usd_per_day = 2.0 }"});
  EXPECT_EQ(spill("{ when = {} }").size(), 1u);
  EXPECT_EQ(spill("{ when = [] }").size(), 1u);
  EXPECT_EQ(spill("{}").size(), 1u);
  EXPECT_EQ(spill("{ when = { usd_per_day = 1 }, unless = 1 }").size(), 1u);
}

TEST(Sections, policy_options_keep_type_and_place) {
  const Loaded loaded = load_config_text(
      "[policy.mine]\non_error = 'closed'\ntimeout_ms = 5\na = true\nb = 2\nc = 1.5\nd = 'x'\ne = ['y', 'z']\n",
      "t.toml");
  EXPECT_TRUE(loaded.ok());
  const PolicyConfig& policy = loaded.config.policies.at("mine");
  EXPECT_EQ(policy.on_error, "closed");
  EXPECT_EQ(policy.timeout_ms, 5);
  EXPECT_EQ(policy.options.size(), 5u);
  EXPECT_EQ(std::get<bool>(policy.options.at("a").value), true);
  EXPECT_EQ(std::get<std::int64_t>(policy.options.at("b").value), 2);
  EXPECT_EQ(std::get<double>(policy.options.at("c").value), 1.5);
  EXPECT_EQ(std::get<std::string>(policy.options.at("d").value), "x");
  EXPECT_EQ(std::get<Lines>(policy.options.at("e").value), (Lines{"y", "z"}));
  EXPECT_EQ(policy.options.at("e").place.line, 8);
  EXPECT_FALSE(load_config_text("[policy.mine]\na = { b = 1 }\n", "t.toml").ok());
  EXPECT_FALSE(load_config_text("[policy.mine]\na = [1]\n", "t.toml").ok());
  EXPECT_FALSE(load_config_text("[policy.mine]\non_error = 'maybe'\n", "t.toml").ok());
  EXPECT_FALSE(load_config_text("[policy]\nmine = 1\n", "t.toml").ok());
}

TEST(Sections, certificate_and_key_go_together) {
  const Folder folder;
  folder.write("c.pem", "x");
  const std::string base = "route = []\n[server.tls]\n";
  const auto mistakes = [&](const std::string& toml) {
    return lines_of(load_config_text(base + toml, folder.path + "t.toml"));
  };
  EXPECT_EQ(mistakes("cert = 'c.pem'\n")[1], "3:8 [server.tls] cert: a `key` must go with it");
  EXPECT_EQ(mistakes("key = 'c.pem'\n")[1], "3:7 [server.tls] key: a `cert` must go with it");
  EXPECT_EQ(mistakes("cert = 'c.pem'\nkey = 'c.pem'\n").size(), 1u);
  EXPECT_EQ(mistakes("cert = 'c.pem'\nkey = 'none.pem'\n").size(), 2u);
}

}  // namespace
}  // namespace spillway
