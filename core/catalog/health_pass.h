// One round of asking about health, and what is remembered between rounds: whom to ask, what to make of the
// answers, and each model's last good one. Fetching is the caller's. Thread: the one that owns the memory.
#pragma once
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "catalog/health.h"
#include "catalog/quality.h"

namespace spillway {

inline constexpr std::size_t kPremiumAsked = 50, kFreeAsked = 30;
inline constexpr std::size_t kHealthFetchesAtOnce = 15;
inline constexpr int kHealthFetchTimeoutMs = 5'000;
// From this share of failures on, it is the catalogue's service that is in trouble, not its models.
inline constexpr double kDegradedShare = 0.25;

// Indices into `rated`: the best by static score of each tier, premium first; equal ones in the catalogue's order.
std::vector<std::size_t> whom_to_ask(const std::vector<Rated>& rated);

struct HealthAnswer {
  std::string model;
  std::optional<ModelHealth> health;  // none: the fetch failed
};

struct HealthRound {
  std::size_t asked = 0, failed = 0;
  double fail_ratio = 0;
  bool degraded = false;                     // no fresh answer was used
  std::map<std::string, ModelHealth> known;  // of those asked; who is not in it keeps its static score
};

class HealthMemory {
 public:
  HealthRound take(const std::vector<HealthAnswer>& answers);
  // Forgets who is in no catalogue any more; the memory is as large as the catalogue at most.
  void keep_only(const std::vector<Rated>& rated);
  void remember(const std::string& model, const ModelHealth& health) { last_good_[model] = health; }
  const std::map<std::string, ModelHealth>& last_good() const { return last_good_; }

 private:
  std::map<std::string, ModelHealth> last_good_;
};

bool is_degraded(std::size_t failed, std::size_t asked);

}  // namespace spillway
