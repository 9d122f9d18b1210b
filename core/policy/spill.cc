#include "policy/spill.h"

#include <algorithm>
#include <cstdio>

namespace spillway {

namespace {

bool among(const std::vector<std::string>& list, std::string_view one) {
  return std::find(list.begin(), list.end(), one) != list.end();
}

// The first condition that does not hold, in words; empty: all do.
std::string broken(const SpillRule& rule, const SpillAsk& ask) {
  if (!rule.keys.empty() && !among(rule.keys, ask.key)) {
    return ask.key.empty() ? "not without a key" : "not for the key " + std::string(ask.key);
  }
  const auto tagged = [&](std::string_view tag) { return among(rule.tags, tag); };
  if (!rule.tags.empty() && std::none_of(ask.tags.begin(), ask.tags.end(), tagged)) {
    std::string text = "no tag ";
    for (std::size_t i = 0; i < rule.tags.size(); ++i) text += (i == 0 ? "" : " or ") + rule.tags[i];
    return text;
  }
  if (rule.hours && !rule.hours->has(ask.wall_ms)) return "outside of " + rule.hours_text;
  if (rule.prompt_tokens_max >= 0 && ask.prompt_tokens > rule.prompt_tokens_max) {
    return std::to_string(ask.prompt_tokens) + " prompt tokens of at most " + std::to_string(rule.prompt_tokens_max);
  }
  if (rule.usd_per_day >= 0 && ask.usd_today >= rule.usd_per_day) {
    return usd_text(ask.usd_today) + " USD of today's " + usd_text(rule.usd_per_day) + " spent";
  }
  return {};
}

}  // namespace

std::string usd_text(double usd) {
  char text[40];
  std::snprintf(text, sizeof text, usd > 0 && usd < 0.1 ? "%.6f" : "%.2f", usd);
  return text;
}

SpillAnswer may_spill(std::span<const SpillRule> rules, const SpillAsk& ask) {
  SpillAnswer answer;
  bool allowed = false, unlimited = false;
  for (const SpillRule& rule : rules) {
    const std::string why = broken(rule, ask);
    if (!why.empty()) {
      answer.forbidden += (answer.forbidden.empty() ? "spill: " : "; ") + why;
      continue;
    }
    allowed = true;
    unlimited = unlimited || rule.usd_per_day < 0;
    answer.usd_per_day = std::max(answer.usd_per_day, rule.usd_per_day);
  }
  if (unlimited) answer.usd_per_day = -1;
  if (allowed) answer.forbidden.clear();
  return answer;
}

void add_tags(std::string_view list, std::vector<std::string_view>& tags) {
  while (!list.empty() && tags.size() < kTagsMax) {
    const std::size_t end = std::min(list.find(','), list.size());
    std::string_view tag = list.substr(0, end);
    while (tag.starts_with(' ') || tag.starts_with('\t')) tag.remove_prefix(1);
    while (tag.ends_with(' ') || tag.ends_with('\t')) tag.remove_suffix(1);
    if (!tag.empty()) tags.push_back(tag);
    list.remove_prefix(std::min(end + 1, list.size()));
  }
}

}  // namespace spillway
