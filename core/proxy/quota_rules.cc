#include "proxy/quota_rules.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "base/hash.h"
#include "base/pattern.h"
#include "conf/day_time.h"
#include "proxy/generation.h"

namespace spillway {

namespace {

constexpr std::size_t kNameBytes = 100;  // policies print it, and keep it under 128

// The ABI's SPW_Q_SCOPE.
int number_of(std::string_view scope) {
  constexpr std::array<std::string_view, 4> kScopes = {"account", "key", "project", "model"};
  const auto at = std::find(kScopes.begin(), kScopes.end(), scope);
  CHECK(at != kScopes.end());  // the loader refuses others
  return 1 + static_cast<int>(at - kScopes.begin());
}

// "openrouter/account *:free", "groq/model llama-3.3-70b": who shares the quota has the same name for it.
std::string name_of(const ProviderConfig& provider, const QuotaConfig& quota, int scope, std::string_view model) {
  std::string name = (provider.account.empty() ? provider.name : provider.account) + '/' + quota.scope;
  if (quota.scope == "key") name += ' ' + provider.name;
  if (scope >= kScopeProject) {
    name.append(" ").append(model.empty() ? "*" : model);
  } else {
    for (const std::string& pattern : quota.models) name += ' ' + pattern;
  }
  if (name.size() <= kNameBytes) return name;
  char tail[20];
  std::snprintf(tail, sizeof tail, "#%016llx", static_cast<unsigned long long>(hash64(name)));
  return name.substr(0, kNameBytes) + tail;
}

}  // namespace

std::vector<QuotaRule> quota_rules(const ProviderConfig& provider, std::string_view model) {
  std::vector<QuotaRule> rules;
  for (const QuotaConfig& quota : provider.quotas) {
    const bool about = std::any_of(quota.models.begin(), quota.models.end(), [&](const std::string& pattern) {
      return matches(pattern, model.empty() ? "*" : model);
    });
    if (!about) continue;
    QuotaRule rule;
    rule.scope = number_of(quota.scope);
    rule.name = name_of(provider, quota, rule.scope, model);
    rule.rpm = quota.rpm;
    rule.rpd = quota.rpd;
    rule.tpm = quota.tpm;
    rule.tpd = quota.tpd;
    rule.reset_ms = parse_clock(quota.resets).value_or(0);
    rules.push_back(std::move(rule));
  }
  std::stable_sort(rules.begin(), rules.end(),
                   [](const QuotaRule& a, const QuotaRule& b) { return a.scope < b.scope; });
  return rules;
}

}  // namespace spillway
