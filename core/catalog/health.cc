#include "catalog/health.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/number.h"
#include "http/headers.h"
#include "json/scan.h"

namespace spillway {

namespace {

using Window = std::string_view;
using Windows = std::array<Window, 3>;
constexpr Window k5m = "uptime_last_5m", k30m = "uptime_last_30m", k1d = "uptime_last_1d";
constexpr Windows kSteadyFirst = {k30m, k1d, k5m}, kFreshFirst = {k5m, k30m, k1d};
constexpr double kSteadyShare = 0.5, kLiveShare = 0.3, kFreshShare = 0.2;

Error unreadable(std::string why) { return {Kind::invalid, Source::upstream, Retry::no, std::move(why)}; }

// Python's float() of a JSON value, as far as the original relies on it.
std::optional<double> coerced(const JsonValue& value) {
  if (value.is(JsonType::boolean)) return value.boolean(false) ? 1.0 : 0.0;
  if (value.is(JsonType::number) || value.is(JsonType::string)) return read_real(trim(value.text));
  return std::nullopt;
}

// what is not above 1 is taken for a fraction.
std::optional<double> guessed_percent(const JsonValue& value) {
  const std::optional<double> number = coerced(value);
  if (!number || *number < 0) return std::nullopt;
  return *number <= 1 ? *number * 100 : *number;
}

std::optional<double> plain_percent(const JsonValue& value) {
  const double number = value.is(JsonType::number) ? value.number(-1) : -1;
  return number >= 0 && number <= 100 ? std::optional(number) : std::nullopt;
}

using Endpoints = std::vector<const JsonValue*>;
using Percent = std::optional<double> (*)(const JsonValue&);

// The highest uptime in the first window that has any.
std::optional<double> best(const Endpoints& endpoints, const Windows& windows, Percent percent) {
  for (const Window window : windows) {
    std::optional<double> most;
    for (const JsonValue* endpoint : endpoints) {
      const std::optional<double> one = percent((*endpoint)[window]);
      if (one && (!most || *one > *most)) most = one;
    }
    if (most) return most;
  }
  return std::nullopt;
}

ModelHealth by_uptime(const Endpoints& endpoints, double steady, Percent percent) {
  if (steady < kUptimeGate) return {true, std::nullopt};
  const double fresh = best(endpoints, kFreshFirst, percent).value_or(steady);
  return {false, std::clamp(kSteadyShare * steady + kLiveShare * 100 + kFreshShare * fresh, 0.0, 100.0)};
}

// down is only what says so; what is absent or unreadable says nothing.
bool says_down(const JsonValue& endpoint) { return endpoint["status"].integer(0) != 0; }

ModelHealth project_health(const JsonValue& list) {
  Endpoints live;
  for (const JsonValue& endpoint : list.items) {
    if (endpoint.is(JsonType::object) && !says_down(endpoint)) live.push_back(&endpoint);
  }
  if (live.empty()) return {true, std::nullopt};
  const std::optional<double> steady = best(live, kSteadyFirst, plain_percent);
  return steady ? by_uptime(live, *steady, plain_percent) : ModelHealth{};
}

// int(status) of the original: an absent one is 1, and what int() refuses raises.
Result<bool> compat_live(const JsonValue& endpoint) {
  if (!endpoint.is(JsonType::object)) return unreadable("an endpoint is no object");
  if (!endpoint.has("status")) return false;
  const JsonValue& status = endpoint["status"];
  if (status.is(JsonType::number)) return status.number(1) > -1 && status.number(1) < 1;
  if (status.is(JsonType::boolean)) return !status.boolean(true);
  if (!status.is(JsonType::string)) return unreadable("a status is no number");
  const std::string_view digits = trim(status.text);
  if (digits.empty() || digits.find_first_not_of("+-0123456789") != digits.npos) {
    return unreadable("a status is a text");
  }
  return digits.find_first_not_of("+-0") == digits.npos;
}

Result<ModelHealth> compat_health(const JsonValue& list) {
  bool live = false;
  Endpoints all;
  for (const JsonValue& endpoint : list.items) {
    if (!live) {  // the original looks no further than to the first live one
      const Result<bool> is = compat_live(endpoint);
      if (!is) return is.error();
      live = *is;
    }
    all.push_back(&endpoint);
  }
  if (!live) return ModelHealth{true, std::nullopt};
  for (const JsonValue* endpoint : all) {
    if (!endpoint->is(JsonType::object)) return unreadable("an endpoint is no object");
  }
  const std::optional<double> steady = best(all, kSteadyFirst, guessed_percent);
  return steady ? by_uptime(all, *steady, guessed_percent) : ModelHealth{true, std::nullopt};
}

}  // namespace

Result<ModelHealth> read_health(std::string_view body, HealthRule rule) {
  const Result<JsonValue> json = parse_json(body);
  if (!json) return json.error();
  const JsonValue& data = (*json)["data"];
  if (!data.is(JsonType::object)) return unreadable("the answer has no data object");
  const JsonValue& list = data["endpoints"];
  if (rule == HealthRule::compat) return compat_health(list.is(JsonType::array) ? list : JsonValue());
  if (!list.is(JsonType::array)) return unreadable("the endpoints are no list");
  return project_health(list);
}

int blend(int static_points, const ModelHealth& health) {
  if (health.gated || !health.score) return static_points;
  // Both are 0 to 100. std::nearbyint() would need libm, a second dynamic library.
  const double half = 0.5 * *health.score + 0.5 * static_points;
  const int whole = static_cast<int>(half);
  const double rest = half - whole;
  return rest > 0.5 || (rest == 0.5 && whole % 2 == 1) ? whole + 1 : whole;
}

}  // namespace spillway
