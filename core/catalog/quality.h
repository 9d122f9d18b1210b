// A whole catalogue with everything that is known of its models without asking them: stable numbers, tiers, static
// scores, and the order by quality that the preset of that name uses. Thread: any.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/eligible.h"
#include "catalog/health.h"
#include "catalog/score.h"
#include "catalog/static_score.h"

namespace spillway {

// What a tier stands for. The limits are assumptions until a provider tells its own.
struct TierFacts {
  std::string_view name;
  std::int64_t rpm, tpm;
  bool pool_eligible;  // free models share one bucket, so spreading over them gains nothing (C-1)
  char pin_tier;       // 'A' is for what an operator wrote by hand
};
inline constexpr TierFacts kFreeTier = {"free", 20, 100'000, false, 'C'};
inline constexpr TierFacts kPremiumTier = {"premium", 200, 1'000'000, true, 'B'};

struct Rated {
  const CatalogModel* model = nullptr;
  std::int64_t id = 0;
  bool free = false;
  StaticParts parts;
  int points = 0;  // of parts
  const TierFacts& tier() const { return free ? kFreeTier : kPremiumTier; }
};

// Those of `models`, in their order, which decides who keeps a contested number.
std::vector<Rated> rate(const std::vector<const CatalogModel*>& models, FreeRule rule, std::int64_t now_s,
                        std::int64_t id_offset = -10'000);

// By the static score blended with health where it is known; those that are gated are left out. Equal ones
// in the order of their ids, as in every other preset.
std::vector<Scored> ranked_by_quality(const std::vector<const CatalogModel*>& models, std::int64_t now_s,
                                      const std::map<std::string, ModelHealth>& known);

}  // namespace spillway
