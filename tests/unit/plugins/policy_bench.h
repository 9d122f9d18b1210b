// Runs shipped policies over fake requests the way proxy does: pick, ask the chain, send, report, try the next.
#pragma once
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "support/fake_host.h"

extern "C" const spw_plugin spillway_builtin_breaker;
extern "C" const spw_plugin spillway_builtin_free_first;
extern "C" const spw_plugin spillway_builtin_cache;
extern "C" const spw_plugin spillway_builtin_sticky;

namespace spillway {

using Sent = std::vector<std::size_t>;
using Options = std::vector<std::pair<std::string, OptionValue>>;

inline PolicyConfig settings_of(const Options& options) {
  PolicyConfig config;
  for (const auto& [name, value] : options) config.options[name] = PolicyOption{value, {}};
  return config;
}

inline spw_outcome outcome_of(std::size_t i, int error, int status, std::int64_t retry_after_ms = -1) {
  spw_outcome outcome{};
  outcome.size = sizeof outcome;
  outcome.candidate = i;
  outcome.error = error;
  outcome.status = status;
  outcome.retry_after_ms = retry_after_ms;
  outcome.reset_unix_ms = outcome.quota_limit = outcome.quota_remaining = -1;
  return outcome;
}
inline spw_outcome ok(std::size_t i) { return outcome_of(i, SPW_E_NONE, 200); }
// Counted by breakers, and never repeated on the same candidate (rule 14 repeats what is transient).
inline spw_outcome broken(std::size_t i) { return outcome_of(i, SPW_E_TIMEOUT, 504); }

// What became of one request.
struct Ran {
  Sent sent;
  bool answered = false;
  bool all_throttled = false;
  std::int64_t wait_ms = -1;
  std::vector<std::string> reasons;  // of what is out, by candidate
};

class Bench {
 public:
  using Answer = std::function<spw_outcome(std::size_t)>;  // what a provider makes of an attempt

  explicit Bench(std::initializer_list<const spw_plugin*> plugins, const Options& options = {})
      : policies(policies_of(plugins, settings_of(options))), worker(start_worker(policies, services)) {}

  FakeServices services;
  Policies policies;
  std::unique_ptr<PolicyWorker> worker;
  std::vector<Candidate> candidates = some_candidates(2);
  std::map<spw_fact, std::string> texts = {{SPW_ROUTE, "primary"}, {SPW_MODEL, "primary"}, {SPW_API, "chat"}};
  std::map<spw_fact, std::int64_t> numbers;
  double u = 0;  // the draw of every weighted pick

  void pass_s(double seconds) { services.fake_clock.advance_ms(static_cast<std::int64_t>(seconds * 1000)); }

  std::unique_ptr<Trial> begin() {
    auto trial = std::make_unique<Trial>(*worker, candidates);
    trial->subject.texts = texts;
    trial->subject.numbers = numbers;
    trial->plan.demand = {
        numbers[SPW_PROMPT_TOKENS],       numbers.contains(SPW_MAX_TOKENS) ? numbers[SPW_MAX_TOKENS] : -1,
        numbers[SPW_TOOLS] > 0,           numbers[SPW_IMAGES] > 0,
        numbers[SPW_RESPONSE_FORMAT] > 0, 0};
    EXPECT_EQ(trial->chain.run(), Chain::Result::go);
    return trial;
  }

  // Picks and asks until somebody may be sent to; counts as sent.
  std::optional<std::size_t> next(Trial& trial) {
    bool asked = false;
    while (true) {
      const std::optional<std::size_t> i = trial.plan.pick(u);
      if (i && trial.chain.attempt(*i)) {
        trial.plan.started(*i);
        return i;
      }
      if (i) continue;
      if (trial.plan.attempts() > 0 || asked || !trial.chain.exhausted()) return std::nullopt;
      asked = true;
    }
  }

  Ran finish(Trial& trial, Ran ran = {}) {
    trial.chain.end();
    ran.all_throttled = trial.plan.all_throttled();
    ran.wait_ms = trial.plan.soonest_wait_ms();
    for (const Candidate& candidate : trial.plan.candidates) ran.reasons.push_back(candidate.reason);
    return ran;
  }

  Ran send(const Answer& answer) {
    const std::unique_ptr<Trial> trial = begin();
    Ran ran;
    while (const std::optional<std::size_t> i = next(*trial)) {
      ran.sent.push_back(*i);
      const spw_outcome outcome = answer(*i);
      trial->chain.outcome(outcome);
      if (outcome.error == SPW_E_NONE) {
        ran.answered = true;
        break;
      }
      if (outcome.error != SPW_E_NOT_SENT) trial->plan.after(*i, static_cast<Fault>(outcome.error));
    }
    return finish(*trial, ran);
  }
};

// A bench with breaker alone in the chain.
struct BreakerBench : Bench {
  explicit BreakerBench(const Options& options = {}) : Bench({&spillway_builtin_breaker}, options) {}
  // Candidate 0 fails until it is open; one attempt each, so that nobody else is needed.
  void open(std::size_t which = 0, int failures = 5) {
    for (int n = 0; n < failures; ++n) {
      const std::unique_ptr<Trial> trial = begin();
      ASSERT_TRUE(trial->chain.attempt(which));
      trial->chain.outcome(broken(which));
      finish(*trial);
    }
  }
  double counted(const std::string& name) const {
    return services.metric("spillway_breaker_" + name + "{policy=\"breaker\"}");
  }
};

}  // namespace spillway
