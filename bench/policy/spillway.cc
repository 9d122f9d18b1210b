#include "spillway.h"

#include <algorithm>
#include <string>

#include "base/error.h"
#include "http/headers.h"
#include "llm/classify.h"
#include "policy/host.h"

namespace spillway::simulation {

namespace {

Spillway* g_current = nullptr;  // resume() of the ABI has no context

// The world's targets as a config; what it does not say is as shipped.
std::string config_of(const World& world, const SpillwaySettings& settings) {
  std::string text =
      "[[provider]]\nname = \"openrouter\"\nbase_url = \"https://openrouter.ai/api/v1\"\n"
      "[[provider]]\nname = \"gemini\"\nbase_url = \"https://generativelanguage.googleapis.com/v1beta/openai\"\n";
  for (const Quota& quota : world.quotas) {
    if (!quota.name.starts_with("gemini/")) continue;
    text += "[[provider.quota]]\nscope = \"model\"\nmodels = [\"" + quota.name.substr(7) +
            "\"]\nrpm = " + std::to_string(quota.rpm) + "\nrpd = " + std::to_string(quota.rpd) + "\n";
  }
  text +=
      "[[provider]]\nname = \"openai\"\nbase_url = \"https://api.openai.com/v1\"\n"
      "[[route]]\nmodel = \"primary\"\npolicies = [\"free_first\", \"breaker\"]\nspill = \"exhausted\"\n";
  int tier = -1;
  for (const Target& target : world.targets) {
    if (target.tier != tier) text += (tier < 0 ? "" : "]\n");
    if (target.tier != tier) text += "[[route.tier]]\nname = \"t" + std::to_string(target.tier) + "\"\ntargets = [\n";
    tier = target.tier;
    text += "{ provider = \"" + target.provider + "\", model = \"" + target.model +
            "\", weight = " + std::to_string(static_cast<int>(target.weight)) +
            (target.free() ? ", free = true" : ", price_in = 0.25, price_out = 2.0") + " },\n";
  }
  return text + "]\n[policy.free_first]\nqueue_ms = " + std::to_string(settings.queue_ms) +
         "\nstay = " + (settings.stay ? "true\n" : "false\n");
}

Verdict verdict_of(const Answer& answer, std::int64_t wall_ms) {
  if (answer.status == 0) return classify(Error{::spillway::Kind::timeout, Source::upstream, Retry::yes, "no answer"});
  Headers headers;
  for (const auto& [name, value] : answer.headers) headers.add(name, value);
  return classify(answer.status, headers, answer.body, wall_ms);
}

spw_outcome outcome_of(std::size_t i, const Verdict& verdict, Ms took) {
  spw_outcome outcome{};
  outcome.size = sizeof outcome;
  outcome.candidate = i;
  outcome.error = static_cast<std::int32_t>(verdict.fault);
  outcome.status = verdict.status;
  outcome.retry_after_ms = verdict.retry_after_ms;
  outcome.reset_unix_ms = verdict.reset_unix_ms;
  outcome.quota_limit = verdict.limit;
  outcome.quota_remaining = verdict.remaining;
  outcome.latency_us = took * 1000;
  outcome.ttft_us = outcome.in_tokens = outcome.out_tokens = -1;
  outcome.cost_usd = -1;
  outcome.requests_limit = outcome.requests_left = outcome.requests_reset_ms = -1;
  outcome.tokens_limit = outcome.tokens_left = outcome.tokens_reset_ms = -1;
  outcome.streamed = 1;
  return outcome;
}

}  // namespace

// What a request's policies may know of it, its plan, and its chain.
class Spillway::Asker final : public Subject {
 public:
  Asker(Spillway& owner, Request& of) : request(of), owner_(owner) {
    const Route& route = *owner.generation_->routes.front();
    plan.candidates = route.candidates;
    for (Candidate& one : plan.candidates) {
      const TargetLive& live = *owner.generation_->targets[one.target]->live;
      one.in_flight = live.in_flight.load();
      one.latency_us = live.latency_us.load();
    }
    const Limits& limits = owner.generation_->config.limits;
    plan.spill = route.spill;
    plan.budget = {static_cast<int>(limits.attempts), static_cast<int>(limits.free_attempts)};
    plan.demand.prompt_tokens = prompt();
    plan.begin();
    chain.emplace(*owner.worker_, route.policies, *this, plan);
  }
  TargetLive& live(std::size_t i) const { return *owner_.generation_->targets[plan.candidates[i].target]->live; }

  std::string_view text(spw_fact fact) const override {
    if (fact == SPW_ROUTE || fact == SPW_MODEL) return "primary";
    return fact == SPW_API ? "chat" : std::string_view();
  }
  std::int64_t number(spw_fact fact) const override {
    switch (fact) {
      case SPW_STREAM: return 1;
      case SPW_PROMPT_TOKENS: return prompt();
      case SPW_MAX_TOKENS: return -1;
      case SPW_TIME_LEFT_MS: return request.deadline() - owner_.simulation_.now();
      default: return 0;
    }
  }
  std::string_view header(std::string_view) const override { return {}; }
  bool reply(int, std::string_view, std::string_view) override { return false; }
  bool replay(std::string_view, std::int64_t) override { return false; }
  bool set_upstream_header(std::string_view, std::string_view) override { return true; }
  bool set_answer_header(std::string_view, std::string_view) override { return true; }
  bool note(std::string_view, std::string_view) override { return true; }
  bool capture(std::int64_t) override { return false; }
  std::optional<Digest> fingerprint(const std::vector<std::string_view>&) override { return std::nullopt; }
  void on_chain_resumed() override { owner_.decided(*this, chain->result()); }

  Request& request;
  Plan plan;
  std::optional<Chain> chain;
  bool exhausted_asked = false;

 private:
  std::int64_t prompt() const { return owner_.world_.arrivals[request.index].prompt_tokens; }
  Spillway& owner_;
};

Spillway::Spillway(const World& world, Simulation& simulation, SpillwaySettings settings)
    : Router(world, simulation), dice_(world.settings.seed), shared_(simulation) {
  Result<std::unique_ptr<Store>> store = Store::open("memory:");
  CHECK(static_cast<bool>(store));
  store_ = std::move(*store);
  Loaded loaded = load_config_text(config_of(world, settings), "simulation.toml");
  CHECK(loaded.ok());
  generation_ = Generation::build(std::move(loaded.config), shared_, loaded.problems);
  CHECK(generation_ != nullptr && generation_->targets.size() == world.targets.size());
  Result<std::unique_ptr<PolicyWorker>> worker = PolicyWorker::start(generation_->policies, *this);
  CHECK(static_cast<bool>(worker));
  worker_ = std::move(*worker);
  g_current = this;
  set_resumer(
      [](std::uint64_t ticket, void* result) { return g_current != nullptr && g_current->resumed(ticket, result); });
}

Spillway::~Spillway() { g_current = nullptr; }

void Spillway::on_arrival(Request& request) {
  Asker& asker = *(askers_[request.index] = std::make_unique<Asker>(*this, request));
  decided(asker, asker.chain->run());
}

void Spillway::decided(Asker& asker, Chain::Result result) {
  CHECK(result == Chain::Result::go || result == Chain::Result::wait);  // no cache, and nobody fails closed
  if (result == Chain::Result::go) return next(asker);
  // Nothing is lost while it waits: the policy's own timer resumes it, or this deadline does.
  const std::size_t index = asker.request.index;
  simulation_.after(std::max<Ms>(asker.chain->wait_ms(), 1), [this, index] {
    const auto found = askers_.find(index);
    if (found == askers_.end() || found->second->chain->result() != Chain::Result::wait) return;
    decided(*found->second, found->second->chain->wait_expired());
  });
}

void Spillway::next(Asker& asker) {
  while (true) {
    const std::optional<std::size_t> i = asker.plan.pick(dice_.unit());
    if (i && asker.chain->attempt(*i)) {
      asker.plan.started(*i);
      asker.live(*i).in_flight.fetch_add(1);
      return send(asker.request, *i);
    }
    if (i) continue;
    if (asker.plan.attempts() > 0 || asker.exhausted_asked || !asker.chain->exhausted()) return lost(asker);
    asker.exhausted_asked = true;
  }
}

void Spillway::lost(Asker& asker) {
  const Request& request = asker.request;
  end(asker);
  give_up(request);
}

void Spillway::end(Asker& asker) {
  asker.chain->end();
  askers_.erase(asker.request.index);
}

void Spillway::on_content(Request& request, std::size_t target) {
  Asker& asker = *askers_.at(request.index);
  asker.live(target).observe_latency((simulation_.now() - request.arrived) * 1000);
  asker.chain->content(target);
}

void Spillway::on_answer(Request& request, std::size_t target, const Answer& answer) {
  Asker& asker = *askers_.at(request.index);
  asker.live(target).in_flight.fetch_sub(1);
  spw_outcome outcome = outcome_of(target, Verdict(), answer.end_ms);
  outcome.status = answer.status;
  outcome.ttft_us = answer.head_ms * 1000;
  outcome.in_tokens = world_.arrivals[request.index].prompt_tokens;
  outcome.out_tokens = world_.arrivals[request.index].answer_tokens;
  outcome.content_seen = 1;
  asker.chain->outcome(outcome);
  end(asker);
}

void Spillway::on_failure(Request& request, std::size_t target, const Answer& answer, Ms took) {
  Asker& asker = *askers_.at(request.index);
  asker.live(target).in_flight.fetch_sub(1);
  const Verdict verdict = verdict_of(answer, simulation_.wall_ms());
  asker.chain->outcome(outcome_of(target, verdict, took));
  asker.plan.after(target, verdict.fault);
  if (verdict.retry_after_ms >= 0) asker.plan.candidates[target].wait_ms = verdict.retry_after_ms;
  next(asker);
}

void Spillway::on_late(Request& request, std::size_t target, Ms took) {
  Asker& asker = *askers_.at(request.index);
  asker.live(target).in_flight.fetch_sub(1);
  const Error late{::spillway::Kind::timeout, Source::us, Retry::no, "no content in time"};
  asker.chain->outcome(outcome_of(target, classify(late), took));
  lost(asker);
}

// GET /key, which OpenRouter answers unless it is down; 300 ms there and back.
bool Spillway::fetch(Fetch fetch, PolicyWorker& worker, std::size_t policy, std::uint64_t ticket) {
  CHECK(ticket == 0 && fetch.url.find("/key") != fetch.url.npos);
  const auto of = std::find_if(world_.targets.begin(), world_.targets.end(),
                               [](const Target& one) { return one.provider == "openrouter" && one.free(); });
  if (of == world_.targets.end()) return false;
  simulation_.after(300, [this, &worker, policy, of] {
    const Trouble* trouble = of->trouble_at(simulation_.now());
    const bool down = trouble != nullptr && trouble->kind == simulation::Kind::provider_outage;
    const std::string body = providers_.key_json(of->quota, simulation_.now());
    const spw_fetched fetched{sizeof fetched, down ? 503 : 200, {}, {body.data(), body.size()}};
    worker.on_fetched(policy, fetched);
  });
  return true;
}

// Saving is not simulated: it would go on for ever.
bool Spillway::timer(PolicyWorker& worker, std::size_t policy, std::int64_t after_ms, std::uint64_t cookie) {
  if (simulation_.now() >= kDay + kPatience) return false;
  simulation_.after(std::max<Ms>(after_ms, 0), [&worker, policy, cookie] { worker.on_timer(policy, cookie); });
  return true;
}

std::uint64_t Spillway::ticket(Chain& chain) {
  waiting_.emplace(++tickets_, &chain);
  return tickets_;
}

bool Spillway::resumed(std::uint64_t ticket, void* result) {
  const auto found = waiting_.find(ticket);
  if (found == waiting_.end()) return false;
  simulation_.after(0, [this, ticket, result] {
    const auto still = waiting_.find(ticket);
    if (still != waiting_.end()) still->second->resume(result);
  });
  return true;
}

}  // namespace spillway::simulation
