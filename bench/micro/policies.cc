// A request's chain of policies, without I/O: the decision, one attempt admitted and reported, the end. Policies are
// the worker's own, over its real services; only the request they see is a plain one.
#include <benchmark/benchmark.h>

#include <map>

#include "json/scan.h"
#include "llm/facts.h"
#include "llm/stored.h"
#include "policy/chain.h"
#include "samples.h"
#include "stand.h"

namespace spillway::micro {
namespace {

// What proxy's Request tells policies, of a body that was inspected, by the same means.
class Asker final : public Subject {
 public:
  explicit Asker(bool cacheable) : body_(chat_body(1000, cacheable)) {
    BadRequest why;
    Result<Facts> facts = inspect(scanner_, Api::chat, "application/json", body_, body_.capacity(), why);
    CHECK(static_cast<bool>(facts));
    facts_ = std::move(*facts);
  }
  std::string_view text(spw_fact fact) const override {
    switch (fact) {
      case SPW_API: return to_string(facts_.api);
      case SPW_ROUTE:
      case SPW_MODEL: return facts_.model;
      case SPW_BODY: return body_;
      default: return {};
    }
  }
  std::int64_t number(spw_fact fact) const override {
    switch (fact) {
      case SPW_PROMPT_TOKENS: return static_cast<std::int64_t>(facts_.prompt_tokens);
      case SPW_MAX_TOKENS: return facts_.max_tokens;
      case SPW_HAS_TEMPERATURE: return facts_.has_temperature;
      case SPW_TEMPERATURE_MILLI: return static_cast<std::int64_t>(facts_.temperature * 1000);
      default: return 0;
    }
  }
  std::string_view header(std::string_view) const override { return {}; }
  bool reply(int, std::string_view, std::string_view) override { return true; }
  bool replay(std::string_view blob, std::int64_t) override {
    const Result<StoredAnswer> stored = open_stored(Api::chat, blob, false, false);
    replayed = stored ? stored->body.size() : 0;
    return static_cast<bool>(stored);
  }
  bool set_upstream_header(std::string_view, std::string_view) override { return true; }
  bool set_answer_header(std::string_view, std::string_view) override { return true; }
  bool note(std::string_view name, std::string_view value) override {
    notes_.emplace_back(name, value);
    return true;
  }
  bool capture(std::int64_t) override { return true; }
  std::optional<Digest> fingerprint(const std::vector<std::string_view>& without) override {
    const Result<std::string> canonical = canonical_json(body_, without);
    CHECK(static_cast<bool>(canonical));
    Sha256 sum;
    sum.add(facts_.model);
    sum.add(*canonical);
    return sum.finish();
  }
  void on_chain_resumed() override {}

  void forget() { notes_.clear(); }
  std::size_t replayed = 0;

 private:
  JsonScanner scanner_;
  std::string body_;
  Facts facts_;
  std::vector<std::pair<std::string, std::string>> notes_;
};

spw_outcome good_outcome() {
  spw_outcome outcome{};
  outcome.size = sizeof outcome;
  outcome.status = 200;
  outcome.latency_us = outcome.ttft_us = 1000;
  outcome.retry_after_ms = outcome.reset_unix_ms = outcome.quota_limit = outcome.quota_remaining = -1;
  return outcome;
}

spw_verdict pass(spw_call*) { return SPW_NEXT; }

// Copies of one policy that does nothing; what each of them adds is a hook's price.
void chain_of_nothing(benchmark::State& state) {
  spw_plugin nothing{};
  nothing.size = sizeof nothing;
  nothing.name = "nothing";
  nothing.about = "Nothing.";
  nothing.on_request = pass;
  Policies policies;
  std::vector<std::uint16_t> order;
  for (std::uint16_t i = 0; i < state.range(0); ++i) {
    auto policy = std::make_unique<Policy>();
    Result<Plugin> plugin = check_plugin(nothing, {});
    CHECK(static_cast<bool>(plugin));
    policy->plugin = std::move(*plugin);
    policies.push_back(std::move(policy));
    order.push_back(i);
  }
  Stand stand(Form::plain);
  Result<std::unique_ptr<PolicyWorker>> worker = PolicyWorker::start(policies, stand.worker());
  CHECK(static_cast<bool>(worker));
  Asker asker(false);
  Plan plan;
  plan.candidates = stand.route().candidates;
  plan.begin();
  for (auto _ : state) {
    Chain chain(**worker, order, asker, plan);
    CHECK(chain.run() == Chain::Result::go);
    chain.end();
  }
}
BENCHMARK(chain_of_nothing)->ArgName("policies")->Arg(0)->Arg(1)->Arg(9);

void plan_made(benchmark::State& state) {
  const Stand stand(Form::chain);
  for (auto _ : state) {
    Plan plan;
    plan.candidates = stand.route().candidates;
    plan.begin();
    benchmark::DoNotOptimize(plan.pick(0.5));
  }
}
BENCHMARK(plan_made);

// cache, free_first and breaker over a free and a paid candidate. The cache leaves a request without temperature 0
// alone; another one it looks up, and misses: that has a fingerprint and a lead in it.
void chain_of_three(benchmark::State& state) {
  Stand stand(Form::chain);
  Result<std::unique_ptr<PolicyWorker>> worker = PolicyWorker::start(stand.generation().policies, stand.worker());
  CHECK(static_cast<bool>(worker));
  Asker asker(state.range(0) != 0);
  Plan plan;
  plan.candidates = stand.route().candidates;
  plan.begin();
  const spw_outcome outcome = good_outcome();
  for (auto _ : state) {
    asker.forget();
    Chain chain(**worker, stand.route().policies, asker, plan);
    CHECK(chain.run() == Chain::Result::go);
    CHECK(chain.attempt(0));
    chain.content(0);
    chain.outcome(outcome);
    chain.end();
  }
}
BENCHMARK(chain_of_three)->ArgName("cacheable")->Arg(0)->Arg(1);

// The whole look-up: fingerprint of 1 KB, the table, the stored answer opened.
void cache_hit(benchmark::State& state) {
  Stand stand(Form::chain);
  Result<std::unique_ptr<PolicyWorker>> worker = PolicyWorker::start(stand.generation().policies, stand.worker());
  CHECK(static_cast<bool>(worker));
  const auto cache = static_cast<std::uint16_t>((*worker)->find("cache"));
  const std::span<const std::uint16_t> order(&cache, 1);
  Asker asker(true);
  Plan plan;
  plan.candidates = stand.route().candidates;
  plan.begin();
  {
    const std::string text = answer_text();
    const std::string blob = pack_stored(Api::chat, false, "up", "bench", text.substr(text.find("\r\n\r\n") + 4));
    spw_answer answer{};
    answer.size = sizeof answer;
    answer.status = 200;
    answer.success = 1;
    answer.blob = {blob.data(), blob.size()};
    Chain chain(**worker, order, asker, plan);
    CHECK(chain.run() == Chain::Result::go);
    chain.answer(answer);
    chain.end();
  }
  for (auto _ : state) {
    asker.forget();
    Chain chain(**worker, order, asker, plan);
    if (chain.run() != Chain::Result::reply) {
      chain.end();
      state.SkipWithError("the stored answer is gone");  // after its five minutes
      break;
    }
    chain.end();
    benchmark::DoNotOptimize(asker.replayed);
  }
}
BENCHMARK(cache_hit);

}  // namespace
}  // namespace spillway::micro
