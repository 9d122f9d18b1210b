// Which of a provider's [[provider.quota]] hold for a target, and under which name it shares them. Thread: any.
#pragma once
#include <string_view>
#include <vector>

#include "conf/config.h"
#include "policy/plan.h"

namespace spillway {

// Widest scope first. `model` as it is sent upstream; empty (the client's own) counts as "*".
std::vector<QuotaRule> quota_rules(const ProviderConfig& provider, std::string_view model);

}  // namespace spillway
