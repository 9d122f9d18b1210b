// The end of a request: one access-log line (ecosystem.md 4.3), the metric series (4.2).
//
// A Record is filled while the request lives and read once. It holds no secrets: keys by name, paths without queries.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/metrics.h"
#include "llm/classify.h"
#include "llm/usage.h"

namespace spillway {

class Shared;
struct Target;

struct Tried {
  const Target* target = nullptr;
  std::string_view model;  // sent upstream
  std::string_view tier;
  int status = 0;
  Fault fault = Fault::none;
  std::int64_t ms = 0;
  std::string detail;
};

enum class EndReason : std::uint8_t { ok, client_gone, upstream, replied, refused };  // the ABI's SPW_END_*
std::string_view to_string(EndReason reason);

// Its views are of the request's head, its facts and its generation.
struct Record {
  std::string_view request_id, client, user_agent, key, method, path, route, model_asked;
  Api api = Api::other;
  int status = 0;
  bool stream = false;
  std::vector<Tried> tried;
  std::vector<std::pair<std::string, std::string>> notes;  // from policies: cache, ...
  Usage usage;
  bool usage_estimated = false;
  double cost_usd = -1, saved_usd = -1;  // saved: against the route's cheapest paid price; -1: not known
  std::string_view tier, spilled;        // who answered; why not the first tier
  std::int64_t ttft_us = -1, duration_us = 0, upstream_us = 0;
  std::string finish, error, reason;
  EndReason end = EndReason::ok;

  std::string_view note(std::string_view name) const;
  std::string trail() const;  // "openrouter/x 429 free_day_quota; groq/y 200", for people
};

// One worker's way to the metric series of its requests: handles are remembered, so that the usual request formats no
// labels and takes no lock.
class Accounts {
 public:
  explicit Accounts(Shared& shared) : shared_(shared) {}
  void settle(const Record& record);
  // For each attempt as it ends.
  void attempt(const Tried& tried);

 private:
  static constexpr std::size_t kRemembered = 64;
  struct Ended {  // the series of requests that ended like one before
    Api api = Api::other;
    int status = 0;
    std::string route, provider, tier;
    Counter* requests = nullptr;
    Counter* answered = nullptr;  // with `saved`: where there is a tier
    Sum* saved = nullptr;
    Histogram* duration = nullptr;
  };
  Ended& ended(const Record& record, std::string_view provider);
  Counter& cache_counter(std::string_view result);
  Shared& shared_;
  std::vector<Ended> ended_ = std::vector<Ended>(kRemembered);
  std::vector<std::pair<std::string, Counter*>> cache_results_;
  Histogram* overhead_ = nullptr;
  std::string line_memory_;
};

// With its line break, in `memory`, which may be used again and again.
std::string_view access_line(const Record& record, std::int64_t wall_ms, std::string& memory);

}  // namespace spillway
