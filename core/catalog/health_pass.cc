#include "catalog/health_pass.h"

#include <algorithm>
#include <set>

namespace spillway {

std::vector<std::size_t> whom_to_ask(const std::vector<Rated>& rated) {
  std::vector<std::size_t> asked;
  for (const bool free : {false, true}) {
    std::vector<std::size_t> tier;
    for (std::size_t i = 0; i < rated.size(); ++i) {
      if (rated[i].free == free) tier.push_back(i);
    }
    std::stable_sort(tier.begin(), tier.end(),
                     [&](std::size_t one, std::size_t other) { return rated[one].points > rated[other].points; });
    tier.resize(std::min(tier.size(), free ? kFreeAsked : kPremiumAsked));
    asked.insert(asked.end(), tier.begin(), tier.end());
  }
  return asked;
}

bool is_degraded(std::size_t failed, std::size_t asked) {
  return asked > 0 && static_cast<double>(failed) / static_cast<double>(asked) >= kDegradedShare;
}

HealthRound HealthMemory::take(const std::vector<HealthAnswer>& answers) {
  HealthRound round;
  round.asked = answers.size();
  for (const HealthAnswer& answer : answers) round.failed += answer.health ? 0 : 1;
  if (round.asked > 0) round.fail_ratio = static_cast<double>(round.failed) / static_cast<double>(round.asked);
  round.degraded = is_degraded(round.failed, round.asked);
  for (const HealthAnswer& answer : answers) {
    if (answer.health && !round.degraded) last_good_[answer.model] = *answer.health;
    const auto good = last_good_.find(answer.model);
    if (good != last_good_.end()) round.known[answer.model] = good->second;
  }
  return round;
}

void HealthMemory::keep_only(const std::vector<Rated>& rated) {
  std::set<std::string_view> there;
  for (const Rated& one : rated) there.insert(one.model->id);
  std::erase_if(last_good_, [&](const auto& entry) { return !there.contains(entry.first); });
}

}  // namespace spillway
