// The contract with plugins that were built yesterday: the header only ever grows, and a plugin that knows version 1
// and nothing later is loaded and does all it did.
#include <gtest/gtest.h>

#include "abi/fixture.h"

// The frozen copy in a namespace of its own, beside today's header.
#undef SPILLWAY_PLUGIN_H
#undef SPW_STR
#undef SPW_EXPORT
#undef SPW_HAS
#undef SPW_PLUGIN
#undef SPW_SYMBOL
#define SPW_SYMBOL spillway_plugin_frozen
namespace frozen {
#include "abi/spillway_plugin_v1_frozen.h"
}

namespace spillway {
namespace {

#define SAME_PLACE(type, field)                                             \
  static_assert(offsetof(::type, field) == offsetof(frozen::type, field) && \
                sizeof(::type::field) == sizeof(frozen::type::field))
#define SAME_VALUE(name) static_assert(static_cast<int>(::name) == static_cast<int>(frozen::name))

SAME_PLACE(spw_plugin, size);
SAME_PLACE(spw_plugin, name);
SAME_PLACE(spw_plugin, options);
SAME_PLACE(spw_plugin, n_counters);
SAME_PLACE(spw_plugin, conf_size);
SAME_PLACE(spw_plugin, request_size);
SAME_PLACE(spw_plugin, worker_start);
SAME_PLACE(spw_plugin, on_request);
SAME_PLACE(spw_plugin, on_attempt);
SAME_PLACE(spw_plugin, on_outcome);
SAME_PLACE(spw_plugin, on_end);
SAME_PLACE(spw_plugin, on_fetched);
SAME_PLACE(spw_plugin, status);
SAME_PLACE(spw_host, text);
SAME_PLACE(spw_host, exclude);
SAME_PLACE(spw_host, reply);
SAME_PLACE(spw_host, fingerprint);
SAME_PLACE(spw_host, ticket);
SAME_PLACE(spw_host, fetch);
SAME_PLACE(spw_host, candidate_cells);
SAME_PLACE(spw_host, state_lead);
SAME_PLACE(spw_host, load);
SAME_PLACE(spw_host, print);
SAME_PLACE(spw_call, internal);
SAME_PLACE(spw_option, about);
SAME_PLACE(spw_counter, gauge);
SAME_PLACE(spw_outcome, content_seen);
SAME_PLACE(spw_answer, blob);
SAME_PLACE(spw_fetched, body);
// Rows of tables have no size of their own, so these may not even grow.
static_assert(sizeof(::spw_option) == sizeof(frozen::spw_option));
static_assert(sizeof(::spw_counter) == sizeof(frozen::spw_counter));
static_assert(sizeof(::spw_plugin) >= sizeof(frozen::spw_plugin));
static_assert(sizeof(::spw_host) >= sizeof(frozen::spw_host));
SAME_VALUE(SPW_FAIL);
SAME_VALUE(SPW_WAIT);
SAME_VALUE(SPW_REPLY);
SAME_VALUE(SPW_BODY);
SAME_VALUE(SPW_STREAM);
SAME_VALUE(SPW_END_REASON);
SAME_VALUE(SPW_END_REFUSED);
SAME_VALUE(SPW_C_TIER);
SAME_VALUE(SPW_C_HEALTH);
SAME_VALUE(SPW_C_PRICE_OUT);
SAME_VALUE(SPW_X_UNFIT);
SAME_VALUE(SPW_E_NOT_SENT);
SAME_VALUE(SPW_SCOPE_ACCOUNT);
SAME_VALUE(SPW_TEXTS);

enum {
  started,
  requests,
  resumes,
  attempts,
  contents,
  outcomes,
  exhausted,
  answers,
  ends,
  timers,
  fetches,
  wrong,
  count
};

struct Contract {
  Contract() {
    std::vector<Problem> problems;
    Config config = fixture_config({"v1_contract"}, {"v1_contract"});
    config.policies["v1_contract"].options["count"] = {std::int64_t{9}, {}};
    policies = build_policies(config, problems);
    for (const Problem& problem : problems) ADD_FAILURE() << problem.message;
    worker = start_worker(policies, services);
    seen = services.cells().find("v1_contract/seen", count);
  }
  void prepare(Trial& trial, bool waits) {
    trial.subject.texts[SPW_MODEL] = "primary";
    trial.subject.numbers[SPW_STREAM] = 1;
    trial.subject.numbers[SPW_TOOLS] = waits;
    trial.subject.headers["x-contract"] = "yes";
  }
  FakeServices services;
  Policies policies;
  std::unique_ptr<PolicyWorker> worker;
  std::uint64_t* seen = nullptr;
};

TEST(AbiContract, a_version_1_plugin_sees_a_whole_request) {
  Contract contract;
  Trial trial(*contract.worker, 3);
  contract.prepare(trial, false);
  EXPECT_EQ(trial.chain.run(), Chain::Result::go);
  EXPECT_EQ(trial.plan.pick(0), 2u);  // by its rank
  EXPECT_FALSE(trial.chain.attempt(2));
  EXPECT_FALSE(trial.chain.attempt(1));
  EXPECT_TRUE(trial.chain.attempt(0));
  trial.chain.content(0);
  spw_outcome outcome{};
  outcome.size = sizeof outcome;
  outcome.error = SPW_E_TRANSIENT;
  trial.chain.outcome(outcome);
  EXPECT_TRUE(trial.chain.exhausted());
  spw_answer answer{};
  answer.size = sizeof answer;
  answer.blob = {"blob", 4};
  trial.chain.answer(answer);
  trial.chain.end();
  const std::uint64_t* seen = contract.seen;
  EXPECT_EQ(seen[wrong], 0u) << "bits of failed expectations in v1_contract.c";
  const int once[] = {started, requests, contents, outcomes, exhausted, answers, ends};
  for (const int which : once) EXPECT_EQ(seen[which], 1u) << which;
  EXPECT_EQ(seen[attempts], 3u);
  EXPECT_EQ(seen[resumes], 0u);
  EXPECT_EQ(trial.subject.notes["contract"], "n");
  EXPECT_EQ(trial.subject.upstream_headers["x-up"], "1");
  EXPECT_EQ(contract.services.metric("spillway_contract_requests_total{policy=\"v1_contract\"}"), 1);
  EXPECT_EQ(contract.services.metric("spillway_contract_level{policy=\"v1_contract\"}"), -3);
  EXPECT_EQ(contract.services.metric("spillway_plugin_errors_total{policy=\"v1_contract\"}"), 0);
}

TEST(AbiContract, a_version_1_plugin_waits_and_is_resumed) {
  Contract contract;
  Trial trial(*contract.worker, 3);
  contract.prepare(trial, true);
  EXPECT_EQ(trial.chain.run(), Chain::Result::wait);
  EXPECT_EQ(contract.services.deliver(), 1u);
  EXPECT_EQ(trial.chain.result(), Chain::Result::go);
  trial.chain.end();
  EXPECT_EQ(contract.seen[resumes], 1u);
  EXPECT_EQ(contract.seen[wrong], 0u);
}

TEST(AbiContract, a_version_1_plugin_has_timers_fetches_and_a_status) {
  Contract contract;
  ASSERT_EQ(contract.services.timers.size(), 1u);
  EXPECT_EQ(contract.services.timers[0].after_ms, 1000);
  contract.worker->on_timer(0, contract.services.timers[0].cookie);
  ASSERT_EQ(contract.services.fetches.size(), 1u);
  spw_fetched fetched{};
  fetched.size = sizeof fetched;
  fetched.status = 204;
  contract.worker->on_fetched(0, fetched);
  EXPECT_EQ(contract.worker->status(), R"({"v1_contract":{"contract":1}})");
  EXPECT_EQ(contract.seen[timers], 1u);
  EXPECT_EQ(contract.seen[fetches], 1u);
  EXPECT_EQ(contract.seen[wrong], 0u);
}

}  // namespace
}  // namespace spillway
