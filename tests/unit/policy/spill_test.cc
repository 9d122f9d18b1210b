// The conditions of spill rules, one by one and together.
#include "policy/spill.h"

#include <gtest/gtest.h>

namespace spillway {
namespace {

SpillAsk asking(std::string_view key = "alice") {
  SpillAsk ask;
  ask.key = key;
  ask.wall_ms = 20'000 * kDayMs + 12 * 3'600'000;  // noon
  ask.prompt_tokens = 100;
  ask.usd_today = 1.5;
  return ask;
}
std::string why(const SpillRule& rule, const SpillAsk& ask) { return may_spill(std::span(&rule, 1), ask).forbidden; }

TEST(SpillRules, each_condition_says_why_it_does_not_hold) {
  SpillRule rule;
  EXPECT_EQ(why(rule, asking()), "");
  rule.keys = {"bob"};
  EXPECT_EQ(why(rule, asking()), "spill: not for the key alice");
  EXPECT_EQ(why(rule, asking("")), "spill: not without a key");
  EXPECT_EQ(why(rule, asking("bob")), "");
  rule = {};
  rule.tags = {"urgent", "paid"};
  EXPECT_EQ(why(rule, asking()), "spill: no tag urgent or paid");
  SpillAsk tagged = asking();
  tagged.tags = {"x", "paid"};
  EXPECT_EQ(why(rule, tagged), "");
  rule = {};
  rule.hours = parse_hours(rule.hours_text = "18:00-08:00Z");
  EXPECT_EQ(why(rule, asking()), "spill: outside of 18:00-08:00Z");
  rule.hours = parse_hours("08:00-18:00Z");
  EXPECT_EQ(why(rule, asking()), "");
  rule = {};
  rule.prompt_tokens_max = 99;
  EXPECT_EQ(why(rule, asking()), "spill: 100 prompt tokens of at most 99");
  rule.prompt_tokens_max = 100;
  EXPECT_EQ(why(rule, asking()), "");
  rule = {};
  rule.usd_per_day = 1.5;
  EXPECT_EQ(why(rule, asking()), "spill: 1.50 USD of today's 1.50 spent");
  rule.usd_per_day = 1.51;
  EXPECT_EQ(why(rule, asking()), "");
}

TEST(SpillRules, all_conditions_of_one_rule_must_hold_and_one_rule_is_enough) {
  SpillRule strict, cheap;
  strict.keys = {"alice"};
  strict.prompt_tokens_max = 10;
  EXPECT_NE(why(strict, asking()), "");
  cheap.usd_per_day = 2;
  const std::vector<SpillRule> rules = {strict, cheap};
  EXPECT_EQ(may_spill(rules, asking()).forbidden, "");
  SpillAsk poor = asking();
  poor.usd_today = 2;
  EXPECT_EQ(may_spill(rules, poor).forbidden, "spill: 100 prompt tokens of at most 10; 2.00 USD of today's 2.00 spent");
}

TEST(SpillRules, the_widest_limit_of_the_rules_that_hold_counts) {
  SpillRule small, large, bobs, free;
  small.usd_per_day = 2;
  large.usd_per_day = 5;
  bobs.keys = {"bob"};
  bobs.usd_per_day = 100;
  EXPECT_EQ(may_spill(std::vector{small, large, bobs}, asking()).usd_per_day, 5);
  EXPECT_EQ(may_spill(std::vector{small, free}, asking()).usd_per_day, -1) << "a rule without one has no limit";
}

TEST(SpillRules, tags_are_a_list_as_headers_have_them) {
  std::vector<std::string_view> tags = {"own"};
  add_tags(" urgent ,, batch\t,", tags);
  EXPECT_EQ(tags, (std::vector<std::string_view>{"own", "urgent", "batch"}));
  add_tags("", tags);
  EXPECT_EQ(tags.size(), 3u);
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "a,";
  add_tags(many, tags);
  EXPECT_EQ(tags.size(), kTagsMax);
}

TEST(SpillRules, money_is_told_to_the_cent_and_finer_below_one) {
  EXPECT_EQ(usd_text(2), "2.00");
  EXPECT_EQ(usd_text(0), "0.00");
  EXPECT_EQ(usd_text(0.000125), "0.000125");
}

}  // namespace
}  // namespace spillway
