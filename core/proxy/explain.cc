#include "proxy/explain.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "json/write.h"
#include "proxy/known_facts.h"
#include "proxy/route_plan.h"
#include "proxy/shared.h"
#include "proxy/worker.h"

namespace spillway {

namespace {

// A request that nobody sent: policies read its facts, and what they would do is noted down.
class Supposed final : public Subject {
 public:
  Supposed(const Generation& generation, const Route& route, const Facts& facts, std::string_view body,
           std::string_view key, const Plan& plan)
      : generation_(generation), route_(route), facts_(facts), body_(body), key_(key), plan_(plan) {}
  bool replied = false;
  std::vector<std::pair<std::string, std::string>> notes;

 private:
  std::string_view text(spw_fact fact) const override {
    switch (fact) {
      case SPW_METHOD: return "POST";
      case SPW_PATH: return "/v1/chat/completions";
      case SPW_KEY_NAME: return key_;
      case SPW_ROUTE: return route_.name;
      case SPW_API: return to_string(facts_.api);
      case SPW_MODEL: return facts_.model;
      case SPW_USER: return facts_.user;
      case SPW_REQUEST_ID: return "explain";
      case SPW_BODY: return body_;
      default: return {};
    }
  }
  std::int64_t number(spw_fact fact) const override {
    if (const auto known = known_number(facts_, fact)) return *known;
    switch (fact) {
      case SPW_BODY_BYTES: return static_cast<std::int64_t>(body_.size());
      case SPW_ATTEMPTS: return plan_.attempts();
      case SPW_TIME_LEFT_MS: return generation_.config.limits.request_ms;
      case SPW_END_REASON: return SPW_END_CLIENT_GONE;  // nobody waits for it
      default: return 0;
    }
  }
  std::string_view header(std::string_view) const override { return {}; }
  bool reply(int, std::string_view, std::string_view) override { return replied = true; }
  bool replay(std::string_view, std::int64_t) override { return replied = true; }
  bool set_upstream_header(std::string_view, std::string_view) override { return true; }
  bool set_answer_header(std::string_view, std::string_view) override { return true; }
  bool note(std::string_view name, std::string_view value) override {
    notes.emplace_back(name, value);
    return true;
  }
  bool capture(std::int64_t) override { return false; }
  // So the cache looks for nothing and nobody waits for us.
  std::optional<Digest> fingerprint(const std::vector<std::string_view>&) override { return std::nullopt; }
  void on_chain_resumed() override {}
  bool supposed() const override { return true; }

  const Generation& generation_;
  const Route& route_;
  const Facts& facts_;
  const std::string_view body_, key_;
  const Plan& plan_;
};

std::string refusal(std::string_view why) {
  std::string out;
  JsonWriter(out).open('{').member("error", why).close('}');
  return out;
}

// Those that may be tried before those that may not; among them as Plan::pick() goes.
std::vector<std::size_t> order_of(const Plan& plan) {
  std::vector<std::size_t> order(plan.candidates.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const Candidate &one = plan.candidates[a], &other = plan.candidates[b];
    if (one.excluded != other.excluded) return other.excluded;
    if (one.tier_index != other.tier_index) return one.tier_index < other.tier_index;
    if (one.rank != other.rank) return one.rank < other.rank;
    return one.weight > other.weight;
  });
  return order;
}

// The part of first picks that it gets; 0: another is always before it.
double share_of(const Plan& plan, const Candidate& lead, const Candidate& one) {
  const auto together = [&](const Candidate& other) {
    return !other.excluded && other.tier_index == lead.tier_index && other.rank == lead.rank;
  };
  if (!together(one)) return 0;
  double sum = 0, equals = 0;
  for (const Candidate& other : plan.candidates) {
    if (!together(other)) continue;
    sum += std::max(other.weight, 0.0);
    equals += 1;
  }
  return sum > 0 ? std::max(one.weight, 0.0) / sum : 1 / equals;
}

void write_known(JsonWriter& json, const Candidate& one) {
  if (one.context > 0) json.member("context", one.context);
  if (one.quality >= 0) json.member("quality", one.quality);
  if (one.health >= 0) json.member("health", one.health);
  if (one.latency_us > 0) json.member("latency_ms", one.latency_us / 1000);
  if (one.price_in >= 0) json.member("price_in", one.price_in);
  if (one.price_out >= 0) json.member("price_out", one.price_out);
}

void write_candidates(JsonWriter& json, const Plan& plan) {
  const std::vector<std::size_t> order = order_of(plan);
  json.key("candidates").open('[');
  for (const std::size_t i : order) {
    const Candidate& one = plan.candidates[i];
    json.open('{').member("provider", one.provider).member("model", one.model).member("tier", one.tier);
    json.member("account", one.account).member("free", one.free).member("weight", one.weight);
    json.member("rank", one.rank).member("in_flight", one.in_flight);
    write_known(json, one);
    json.member("taken", !one.excluded);
    if (one.excluded) {
      json.member("reason", one.reason);
      if (one.wait_ms >= 0) json.member("wait_ms", one.wait_ms);
    } else {
      json.member("share", share_of(plan, plan.candidates[order.front()], one));
    }
    json.close('}');
  }
  json.close(']');
}

std::string_view name_of(Chain::Result result) {
  switch (result) {
    case Chain::Result::go: return "attempt";
    case Chain::Result::reply: return "answered by a policy";
    case Chain::Result::wait: return "wait";
    case Chain::Result::refuse: return "refused by a policy";
  }
  return "attempt";
}

}  // namespace

std::string explain(Worker& worker, const Tenure& tenure, std::string_view body, std::string_view key,
                    std::string_view tags) {
  const Generation& generation = *tenure.generation;
  const Result<JsonValue> outline = parse_json(body, 2);
  const Api api = outline && outline->has("input")    ? Api::embeddings
                  : outline && outline->has("prompt") ? Api::completions
                                                      : Api::chat;
  BadRequest why;
  const Result<Facts> facts = inspect(worker.scanner(), api, "application/json", body, 0, why);
  if (!facts) return refusal(why.message);
  const Route* route = generation.find(facts->model, "/v1/chat/completions");
  if (route == nullptr) return refusal("there is no model `" + facts->model + "` here");
  const auto& keys = generation.keys;
  const auto who = std::find_if(keys.begin(), keys.end(), [&](const ClientKey& one) { return one.name == key; });
  if (who == keys.end() && !key.empty()) return refusal("there is no [[key]] named \"" + std::string(key) + "\"");
  const Asker asker{who == keys.end() ? nullptr : &*who, tags};
  if (!Generation::may_use(asker.key, facts->model))
    return refusal("this key may not use the model `" + facts->model + "`");
  Plan plan;
  lay_plan(plan, generation, *route, *facts, asker, worker.shared());
  Supposed supposed(generation, *route, *facts, body, key, plan);
  Chain chain(*tenure.policies, route->policies, static_cast<Subject&>(supposed), plan);
  const Chain::Result result = chain.run();
  const std::int64_t wait_ms = result == Chain::Result::wait ? chain.wait_ms() : -1;

  std::string out;
  JsonWriter json(out);
  json.open('{').member("model", facts->model).member("route", route->name).member("api", to_string(facts->api));
  json.member("stream", facts->stream).member("prompt_tokens", static_cast<std::int64_t>(facts->prompt_tokens));
  const bool any =
      std::any_of(plan.candidates.begin(), plan.candidates.end(), [](const auto& c) { return !c.excluded; });
  json.member("decision", result == Chain::Result::go && !any ? std::string_view("refuse") : name_of(result));
  if (wait_ms >= 0) json.member("wait_ms_at_most", wait_ms);
  if (!any && plan.soonest_wait_ms() >= 0) json.member("retry_after_ms", plan.soonest_wait_ms());
  json.key("notes").open('{');
  for (const auto& [name, value] : supposed.notes) json.member(name, value);
  json.close('}');
  write_candidates(json, plan);
  json.close('}');
  chain.end();
  return out;
}

}  // namespace spillway
