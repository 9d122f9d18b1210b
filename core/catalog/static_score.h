// How good a model probably is, 0 to 100, by what its catalogue says about it, or by what an operator wrote into
// a config (Q-5b). Whole numbers, so that equal models are equal anywhere. Thread: any.
#pragma once
#include <cstdint>
#include <string_view>

#include "catalog/model.h"

namespace spillway {

struct StaticParts {
  int prestige = 0, recency = 0, price = 0, context = 0, capabilities = 0, slug = 0;
  int total() const;  // 0 to 100
};

// `now_s`: Unix seconds, because points for being new end with time.
StaticParts static_parts(const CatalogModel& model, std::int64_t now_s);

// A target somebody chose by hand: `api` is whose API it is ("openai", "groq", "ollama"), in any case.
struct ChosenByHand {
  std::string_view api, model;
  double usd_per_token = 0;  // prompt and completion together
  std::int64_t context = 0;
};
int score_by_hand(const ChosenByHand& target);

int recency_points(std::int64_t created_s, std::int64_t now_s);
int price_points(double usd_per_token);
int context_points(std::int64_t context);

}  // namespace spillway
