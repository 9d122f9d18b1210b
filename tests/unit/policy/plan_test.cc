// The plan: who is tried, in which order, and who is left after a failure. Expected values of L-2 are the independent
// oracle's; consequences are section 11 of semantics.md, budgets T-1 and T-4.
#include "policy/plan.h"

#include <gtest/gtest.h>

#include <set>

namespace spillway {
namespace {

// One candidate per weight, each on a key and an account of its own.
Plan plan_of(const std::vector<double>& weights) {
  Plan plan;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    Candidate one;
    one.weight = weights[i];
    one.target_id = 100 + i;
    one.key_id = 200 + i;
    one.account_id = 300 + i;
    plan.candidates.push_back(one);
  }
  plan.budget = {100, 100};
  plan.begin();
  return plan;
}

Plan tiers(const std::vector<int>& of) {
  Plan plan = plan_of(std::vector<double>(of.size(), 1));
  for (std::size_t i = 0; i < of.size(); ++i) plan.candidates[i].tier_index = of[i];
  return plan;
}

// What pick() says with u = 0; -1: nobody.
int first(const Plan& plan) {
  const auto i = plan.pick(0);
  return i ? static_cast<int>(*i) : -1;
}

void fail(Plan& plan, std::size_t i, Fault fault) {
  plan.started(i);
  plan.after(i, fault);
}

const std::vector<double> kWeights = {6, 6, 3, 3, 3, 1, 1, 1, 1, 1};

TEST(Plan, weights_are_drawn_as_the_oracle_says) {  // L-2
  const Plan plan = plan_of(kWeights);
  const std::pair<double, std::size_t> expected[] = {
      {0.0, 0}, {0.2307, 0}, {0.23076923076923078, 1}, {0.4615, 1}, {0.46153846153846156, 2},
      {0.5, 2}, {0.8, 4},    {0.8076923076923077, 5},  {0.9, 7},    {0.99999, 9}};
  for (const auto& [u, index] : expected) EXPECT_EQ(plan.pick(u), index) << u;
}

TEST(Plan, cooling_candidates_are_left_out_before_the_draw) {  // L-2, T-4
  Plan plan = plan_of(kWeights);
  plan.exclude(0, 1, Out::throttled, 1000, "cools");
  plan.exclude(1, 1, Out::throttled, 1000, "cools");
  const std::pair<double, std::size_t> expected[] = {{0.0, 0}, {0.2, 0}, {0.5, 2}, {0.65, 3}, {0.99, 7}};
  for (const auto& [u, index_in_remaining] : expected) EXPECT_EQ(plan.pick(u), index_in_remaining + 2) << u;
}

TEST(Plan, all_weights_zero_is_a_uniform_draw) {  // L-2
  const Plan plan = plan_of({0, 0, 0, 0});
  const std::pair<double, std::size_t> expected[] = {{0.0, 0}, {0.25, 1}, {0.99, 3}};
  for (const auto& [u, index] : expected) EXPECT_EQ(plan.pick(u), index) << u;
}

TEST(Plan, weight_zero_is_never_drawn_beside_a_positive_one) {  // L-2
  const Plan plan = plan_of({0, 2, 0});
  for (const double u : {0.0, 0.3, 0.6, 0.9999999999999999}) EXPECT_EQ(plan.pick(u), 1u) << u;
}

TEST(Plan, first_tier_with_anybody_goes_first) {
  Plan plan = tiers({1, 0, 1, 0});
  std::vector<int> order;
  for (int i = first(plan); i >= 0; i = first(plan)) {
    order.push_back(i);
    fail(plan, static_cast<std::size_t>(i), Fault::rate_limited);
  }
  EXPECT_EQ(order, (std::vector<int>{1, 3, 0, 2}));
}

TEST(Plan, lowest_rank_of_a_tier_goes_first_and_weight_decides_among_equals) {
  Plan plan = plan_of({1, 1, 1, 9});
  plan.candidates[0].rank = 5;
  plan.candidates[1].rank = -1;
  plan.candidates[2].rank = 0;
  plan.candidates[3].rank = -1;
  EXPECT_EQ(plan.pick(0.0), 1u);
  EXPECT_EQ(plan.pick(0.5), 3u);  // 9 of 10 parts
  plan.candidates[0].tier_index = plan.candidates[1].tier_index = plan.candidates[3].tier_index = 1;
  EXPECT_EQ(plan.pick(0.5), 2u);  // a tier counts more than any rank
}

TEST(Plan, all_members_cooling_means_the_next_tier_at_once) {  // T-4
  Plan plan = tiers({0, 0, 1});
  plan.exclude(0, 1, Out::throttled, 9000, "cools");
  plan.exclude(1, 2, Out::broken, 4000, "open");
  EXPECT_EQ(first(plan), 2);
}

TEST(Plan, nobody_is_tried_twice) {  // T-1
  Plan plan = plan_of({1, 1, 1});
  std::set<int> seen;
  for (int i = first(plan); i >= 0; i = first(plan)) {
    EXPECT_TRUE(seen.insert(i).second) << i;
    fail(plan, static_cast<std::size_t>(i), Fault::timeout);
  }
  EXPECT_EQ(seen.size(), 3u);
}

TEST(Plan, row_14_repeats_one_candidate_once_in_a_request) {  // section 11 row 14, T-1
  Plan plan = plan_of({1, 1, 1});
  fail(plan, 1, Fault::transient);
  EXPECT_EQ(plan.pick(0.99), 1u);  // the same one, whatever the dice say
  fail(plan, 1, Fault::transient);
  EXPECT_EQ(first(plan), 0);
  fail(plan, 0, Fault::transient);
  EXPECT_EQ(first(plan), 2);  // the one repetition is over
}

TEST(Plan, no_repetition_of_what_a_policy_took_out_meanwhile) {
  Plan plan = plan_of({1, 1});
  plan.started(0);
  plan.exclude(0, 1, Out::broken, 5000, "the breaker opened");
  plan.after(0, Fault::transient);
  EXPECT_EQ(first(plan), 1);
  EXPECT_EQ(plan.candidates[0].reason, "the breaker opened");
}

TEST(Plan, attempts_are_bounded) {  // T-1
  Plan plan = plan_of(std::vector<double>(10, 1));
  plan.budget = {4, 3};
  for (int i = 0; i < 4; ++i) fail(plan, static_cast<std::size_t>(first(plan)), Fault::rate_limited);
  EXPECT_EQ(plan.attempts(), 4);
  EXPECT_EQ(first(plan), -1);
}

TEST(Plan, a_spill_rule_that_forbids_says_so_and_is_absolute) {
  Plan plan = tiers({0, 1, 1});
  plan.begin("spill: no tag urgent");
  EXPECT_FALSE(plan.candidates[0].excluded);
  EXPECT_EQ(plan.candidates[1].reason, "spill: no tag urgent");
  EXPECT_FALSE(plan.readmit(1, 1)) << "no policy lets it in";
  plan.exclude(0, 1, Out::quota, 5'000, "used");
  EXPECT_EQ(first(plan), -1);
  EXPECT_TRUE(plan.all_throttled());
  EXPECT_EQ(plan.soonest_wait_ms(), 5'000);
}

TEST(Plan, section_11_row_2_gemini_s_day_closes_the_model_alone) {
  Plan plan = tiers({0, 0});
  const std::vector<QuotaRule> rules = {{"gemini/project a", kScopeProject, 0, 0, 0, 0, 0}};
  for (Candidate& one : plan.candidates) {
    one.free = true;
    one.account_id = 7;
    one.quotas = rules;
  }
  plan.started(0);
  plan.after(0, Fault::free_day_quota);
  EXPECT_TRUE(plan.candidates[0].excluded);
  EXPECT_FALSE(plan.candidates[1].excluded);
}

TEST(Plan, at_most_three_attempts_on_one_accounts_free_models) {  // T-1
  Plan plan = tiers({0, 0, 0, 0, 0, 1});
  plan.budget = {10, 3};
  for (std::size_t i = 0; i < 4; ++i) {
    plan.candidates[i].free = true;
    plan.candidates[i].account_id = 7;
  }
  plan.candidates[4].free = true;  // of another account
  for (int i = 0; i < 3; ++i) fail(plan, static_cast<std::size_t>(first(plan)), Fault::rate_limited);
  EXPECT_EQ(first(plan), 4);
  fail(plan, 4, Fault::rate_limited);
  EXPECT_EQ(first(plan), 5);  // and what costs money is not counted
}

TEST(Plan, the_last_attempt_is_the_last_tiers) {  // T-1
  Plan plan = tiers({0, 0, 0, 0, 1, 1, 2});
  plan.budget = {4, 3};
  for (std::size_t i = 0; i < 3; ++i) fail(plan, i, Fault::rate_limited);
  EXPECT_EQ(first(plan), 6);
  Plan closed = tiers({0, 0, 0, 0, 1, 1, 2});
  closed.budget = {4, 3};
  closed.exclude(6, 1, Out::broken, -1, "open");
  for (std::size_t i = 0; i < 3; ++i) fail(closed, i, Fault::rate_limited);
  EXPECT_EQ(first(closed), 4) << "the last one that can be asked";
}

TEST(Plan, the_last_attempt_repeats_nobody_while_a_later_tier_is_left) {  // rule 14 yields to T-1
  Plan plan = tiers({0, 0, 0, 1});
  plan.budget = {4, 3};
  fail(plan, 0, Fault::rate_limited);
  fail(plan, 1, Fault::rate_limited);
  fail(plan, 2, Fault::transient);
  EXPECT_EQ(first(plan), 3);
  Plan alone = tiers({0, 0, 0});
  fail(alone, 0, Fault::rate_limited);
  fail(alone, 1, Fault::rate_limited);
  fail(alone, 2, Fault::transient);
  EXPECT_EQ(first(alone), 2);
}

// Four free models of one account, then one of another, then what is paid: one of each account.
Plan of_two_accounts() {
  Plan plan = tiers({0, 0, 0, 0, 1, 2, 2});
  plan.budget = {4, 3};
  for (std::size_t i = 0; i < 7; ++i) {
    plan.candidates[i].free = i < 5;
    plan.candidates[i].account_id = i == 4 || i == 6 ? 2 : 1;
  }
  return plan;
}

TEST(Plan, an_account_two_of_which_broke_comes_last) {  // its provider is down, with all models it has
  Plan plan = of_two_accounts();
  fail(plan, 0, Fault::timeout);
  EXPECT_EQ(first(plan), 1) << "one alone tells nothing of the others";
  fail(plan, 1, Fault::timeout);
  EXPECT_EQ(first(plan), 4);
  fail(plan, 4, Fault::rate_limited);
  EXPECT_EQ(first(plan), 6) << "the last attempt, and not with those who are down";
  Plan busy = of_two_accounts();
  fail(busy, 0, Fault::rate_limited);
  fail(busy, 1, Fault::rate_limited);
  EXPECT_EQ(first(busy), 2) << "busy is not down";
}

TEST(Plan, an_account_that_is_down_is_not_left_for_a_dearer_one) {
  Plan plan = of_two_accounts();
  plan.exclude(4, 1, Out::quota, -1, "spent");
  fail(plan, 0, Fault::timeout);
  fail(plan, 1, Fault::timeout);
  EXPECT_EQ(first(plan), 2);
  Plan last = of_two_accounts();
  last.exclude(6, 1, Out::broken, -1, "open");
  fail(last, 0, Fault::timeout);
  fail(last, 1, Fault::timeout);
  fail(last, 2, Fault::timeout);
  EXPECT_EQ(first(last), 5) << "and is asked when nobody else is left of the last tier";
}

TEST(Plan, a_budget_of_one_begins_with_the_first_tier) {
  Plan plan = tiers({0, 1});
  plan.budget = {1, 1};
  EXPECT_EQ(first(plan), 0);
}

struct AccountRow {
  Fault fault;
  bool same_account_free, same_key_paid, other_account_free;  // may be tried afterwards
};

class AfterAccountTrouble : public testing::TestWithParam<AccountRow> {};

// Section 11 rows 2-5 and 9: whose trouble is it?
TEST_P(AfterAccountTrouble, spares_exactly_the_others) {
  const AccountRow& row = GetParam();
  Plan plan = plan_of({1, 1, 1, 1});
  const bool free_failed = row.fault == Fault::free_day_quota || row.fault == Fault::free_minute_quota;
  plan.candidates[0].free = free_failed;
  plan.candidates[1].free = true;
  plan.candidates[3].free = true;
  for (std::size_t i = 0; i < 3; ++i) {
    plan.candidates[i].key_id = 1;
    plan.candidates[i].account_id = 1;
  }
  fail(plan, 0, row.fault);
  EXPECT_TRUE(plan.candidates[0].excluded);
  EXPECT_EQ(!plan.candidates[1].excluded, row.same_account_free);
  EXPECT_EQ(!plan.candidates[2].excluded, row.same_key_paid);
  EXPECT_EQ(!plan.candidates[3].excluded, row.other_account_free);
  EXPECT_NE(first(plan), -1);
}

INSTANTIATE_TEST_SUITE_P(Section11, AfterAccountTrouble,
                         testing::Values(AccountRow{Fault::free_day_quota, false, true, true},
                                         AccountRow{Fault::free_minute_quota, false, true, true},
                                         AccountRow{Fault::in_flight_budget, true, false, true},
                                         AccountRow{Fault::no_credit, true, false, true},
                                         AccountRow{Fault::auth, false, false, true}));

TEST(Plan, rate_limit_takes_out_that_candidate_only) {  // section 11 row 6
  Plan plan = plan_of({1, 1, 1});
  for (Candidate& one : plan.candidates) one.key_id = one.account_id = 1;
  fail(plan, 0, Fault::rate_limited);
  EXPECT_FALSE(plan.candidates[1].excluded);
  EXPECT_EQ(plan.candidates[0].why, Out::throttled);
  EXPECT_EQ(first(plan), 1);
}

TEST(Plan, context_length_goes_on_to_larger_windows_only) {  // section 11 row 7
  Plan plan = tiers({0, 0, 0, 1, 1});
  const std::int64_t windows[] = {8000, 8000, 0, 4000, 128'000};
  for (std::size_t i = 0; i < 5; ++i) plan.candidates[i].context = windows[i];
  fail(plan, 0, Fault::context_length);
  EXPECT_EQ(first(plan), 4);  // equal, unknown and smaller ones are passed over
  fail(plan, 4, Fault::context_length);
  EXPECT_EQ(first(plan), -1);
}

TEST(Plan, after_an_unknown_window_any_known_one_may_be_larger) {
  Plan plan = plan_of({1, 1, 1});
  plan.candidates[2].context = 4000;
  fail(plan, 0, Fault::context_length);
  EXPECT_EQ(first(plan), 2);
}

TEST(Plan, content_policy_ends_it_unless_the_route_wants_fallbacks) {  // section 11 row 8
  Plan plan = plan_of({1, 1});
  fail(plan, 0, Fault::content_policy);
  EXPECT_EQ(first(plan), -1);
  Plan willing = plan_of({1, 1});
  willing.content_policy_fallbacks = true;
  fail(willing, 0, Fault::content_policy);
  EXPECT_EQ(first(willing), 1);
}

TEST(Plan, what_no_other_provider_could_mend_ends_it) {  // section 11 rows 1, 12, 15
  for (const Fault fault : {Fault::client_gone, Fault::bad_request, Fault::mid_stream}) {
    Plan plan = plan_of({1, 1});
    fail(plan, 0, fault);
    EXPECT_EQ(first(plan), -1) << to_string(fault);
  }
}

TEST(Plan, spill_never_is_absolute) {
  Plan plan = tiers({0, 1, 2});
  plan.spill = Spill::never;
  plan.begin();
  EXPECT_EQ(plan.candidates[1].reason, "spill = never");
  EXPECT_TRUE(plan.candidates[2].excluded);
  for (int by = 0; by < 256; ++by) EXPECT_FALSE(plan.readmit(1, static_cast<std::uint8_t>(by))) << by;
  EXPECT_TRUE(plan.exclude(1, 3, Out::policy, -1, "mine"));  // no way round by excluding it first
  EXPECT_FALSE(plan.readmit(1, 3));
  fail(plan, 0, Fault::rate_limited);
  EXPECT_EQ(first(plan), -1);
}

TEST(Plan, only_who_excluded_a_candidate_readmits_it) {
  Plan plan = plan_of({1, 1});
  plan.exclude(0, 2, Out::broken, 100, "open");
  EXPECT_FALSE(plan.readmit(0, 1));
  EXPECT_FALSE(plan.readmit(0, 0));
  EXPECT_TRUE(plan.readmit(0, 2));
  EXPECT_FALSE(plan.readmit(0, 2));
  EXPECT_EQ(first(plan), 0);
  EXPECT_FALSE(plan.readmit(99, 2));
  EXPECT_FALSE(plan.exclude(99, 2, Out::broken, 0, ""));
}

TEST(Plan, reasons_are_cut) {
  Plan plan = plan_of({1});
  plan.exclude(0, 1, Out::broken, -1, std::string(5000, 'x'));
  EXPECT_EQ(plan.candidates[0].reason.size(), 200u);
}

TEST(Plan, only_throttled_and_quota_count_as_throttled) {
  Plan plan = plan_of({1, 1});
  plan.exclude(0, 1, Out::throttled, 9000, "");
  EXPECT_TRUE(plan.all_throttled());  // the other's turn did not come
  plan.exclude(1, 1, Out::quota, 4000, "");
  EXPECT_TRUE(plan.all_throttled());
  EXPECT_EQ(plan.soonest_wait_ms(), 4000);
  plan.candidates[1].why = Out::broken;
  EXPECT_FALSE(plan.all_throttled());
}

TEST(Plan, spilling_that_is_forbidden_says_nothing_about_waiting) {
  Plan plan = tiers({0, 1});
  plan.spill = Spill::never;
  plan.begin();
  EXPECT_FALSE(plan.all_throttled());  // nobody is out for a reason that passes
  EXPECT_EQ(plan.soonest_wait_ms(), -1);
  plan.exclude(0, 1, Out::quota, 60'000, "");
  EXPECT_TRUE(plan.all_throttled());
  EXPECT_EQ(plan.soonest_wait_ms(), 60'000);
}

TEST(Plan, an_empty_plan_has_nobody) {
  const Plan plan = plan_of({});
  EXPECT_EQ(first(plan), -1);
  EXPECT_FALSE(plan.all_throttled());
}

}  // namespace
}  // namespace spillway
