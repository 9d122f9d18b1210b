// Candidates and cells through spw_host: what policies read and edit of the plan, and the cells they share.
#include "policy/host.h"

#include <gtest/gtest.h>

#include <cmath>

#include "policy/chain.h"
#include "support/actor.h"
#include "support/fake_host.h"

namespace spillway {
namespace {

const spw_str kNullText = {nullptr, 10};
const spw_str kHuge = {"x", SIZE_MAX};

struct Two {
  Stage stage;
  FakeServices services;
  Policies policies = policies_of({&Actor<0>::plugin, &Actor<1>::plugin});
  std::unique_ptr<PolicyWorker> worker = start_worker(policies, services);
  // Runs `does` as actor 0's on_request.
  void request(std::function<void(spw_call*, const spw_host*)> does, std::size_t candidates = 2) {
    Trial trial(*worker, candidates);
    run(trial, std::move(does));
    trial.chain.end();
  }
  void run(Trial& trial, std::function<void(spw_call*, const spw_host*)> does) {
    Actor<0>::hooks.request = [&](spw_call* call) -> std::int32_t {
      does(call, call->host);
      return SPW_NEXT;
    };
    trial.chain.run();
    Actor<0>::hooks.request = nullptr;
  }
  double errors() { return services.metric("spillway_plugin_errors_total{policy=\"actor_0\"}"); }
};

TEST(Host, reads_and_edits_candidates_within_bounds) {
  Two with;
  Trial trial(*with.worker, 2);
  trial.plan.candidates[1].price_in = 0.25;
  trial.plan.candidates[1].free = true;
  with.run(trial, [](spw_call* call, const spw_host* host) {
    EXPECT_EQ(host->candidates(call), 2u);
    EXPECT_EQ(view(host->candidate_text(call, 1, SPW_C_PROVIDER)), "b");
    EXPECT_EQ(host->candidate_number(call, 1, SPW_C_FREE), 1);
    EXPECT_EQ(host->candidate_number(call, 1, SPW_C_TOOLS), -1);
    EXPECT_EQ(host->candidate_number(call, 1, SPW_C_QUALITY), -1);
    EXPECT_EQ(host->candidate_real(call, 1, SPW_C_PRICE_IN), 0.25);
    EXPECT_EQ(host->set_rank(call, 0, 5), 0);
    EXPECT_EQ(host->set_weight(call, 1, 3.5), 0);
    for (const std::size_t bad : {std::size_t{2}, SIZE_MAX}) {
      EXPECT_EQ(view(host->candidate_text(call, bad, SPW_C_PROVIDER)), "");
      EXPECT_EQ(host->candidate_number(call, bad, SPW_C_FREE), 0);
      EXPECT_EQ(host->candidate_real(call, bad, SPW_C_WEIGHT), 0);
      EXPECT_EQ(host->set_rank(call, bad, 1), -1);
      EXPECT_EQ(host->set_weight(call, bad, 1), -1);
      EXPECT_EQ(host->exclude(call, bad, SPW_X_POLICY, -1, str("")), -1);
      EXPECT_EQ(host->readmit(call, bad), -1);
      EXPECT_EQ(host->candidate_cells(call, bad, SPW_SCOPE_KEY, 1), nullptr);
    }
  });
  EXPECT_EQ(with.errors(), 16);
  EXPECT_EQ(trial.plan.candidates[0].rank, 5);
  EXPECT_EQ(trial.plan.candidates[1].weight, 3.5);
  trial.chain.end();
}

TEST(Host, weights_that_are_no_weights_are_refused) {
  Two with;
  with.request([](spw_call* call, const spw_host* host) {
    for (const double bad : {-1.0, 1e300, std::nan(""), HUGE_VAL}) {
      EXPECT_EQ(host->set_weight(call, 0, bad), -1) << bad;
    }
    EXPECT_EQ(host->candidate_real(call, 0, SPW_C_WEIGHT), 1.0);
  });
}

TEST(Host, exclusions_are_checked_and_cut) {
  Two with;
  Trial trial(*with.worker);
  with.run(trial, [](spw_call* call, const spw_host* host) {
    EXPECT_EQ(host->exclude(call, 0, 6, -1, str("no such reason")), -1);
    EXPECT_EQ(host->exclude(call, 0, -1, -1, str("no such reason")), -1);
    const std::string text(10'000, 'r');
    EXPECT_EQ(host->exclude(call, 0, SPW_X_QUOTA, -77, str(text)), 0);
    EXPECT_EQ(host->exclude(call, 1, SPW_X_UNFIT, 5, kNullText), 0);
  });
  EXPECT_EQ(trial.plan.candidates[0].reason.size(), 200u);
  EXPECT_EQ(trial.plan.candidates[0].wait_ms, -1);
  EXPECT_EQ(trial.plan.candidates[0].why, Out::quota);
  EXPECT_EQ(trial.plan.candidates[1].reason, "");
  trial.chain.end();
}

TEST(Host, cells_are_shared_by_name_between_workers_but_not_between_policies) {
  Two with;
  const auto other = start_worker(with.policies, with.services);
  std::uint64_t *first = nullptr, *again = nullptr, *foreign = nullptr;
  const auto get = [](std::uint64_t** into) {
    return [into](spw_call* call) -> std::int32_t {
      *into = call->host->cells(call, str("totals"), 4);
      return SPW_NEXT;
    };
  };
  Actor<0>::hooks.request = get(&first);
  Actor<1>::hooks.request = get(&foreign);
  Trial one(*with.worker);
  one.chain.run();
  Actor<0>::hooks.request = get(&again);
  Trial two(*other);
  two.chain.run();
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(first, again);
  EXPECT_NE(first, foreign);
  EXPECT_EQ(first[3], 0u);
  one.chain.end();
  two.chain.end();
}

TEST(Host, cells_with_another_n_or_beyond_a_limit_are_null) {
  Two with;
  with.request([](spw_call* call, const spw_host* host) {
    EXPECT_NE(host->cells(call, str("a"), 4), nullptr);
    EXPECT_EQ(host->cells(call, str("a"), 5), nullptr);
    EXPECT_EQ(host->cells(call, str("b"), 0), nullptr);
    EXPECT_EQ(host->cells(call, str("b"), Cells::kCellsMax + 1), nullptr);
    EXPECT_EQ(host->cells(call, str(""), 1), nullptr);
    EXPECT_EQ(host->cells(call, kNullText, 1), nullptr);
    EXPECT_EQ(host->cells(call, kHuge, 1), nullptr);
  });
}

TEST(Host, candidate_cells_belong_to_target_key_or_account) {
  Two with;
  std::vector<Candidate> candidates = some_candidates(3);
  candidates[1].key_id = candidates[0].key_id;
  candidates[2].account_id = candidates[0].account_id;
  candidates[2].target_id = candidates[0].key_id;  // the same number in another scope is another thing
  Trial trial(*with.worker, candidates);
  with.run(trial, [](spw_call* call, const spw_host* host) {
    const auto cells = [&](std::size_t i, std::int32_t scope) { return host->candidate_cells(call, i, scope, 2); };
    EXPECT_EQ(cells(0, SPW_SCOPE_KEY), cells(1, SPW_SCOPE_KEY));
    EXPECT_NE(cells(0, SPW_SCOPE_TARGET), cells(1, SPW_SCOPE_TARGET));
    EXPECT_EQ(cells(0, SPW_SCOPE_ACCOUNT), cells(2, SPW_SCOPE_ACCOUNT));
    EXPECT_NE(cells(2, SPW_SCOPE_TARGET), cells(0, SPW_SCOPE_KEY));
    EXPECT_EQ(cells(0, SPW_SCOPE_TARGET), cells(0, SPW_SCOPE_TARGET));
    EXPECT_EQ(host->candidate_cells(call, 0, SPW_SCOPE_TARGET, 3), nullptr);  // also when remembered
    EXPECT_EQ(host->candidate_cells(call, 0, 3, 2), nullptr);
    EXPECT_EQ(host->candidate_cells(call, 0, -1, 2), nullptr);
  });
  trial.chain.end();
}

TEST(Host, candidate_cells_stay_the_same_among_many) {
  Two with;
  std::vector<Candidate> candidates = some_candidates(300);
  Trial trial(*with.worker, candidates);
  with.run(trial, [](spw_call* call, const spw_host* host) {
    std::vector<std::uint64_t*> seen;
    for (std::size_t i = 0; i < 300; ++i) {
      seen.push_back(host->candidate_cells(call, i, SPW_SCOPE_TARGET, 1));
      ASSERT_NE(seen.back(), nullptr);
      *seen.back() = i;
    }
    for (std::size_t i = 0; i < 300; ++i) {
      EXPECT_EQ(host->candidate_cells(call, i, SPW_SCOPE_TARGET, 1), seen[i]);
      EXPECT_EQ(*seen[i], i);
    }
  });
  trial.chain.end();
}

}  // namespace
}  // namespace spillway
