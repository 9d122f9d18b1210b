// Which quotas hold for a target, and who shares them.
#include "proxy/quota_rules.h"

#include <gtest/gtest.h>

namespace spillway {
namespace {

ProviderConfig provider_with(std::vector<QuotaConfig> quotas) {
  ProviderConfig provider;
  provider.name = "groq";
  provider.quotas = std::move(quotas);
  return provider;
}
QuotaConfig quota(std::vector<std::string> models, std::string scope, std::int64_t rpm) {
  QuotaConfig one;
  one.models = std::move(models);
  one.scope = std::move(scope);
  one.rpm = rpm;
  return one;
}

TEST(QuotaRules, the_widest_scope_comes_first_and_patterns_choose) {
  const ProviderConfig provider =
      provider_with({quota({"llama-*"}, "model", 30), quota({"*"}, "account", 60), quota({"qwen*"}, "model", 1)});
  const auto rules = quota_rules(provider, "llama-3.3");
  ASSERT_EQ(rules.size(), 2u);
  EXPECT_EQ(rules[0].name, "groq/account *");
  EXPECT_EQ(rules[0].rpm, 60);
  EXPECT_EQ(rules[1].name, "groq/model llama-3.3");
  EXPECT_EQ(rules[1].scope, 4);
}

TEST(QuotaRules, a_model_s_quota_is_its_own_and_an_account_s_is_shared) {
  const ProviderConfig provider = provider_with({quota({"*"}, "model", 1), quota({"a", "b"}, "account", 2)});
  const auto a = quota_rules(provider, "a"), b = quota_rules(provider, "b");
  EXPECT_EQ(a[0].name, b[0].name);
  EXPECT_NE(a[1].name, b[1].name);
}

TEST(QuotaRules, keys_are_told_apart_by_provider_and_accounts_by_name) {
  ProviderConfig one = provider_with({quota({"*"}, "key", 1), quota({"*"}, "account", 1)});
  one.account = "shared";
  ProviderConfig two = one;
  two.name = "groq2";
  EXPECT_EQ(quota_rules(one, "m")[0].name, quota_rules(two, "m")[0].name);
  EXPECT_NE(quota_rules(one, "m")[1].name, quota_rules(two, "m")[1].name);
}

TEST(QuotaRules, long_names_stay_short_and_different) {
  const ProviderConfig provider = provider_with({quota({"*"}, "model", 1)});
  const std::string stem(200, 'x');
  const auto a = quota_rules(provider, stem + "a"), b = quota_rules(provider, stem + "b");
  EXPECT_LT(a[0].name.size(), 128u);
  EXPECT_NE(a[0].name, b[0].name);
}

TEST(QuotaRules, a_target_without_a_model_counts_as_any) {
  EXPECT_EQ(quota_rules(provider_with({quota({"*"}, "model", 1), quota({"a"}, "model", 1)}), "").size(), 1u);
}

}  // namespace
}  // namespace spillway
