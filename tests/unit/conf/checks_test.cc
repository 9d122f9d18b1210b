// What only the whole config shows.
#include "conf/checks.h"

#include <gtest/gtest.h>

#include "support.h"

namespace spillway {
namespace {

using Lines = std::vector<std::string>;
const std::string kUp = "provider = [{ name = \"up\", base_url = \"http://127.0.0.1:9000/v1\" }]\n";
const std::string kKey = "[[key]]\nname = 'a'\nsecret = 'env:SPW_TEST_A'\n";

TEST(Checks, names_and_secrets_are_unique) {
  const Variable a("SPW_TEST_A", "sk-aaaaaaaa"), b("SPW_TEST_B", "sk-aaaaaaaa");
  EXPECT_EQ(mistakes_in(kWhole + "[[provider]]\nname = 'x'\nbase_url = 'http://a'\n").size(),
            1u);  // two forms of one array
  EXPECT_EQ(
      mistakes_in(
          "[[provider]]\nname = 'x'\nbase_url = 'http://a'\n[[provider]]\nname = 'x'\nbase_url = 'http://b'\n")[1],
      "5:8 [[provider]] name: \"x\" is taken, see line 2");
  const Lines expected = {"8:8 [[key]] name: \"a\" is taken, see line 5",
                          "9:10 [[key]] secret: the same secret as in line 6, so nobody could tell the two apart"};
  EXPECT_EQ(mistakes_in(kWhole + kKey + "[[key]]\nname = 'a'\nsecret = 'env:SPW_TEST_B'\n"), expected);
}

TEST(Checks, tiers_and_routes_have_names_of_their_own) {
  const std::string tier = "[[route.tier]]\nname = 'free'\ntargets = [{ provider = 'up' }]\n";
  EXPECT_EQ(mistakes_in(kUp + "[[route]]\nmodel = 'a'\n" + tier + tier),
            Lines{"8:8 [[route.tier]] name: \"free\" stands twice in this route"});
  EXPECT_TRUE(mistakes_in(kUp + "[[route]]\nmodel = 'a'\n" + tier + "[[route]]\nmodel = 'b'\n" + tier).empty());
  EXPECT_EQ(mistakes_in(kUp + "[[route]]\nmodel = 'a'\n" + tier + "[[route]]\nmodel = ['b', 'a']\n" + tier),
            Lines{"8:9 [[route]] model: \"a\" has a route already, see line 3"});
  EXPECT_EQ(mistakes_in(kUp + "[[route]]\nmodel = []\n" + tier), Lines{"3:9 [[route]] model: must not be empty"});
  EXPECT_EQ(mistakes_in(kUp + "[[route]]\nmodel = 'a'\ntier = []\n"), Lines{"4:8 [[route]] tier: must not be empty"});
}

TEST(Checks, targets_name_providers_that_exist) {
  EXPECT_EQ(
      mistakes_in("provider = [{ name = \"openrouter\", base_url = \"http://127.0.0.1/v1\" }]\n[[route]]\nmodel = 'a'\n"
                  "targets = [{ provider = \"openruter\" }, { provider = \"zzz\" }]\n"),
      (Lines{"4:25 targets: there is no [[provider]] named \"openruter\" (did you mean openrouter?)",
             "4:53 targets: there is no [[provider]] named \"zzz\""}));
}

TEST(Checks, a_target_takes_what_the_star_stands_for_only_where_there_is_one_at_the_end) {
  const auto mistakes = [](const std::string& names) {
    return mistakes_in(kUp + "[[route]]\nmodel = " + names + "\ntargets = [{ provider = 'up', model = '*' }]\n");
  };
  EXPECT_EQ(mistakes("['up/*', '*']"), Lines{});
  const std::string why =
      "3:9 [[route]] model: a target's model \"*\" is what stands for the * of this name, so each name must end in one";
  for (const std::string names : {"'a'", "['up/*', 'a']", "'*/b'", "'a*b*'"})
    EXPECT_EQ(mistakes(names), Lines{why}) << names;
}

TEST(Checks, one_weight_is_positive) {
  EXPECT_EQ(mistakes_in(kUp + "[[route]]\nmodel = 'a'\ntargets = [{ provider = 'up', weight = 0 }]\n"),
            Lines{"4:12 targets: at least one weight must be above 0"});
  EXPECT_TRUE(
      mistakes_in(kUp + "[[route]]\nmodel = 'a'\ntargets = [{ provider = 'up', weight = 0 }, { provider = 'up' }]\n")
          .empty());
}

TEST(Checks, open_port_needs_a_key_or_a_word) {
  const Variable a("SPW_TEST_A", "sk-aaaaaaaa");
  const std::string open = "[server]\nlisten = [\"127.0.0.1:1\", \"0.0.0.0:2\"]\n";
  const Lines refused = mistakes_in(kWhole + open);
  ASSERT_EQ(refused.size(), 1u);
  EXPECT_TRUE(
      refused[0].starts_with("5:26 [server] listen: 0.0.0.0:2 is open to other machines and there is no [[key]]"));
  EXPECT_NE(refused[0].find("open_access = true"), std::string::npos);
  EXPECT_TRUE(mistakes_in(kWhole + open + "open_access = true\n").empty());
  EXPECT_TRUE(mistakes_in(kWhole + open + kKey).empty());
  EXPECT_FALSE(load_config_text("[server]\nlisten = '[::]:1'\n", "t.toml").ok());
  EXPECT_TRUE(mistakes_in(kWhole + "[server]\nlisten = ['127.0.0.1:1', '[::1]:1']\n").empty());
}

TEST(Checks, listeners_do_not_share_an_address) {
  EXPECT_EQ(mistakes_in(kWhole + "[server]\nlisten = '127.0.0.1:4001'\n"),
            Lines{"5:10 [admin] listen: 127.0.0.1:4001 is taken by [server] listen 127.0.0.1:4001"});
  EXPECT_EQ(mistakes_in(kWhole + "[admin]\nlisten = '127.0.0.1:4000'\n"),
            Lines{"5:10 [admin] listen: 127.0.0.1:4000 is taken by [server] listen 127.0.0.1:4000"});
  EXPECT_TRUE(mistakes_in(kWhole + "[server]\nlisten = '127.0.0.1:0'\n[admin]\nlisten = '127.0.0.1:0'\n").empty());
  EXPECT_TRUE(mistakes_in(kWhole + "[admin]\nlisten = []\n").empty());
  EXPECT_EQ(mistakes_in(kWhole + "[server]\nlisten = []\n"), Lines{"5:10 [server] listen: must not be empty"});
}

TEST(Checks, risky_settings_are_warned_about) {
  const Variable a("SPW_TEST_A", "sk-aaaaaaaa");
  EXPECT_EQ(mistakes_in(kWhole + "[admin]\nlisten = '0.0.0.0:4001'\n").size(), 1u);
  const auto provider = [](const std::string& rest) {
    return mistakes_in("route = []\n[[provider]]\nname = 'x'\n" + rest);
  };
  EXPECT_EQ(provider("base_url = 'http://a'\napi_key = 'env:SPW_TEST_A'\n")[1],
            "4:12 warning: [[provider]] base_url: http:// sends the api_key unencrypted");
  EXPECT_EQ(provider("base_url = 'http://127.0.0.1'\napi_key = 'env:SPW_TEST_A'\n").size(), 1u);
  EXPECT_EQ(provider("base_url = 'https://a'\ninsecure = true\n").size(), 2u);
  EXPECT_EQ(mistakes_in(kWhole + "[policy.braker]\n"), Lines{"4:9 warning: [policy.braker]: no route has this policy"});
}

TEST(Checks, limits_fit_into_each_other) {
  EXPECT_EQ(mistakes_in(kWhole + "[limits]\nfield_bytes = 100000\n"),
            Lines{"5:15 [limits] field_bytes: 100000 is more than head_bytes, which is 65536"});
  EXPECT_TRUE(mistakes_in(kWhole + "[limits]\nhead_bytes = 4096\n").empty());
  EXPECT_EQ(mistakes_in(kWhole + "[limits]\nmemory_no_store_percent = 93\n"),
            Lines{"5:27 [limits] memory_no_store_percent: 93 is more than memory_refuse_percent, which is 92"});
  EXPECT_EQ(mistakes_in(kWhole + "[limits]\nmemory_refuse_percent = 98\n"),
            Lines{"5:25 [limits] memory_refuse_percent: 98 is more than memory_drop_percent, which is 97"});
}

}  // namespace
}  // namespace spillway
