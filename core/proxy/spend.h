// What each route has spent on paid attempts today (UTC), kept in the store, so that a limit on it survives a restart.
//
// The worst an attempt may cost is reserved before it is sent and settled by what it did cost, so that requests at one
// time can't overshoot together. A step back of the clock re-opens no spent day (K1). Thread: any, one short lock;
// only routes with a spend limit come here.
#pragma once
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace spillway {

class Store;

class Spend {
 public:
  // With what is reserved.
  double today(std::string_view route, std::int64_t wall_ms, Store& store);
  // False: `worst` more would be above `most` (below 0: no limit); then nothing is reserved.
  bool reserve(std::string_view route, double worst, double most, std::int64_t wall_ms, Store& store);
  // The attempt ended and cost `usd` of the `worst` that was reserved; 0 when it was not sent.
  void settle(std::string_view route, double worst, double usd, std::int64_t wall_ms, Store& store);

 private:
  struct Day {
    std::int64_t day = 0;
    double spent = 0, reserved = 0;
  };
  Day& day_of(std::string_view route, std::int64_t wall_ms, Store& store);
  std::mutex lock_;
  std::unordered_map<std::string, Day> days_;
};

}  // namespace spillway
