// When a request may leave the free tier: conditions over its key, its tags, the hour, its size, and what the route has
// spent today. Pure.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "conf/day_time.h"

namespace spillway {

// All conditions that are set must hold.
struct SpillRule {
  std::vector<std::string> keys, tags;  // one of each is enough; empty: any
  std::optional<Hours> hours;
  std::string hours_text;
  std::int64_t prompt_tokens_max = -1;  // -1: any
  double usd_per_day = -1;              // of the route; -1: any
};

struct SpillAsk {
  std::string_view key;  // empty: open access
  std::vector<std::string_view> tags;
  std::int64_t wall_ms = 0, prompt_tokens = 0;
  double usd_today = 0;
};

struct SpillAnswer {
  std::string forbidden;    // which condition does, in words; empty: it may spill
  double usd_per_day = -1;  // the most that the rules which allow it let the route spend today; -1: no limit
};

// One rule that holds is enough.
SpillAnswer may_spill(std::span<const SpillRule> rules, const SpillAsk& ask);

// "urgent, batch": a list as it stands in a header, appended; at most kTagsMax of them.
inline constexpr std::size_t kTagsMax = 32;
void add_tags(std::string_view list, std::vector<std::string_view>& tags);

std::string usd_text(double usd);  // "2.00", with more places below a cent

}  // namespace spillway
