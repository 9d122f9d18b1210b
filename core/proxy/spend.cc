#include "proxy/spend.h"

#include <algorithm>
#include <cstdio>

#include "conf/day_time.h"
#include "state/store.h"

namespace spillway {

namespace {

constexpr std::string_view kSpace = "spend";
constexpr std::int64_t kAheadDays = 2;  // further ahead the clock that wrote it was wrong

}  // namespace

Spend::Day& Spend::day_of(std::string_view route, std::int64_t wall_ms, Store& store) {
  const auto [at, fresh] = days_.try_emplace(std::string(route));
  Day& day = at->second;
  if (fresh) {
    const std::string saved = store.get(kSpace, route).value_or("");
    long long number = 0;
    double usd = 0;
    if (std::sscanf(saved.c_str(), "1 %lld %lf", &number, &usd) == 2 && number > 0 && usd >= 0 && usd < 1e12) {
      day.day = number;
      day.spent = usd;
    }
  }
  const std::int64_t today = wall_ms / kDayMs + 1;
  if (today > day.day) day.spent = 0;
  if (today > day.day || day.day - today > kAheadDays) day.day = today;
  return day;
}

double Spend::today(std::string_view route, std::int64_t wall_ms, Store& store) {
  const std::lock_guard hold(lock_);
  const Day& day = day_of(route, wall_ms, store);
  return day.spent + day.reserved;
}

bool Spend::reserve(std::string_view route, double worst, double most, std::int64_t wall_ms, Store& store) {
  constexpr double kRounding = 1e-9;
  const std::lock_guard hold(lock_);
  Day& day = day_of(route, wall_ms, store);
  if (most >= 0 && day.spent + day.reserved + worst > most + kRounding) return false;
  day.reserved += worst;
  return true;
}

void Spend::settle(std::string_view route, double worst, double usd, std::int64_t wall_ms, Store& store) {
  const std::lock_guard hold(lock_);
  Day& day = day_of(route, wall_ms, store);
  day.reserved = std::max(0.0, day.reserved - worst);
  if (usd <= 0) return;
  day.spent += usd;
  char text[64];
  std::snprintf(text, sizeof text, "1 %lld %.9f", static_cast<long long>(day.day), day.spent);
  store.put(kSpace, route, text);
}

}  // namespace spillway
