#include "world.h"

#include <algorithm>
#include <cmath>

#include "base/dice.h"

namespace spillway::simulation {

namespace {

// README.md says where these come from. Gaps and lengths are means of exponential distributions.
constexpr Ms kOutageEvery = 24 * kHour, kOutageFor = 12 * kMinute;                // of one model
constexpr double kHangShare = 0.3;                                                // of outages: no answer at all
constexpr Ms kBusyEvery = 4 * kHour, kBusyFor = 8 * kMinute;                      // upstream 429, of one free model
constexpr Ms kProviderOutageEvery = 5 * kDay, kProviderOutageFor = 10 * kMinute;  // of all it has
constexpr double kFreeErrors = 0.01, kFreeBusy = 0.01, kPaidErrors = 0.002;       // of calls, outside of all that
constexpr Ms kFreeFirstByte = 1500, kPaidFirstByte = 800, kFirstByteMost = 25 * kSecond;
constexpr double kTokensPerSecond = 60, kUsdPerMillionIn = 0.25, kUsdPerMillionOut = 2;
constexpr double kRequestsLeast = 600, kRequestsMost = 6000;  // of a day
constexpr double kSessionRequests = 5;
constexpr Ms kSessionGap = 15 * kSecond;

double exponential(Dice& dice, double mean) { return -mean * std::log1p(-dice.unit()); }
double normal(double u, double v) { return std::sqrt(-2 * std::log1p(-u)) * std::cos(6.283185307179586 * v); }
double lognormal(double u, double v, double median, double sigma) { return median * std::exp(sigma * normal(u, v)); }

void add_troubles(std::vector<Trouble>& list, Dice& dice, double every, double length, Kind kind) {
  for (double at = exponential(dice, every); at < static_cast<double>(kDay + kHour);) {
    const double lasts = 5 * kSecond + exponential(dice, length);
    const bool hangs = kind == Kind::outage && dice.unit() < kHangShare;
    list.push_back({static_cast<Ms>(at), static_cast<Ms>(at + lasts), hangs ? Kind::hang : kind});
    at += lasts + exponential(dice, every);
  }
}

// Least at 03:00 UTC, most at 15:00, nineteen times as many.
double busyness(Ms at) {
  const double hour = static_cast<double>(wall(at) % kDay) / kHour;
  return (1 + 0.9 * std::cos(6.283185307179586 * (hour - 15) / 24)) / 1.9;
}

void add_traffic(World& world, Dice& dice) {
  const double requests = kRequestsLeast * std::pow(kRequestsMost / kRequestsLeast, dice.unit());
  const double gap = static_cast<double>(kDay) * kSessionRequests / requests / 1.9;  // at the busiest hour
  for (double at = exponential(dice, gap); at < static_cast<double>(kDay); at += exponential(dice, gap)) {
    if (dice.unit() >= busyness(static_cast<Ms>(at))) continue;
    double next = at;
    do {
      Arrival one{static_cast<Ms>(next), 0, 0};
      one.prompt_tokens = static_cast<std::int64_t>(std::min(lognormal(dice.unit(), dice.unit(), 3000, 1), 1e5));
      one.answer_tokens = 1 + static_cast<std::int64_t>(std::min(lognormal(dice.unit(), dice.unit(), 400, 0.8), 8e3));
      if (one.at < kDay) world.arrivals.push_back(one);
      next += exponential(dice, kSessionGap);
    } while (dice.unit() < 1 - 1 / kSessionRequests);
  }
  std::stable_sort(world.arrivals.begin(), world.arrivals.end(),
                   [](const Arrival& a, const Arrival& b) { return a.at < b.at; });
}

Target target_of(std::string provider, std::string model, int tier, double weight, int quota) {
  Target target;
  target.provider = std::move(provider);
  target.model = std::move(model);
  target.tier = tier;
  target.weight = weight;
  target.quota = quota;
  return target;
}

void add_targets(World& world) {
  static constexpr double kWeights[] = {6, 6, 3, 3, 3, 1, 1, 1, 1, 1};  // P-12
  const bool bought_credits = world.settings.seed % 2 == 0;             // O-5: 10 of them make 50 a day 1000
  world.quotas = {{"openrouter", 20, bought_credits ? 1000 : 50}, {"gemini/one", 10, 250}, {"gemini/two", 10, 250}};
  for (int i = 0; i < 10; ++i) {
    world.targets.push_back(target_of("openrouter", "author/m" + std::to_string(i) + ":free", 0, kWeights[i], 0));
  }
  world.targets.push_back(target_of("gemini", "one", 1, 1, 1));
  world.targets.push_back(target_of("gemini", "two", 1, 1, 2));
  world.targets.push_back(target_of("openrouter", "author/paid", 2, 1, -1));
  world.targets.push_back(target_of("openai", "paid", 2, 1, -1));
}

void add_trouble(World& world, Dice& dice) {
  const double less = 1 / std::max(world.settings.trouble, 1e-9);
  std::vector<std::pair<std::string, std::vector<Trouble>>> whole = {
      {"openrouter", {}}, {"gemini", {}}, {"openai", {}}};
  for (auto& [provider, list] : whole) {
    add_troubles(list, dice, kProviderOutageEvery * less, kProviderOutageFor, Kind::provider_outage);
  }
  for (Target& target : world.targets) {
    target.first_byte_ms = target.free() ? kFreeFirstByte : kPaidFirstByte;
    target.error_share = (target.free() ? kFreeErrors : kPaidErrors) * world.settings.trouble;
    target.busy_share = target.free() ? kFreeBusy * world.settings.trouble : 0;
    for (const auto& [provider, list] : whole) {
      if (provider == target.provider) target.troubles = list;
    }
    add_troubles(target.troubles, dice, kOutageEvery * less, kOutageFor, Kind::outage);
    if (target.free()) add_troubles(target.troubles, dice, kBusyEvery * less, kBusyFor, Kind::busy);
  }
}

}  // namespace

double draw(std::uint64_t seed, std::uint64_t a, std::uint64_t b, std::uint64_t c) {
  Dice dice(((seed * 1'000'003 + a) * 1'000'003 + b) * 1'000'003 + c);
  return dice.unit();
}

const Trouble* Target::trouble_at(Ms at) const {
  const auto found = std::find_if(troubles.begin(), troubles.end(),
                                  [&](const Trouble& one) { return one.from <= at && at < one.until; });
  return found == troubles.end() ? nullptr : &*found;
}

bool Target::up_within(Ms from, Ms until) const {
  for (Ms at = from; at < until;) {
    const Trouble* trouble = trouble_at(at);
    if (trouble == nullptr) return true;
    at = trouble->until;
  }
  return false;
}

double World::usd(std::size_t arrival) const {
  const Arrival& one = arrivals[arrival];
  return (static_cast<double>(one.prompt_tokens) * kUsdPerMillionIn +
          static_cast<double>(one.answer_tokens) * kUsdPerMillionOut) /
         1e6;
}

World make_world(const Settings& settings) {
  World world;
  world.settings = settings;
  add_targets(world);
  // One for each, so that more trouble does not mean other traffic.
  Dice traffic(settings.seed * 2), trouble(settings.seed * 2 + 1);
  add_traffic(world, traffic);
  add_trouble(world, trouble);
  return world;
}

std::size_t Providers::since(int quota, Ms from, Ms until) const {
  const std::vector<Ms>& sent = counted_[static_cast<std::size_t>(quota)];
  return static_cast<std::size_t>(std::lower_bound(sent.begin(), sent.end(), until) -
                                  std::lower_bound(sent.begin(), sent.end(), from));
}

std::string Providers::key_json(int quota, Ms now) const {
  const Ms midnight = utc_day(now) * kDay - kBegins;
  const int limit = world_.quotas[static_cast<std::size_t>(quota)].rpd;
  const int used = static_cast<int>(since(quota, midnight, std::max(midnight, now - kMinute)));
  return "{\"data\":{\"free_model_daily_requests\":{\"used\":" + std::to_string(used) +
         ",\"limit\":" + std::to_string(limit) + ",\"remaining\":" + std::to_string(limit - used) + "}}}";
}

// The forms of O-6 and of section 10: one account for all OpenRouter has for free, each Gemini model by itself.
Answer Providers::refuse(const Target& target, bool day, Ms wait) const {
  Answer answer{429, 120, 120, {}, {}, Cause::quota};
  const int limit = day ? world_.quotas[static_cast<std::size_t>(target.quota)].rpd
                        : world_.quotas[static_cast<std::size_t>(target.quota)].rpm;
  if (target.provider == "openrouter") {
    answer.body = std::string("{\"error\":{\"message\":\"Rate limit exceeded: free-models-per-") +
                  (day ? "day. Add 10 credits to unlock 1000 free model requests per day" : "min.") +
                  "\",\"code\":429}}";
    answer.headers = {{"x-ratelimit-limit", std::to_string(limit)}, {"x-ratelimit-remaining", "0"}};
    return answer;
  }
  const std::string seconds = std::to_string((wait + 999) / 1000) + "s";
  answer.body = "{\"error\":{\"code\":429,\"message\":\"You exceeded your current quota. Please retry in " + seconds +
                ".\",\"status\":\"RESOURCE_EXHAUSTED\",\"details\":[{\"@type\":\"type.googleapis.com/google.rpc."
                "QuotaFailure\",\"violations\":[{\"quotaId\":\"GenerateRequests" +
                (day ? "PerDay" : "PerMinute") +
                "PerProjectPerModel-FreeTier\"}]},{\"@type\":\"type.googleapis.com/google.rpc.RetryInfo\","
                "\"retryDelay\":\"" +
                seconds + "\"}]}}";
  return answer;
}

namespace {

// Busy upstream: OpenRouter passes it on as 429 (O-6 form 3), Gemini says 503. Every other one says how long, without
// knowing.
Answer busy(const Target& target, double u, double wait) {
  Answer answer{429, 300, 300, {}, {}, Cause::busy};
  answer.body =
      "{\"error\":{\"message\":\"Provider returned error\",\"code\":429,\"metadata\":{\"raw\":\"the model is "
      "temporarily rate-limited upstream. Please retry shortly\",\"provider_name\":\"P\"}}}";
  if (target.provider != "openrouter") {
    answer.status = 503;
    answer.body = R"({"error":{"code":503,"message":"The model is overloaded.","status":"UNAVAILABLE"}})";
  }
  if (u < 0.5) answer.headers = {{"retry-after", std::to_string(5 + static_cast<int>(wait * 56))}};
  return answer;
}

}  // namespace

Answer Providers::ask(std::size_t arrival, std::size_t index, int nth, Ms now) {
  const Target& target = world_.targets[index];
  const Trouble* trouble = target.trouble_at(now);
  const auto u = [&](std::uint64_t which) {
    return draw(world_.settings.seed, arrival, index * 64 + static_cast<std::uint64_t>(nth), which);
  };
  Answer down{503, 200 + static_cast<Ms>(800 * u(0)), 1000, {}, {}, Cause::provider_outage};
  down.body = R"({"error":{"message":"down","code":503}})";
  if (trouble != nullptr && trouble->kind == Kind::provider_outage) return down;
  if (target.free()) {
    const auto quota = static_cast<std::size_t>(target.quota);
    std::vector<Ms>& sent = counted_[quota];
    const Ms midnight = utc_day(now) * kDay - kBegins;
    const bool day = since(target.quota, midnight, now + 1) >= static_cast<std::size_t>(world_.quotas[quota].rpd);
    if (day) return refuse(target, true, midnight + kDay - now);
    const auto minute = static_cast<std::size_t>(world_.quotas[quota].rpm);
    if (since(target.quota, now - kMinute + 1, now + 1) >= minute) {
      Answer answer = refuse(target, false, sent[sent.size() - minute] + kMinute - now);
      if (target.provider == "openrouter") {
        const Ms opens = wall(sent[sent.size() - minute] + kMinute);
        answer.headers.emplace_back("x-ratelimit-reset", std::to_string(opens));
      }
      return answer;
    }
    sent.push_back(now);
  }
  Answer answer = down;
  if (trouble != nullptr) {
    answer.cause = Cause::outage;
    if (trouble->kind == Kind::hang) answer = Answer{0, 0, 0, {}, {}, Cause::hang};
    if (trouble->kind == Kind::busy) answer = busy(target, u(1), u(2));
  } else if (const double luck = u(3); luck < target.error_share + target.busy_share) {
    if (luck >= target.error_share) answer = busy(target, u(1), u(2));
    answer.cause = Cause::chance;
  } else {
    answer = Answer{200, 0, 0, {}, {}, Cause::none};
    const double first = lognormal(u(4), u(5), static_cast<double>(target.first_byte_ms), 0.7);
    answer.head_ms = static_cast<Ms>(std::min(first, static_cast<double>(kFirstByteMost)));
    const double tokens = static_cast<double>(world_.arrivals[arrival].answer_tokens);
    answer.end_ms = answer.head_ms + static_cast<Ms>(1000 * tokens / kTokensPerSecond);
  }
  if (target.free() && !answer.ok() && !world_.settings.failed_calls_count) {
    counted_[static_cast<std::size_t>(target.quota)].pop_back();
  }
  return answer;
}

}  // namespace spillway::simulation
