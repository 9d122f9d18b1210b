// Runs every policy over the same days and prints what came of them as JSON: `./dev bench --policy` makes table and
// chart of it. Deterministic: the same arguments, the same bytes.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "bound.h"
#include "json/write.h"
#include "litellm_router.h"
#include "simulate.h"
#include "spillway.h"

namespace spillway::simulation {
namespace {

using Make = std::unique_ptr<Router> (*)(const World&, Simulation&);
struct Row {
  const char* name;
  Make make;
  Tally sum;
};

template <typename R, typename S>
std::unique_ptr<Router> made(const World& world, Simulation& simulation, S settings) {
  return std::make_unique<R>(world, simulation, settings);
}

std::vector<Row> rows() {
  return {
      {"free_first", [](const World& w, Simulation& s) { return made<Spillway>(w, s, SpillwaySettings{}); }, {}},
      {"free_first, stay",
       [](const World& w, Simulation& s) { return made<Spillway>(w, s, SpillwaySettings{true}); },
       {}},
      {"free_first, stay, queue_ms = 10000",
       [](const World& w, Simulation& s) {
         return made<Spillway>(w, s, SpillwaySettings{true, 10 * kSecond});
       },
       {}},
      {"LiteLLM, default cooldown",
       [](const World& w, Simulation& s) { return made<Litellm>(w, s, LitellmSettings{}); },
       {}},
      {"LiteLLM, allowed_fails = 2, cooldown_time = 120",
       [](const World& w, Simulation& s) {
         return made<Litellm>(w, s, LitellmSettings{2, true, 2, 120 * kSecond});
       },
       {}},
      {"priority order",
       [](const World& w, Simulation& s) -> std::unique_ptr<Router> { return std::make_unique<Naive>(w, s); },
       {}},
  };
}

void write(JsonWriter& json, Tally& tally) {
  json.member("requests", tally.requests).member("free", tally.free).member("paid", tally.paid);
  json.member("errors", tally.errors).member("avoidable_errors", tally.avoidable);
  json.member("attempts", tally.attempts).member("usd", tally.usd);
  static constexpr const char* kNames[kCauses] = {"none", "chance",          "busy", "outage",
                                                  "hang", "provider_outage", "quota"};
  json.key("free_attempts_lost").open('{');
  for (std::size_t i = 1; i < kCauses; ++i) json.member(std::string_view(kNames[i]), tally.lost[i]);
  json.close('}');
  json.member("wait_p50_ms", tally.wait(0.5)).member("wait_p99_ms", tally.wait(0.99));
}

struct Given {
  std::uint64_t seeds = 20, first = 1;
  double trouble = 1;
  bool failed_calls_count = true;
};

void run(const Given& given) {
  std::string out;
  JsonWriter json(out);
  std::vector<Row> all = rows();
  std::uint64_t most = 0, at_once = 0, diced = 0, errors = 0;
  double usd = 0;
  json.open('{').member("first_seed", given.first).member("seeds", given.seeds).member("trouble", given.trouble);
  json.member("failed_calls_count", given.failed_calls_count).key("days").open('[');
  for (std::uint64_t seed = given.first; seed < given.first + given.seeds; ++seed) {
    const World world = make_world({seed, given.trouble, given.failed_calls_count});
    const std::uint64_t possible = most_free(world, kPatience), now = most_free(world, 1);
    const std::uint64_t with_dice = most_free(world, kPatience, true);
    std::uint64_t hopeless = 0;
    double all_paid = 0;
    for (std::size_t i = 0; i < world.arrivals.size(); ++i) {
      hopeless += answerable(world, i) ? 0 : 1;
      all_paid += world.usd(i);
    }
    const double requests = static_cast<double>(world.arrivals.size());
    usd += all_paid * (requests - static_cast<double>(possible)) / requests;  // whichever it leaves to be paid
    diced += with_dice;
    most += possible;
    at_once += now;
    errors += hopeless;
    json.open('{').member("seed", seed).member("requests", std::uint64_t{world.arrivals.size()});
    json.member("free_most", possible).member("free_most_at_once", now);
    json.member("free_most_with_dice", with_dice).member("hopeless", hopeless);
    json.key("policies").open('{');
    for (Row& row : all) {
      Simulation simulation;
      Tally tally = row.make(world, simulation)->run();
      json.key(std::string_view(row.name)).open('{');
      write(json, tally);
      json.close('}');
      row.sum.add(tally);
    }
    json.close('}').close('}');
  }
  json.close(']').member("free_most", most).member("free_most_at_once", at_once);
  json.member("free_most_with_dice", diced).member("hopeless", errors).member("usd_least", usd);
  json.key("policies").open('[');
  for (Row& row : all) {
    json.open('{').member("name", row.name);
    write(json, row.sum);
    json.close('}');
  }
  json.close(']').close('}');
  std::printf("%s\n", out.c_str());
}

}  // namespace
}  // namespace spillway::simulation

int main(int argc, char** argv) {
  spillway::log_level(spillway::Level::error);
  spillway::simulation::Given given;
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    const char* value = i + 1 < argc ? argv[i + 1] : nullptr;
    char* end = nullptr;
    if (name == "--failed-calls-are-free") {
      given.failed_calls_count = false;
    } else if (name == "--seeds" && value != nullptr) {
      given.seeds = std::strtoull(argv[++i], &end, 10);
    } else if (name == "--seed" && value != nullptr) {
      given.first = std::strtoull(argv[++i], &end, 10);
    } else if (name == "--trouble" && value != nullptr) {
      given.trouble = std::strtod(argv[++i], &end);
    } else {
      end = argv[0];
    }
    if ((end != nullptr && *end != 0) || given.seeds == 0 || given.trouble <= 0) {
      std::fprintf(stderr, "usage: simulation [--seed FIRST] [--seeds N] [--trouble X] [--failed-calls-are-free]\n");
      return 2;
    }
  }
  spillway::simulation::run(given);
  return 0;
}
