// One day of a small gateway's traffic and of the providers behind it, made from a seed before anything is routed: who
// asks when, and when each provider is down, busy or flaky. Every policy gets the same one. README.md has the figures.
//
// Time is in ms from the world's beginning, 06:00 UTC, so that the day has one midnight in it. Thread: one.
#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace spillway::simulation {

using Ms = std::int64_t;
inline constexpr Ms kSecond = 1000, kMinute = 60 * kSecond, kHour = 60 * kMinute, kDay = 24 * kHour;
inline constexpr Ms kBegins = 1'795'219'200'000 + 6 * kHour;  // of the Unix epoch: 2026-11-21T06:00Z
inline constexpr Ms kPatience = 120 * kSecond;                // T-2: until the first content must be there
inline Ms wall(Ms at) { return kBegins + at; }
inline Ms utc_day(Ms at) { return wall(at) / kDay; }

struct Settings {
  std::uint64_t seed = 1;
  double trouble = 1;              // how often outages, bursts and errors are, against README.md's figures
  bool failed_calls_count = true;  // against the free quota, O-5
};

enum class Kind : std::uint8_t { outage, hang, provider_outage, busy };
struct Trouble {
  Ms from = 0, until = 0;
  Kind kind = Kind::outage;
};

// What a provider allows, as it counts itself: so many in any 60 s, so many a day of UTC.
struct Quota {
  std::string name;
  int rpm = 0, rpd = 0;
};

struct Target {
  std::string provider, model;
  int tier = 0;
  double weight = 1;
  int quota = -1;  // index; -1: it costs money
  double error_share = 0, busy_share = 0;
  Ms first_byte_ms = 1000;  // median
  std::vector<Trouble> troubles;
  bool free() const { return quota >= 0; }
  const Trouble* trouble_at(Ms at) const;
  bool up_within(Ms from, Ms until) const;  // at any moment of [from, until)
};

struct Arrival {
  Ms at = 0;
  std::int64_t prompt_tokens = 0, answer_tokens = 0;
};

struct World {
  Settings settings;
  std::vector<Quota> quotas;
  std::vector<Target> targets;  // in the order of their tiers
  std::vector<Arrival> arrivals;
  double usd(std::size_t arrival) const;  // when it is paid
};
World make_world(const Settings& settings);

// Why an attempt failed, for the report; no policy sees it.
enum class Cause : std::uint8_t { none, chance, busy, outage, hang, provider_outage, quota };
inline constexpr std::size_t kCauses = 7;

// What a provider says to one attempt. status 0: nothing ever comes.
struct Answer {
  int status = 0;
  Ms head_ms = 0, end_ms = 0;  // from when it was sent
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  Cause cause = Cause::none;
  bool ok() const { return status == 200; }
};

// The providers during one run: they count what they are asked.
class Providers {
 public:
  explicit Providers(const World& world) : world_(world), counted_(world.quotas.size()) {}
  // Attempt `nth` of this arrival on this target: the same answer whoever asks, but for the quota.
  Answer ask(std::size_t arrival, std::size_t target, int nth, Ms now);
  // What GET /key tells of a quota: the day's count of a minute ago (O-4).
  std::string key_json(int quota, Ms now) const;

 private:
  Answer refuse(const Target& target, bool day, Ms wait) const;
  std::size_t since(int quota, Ms from, Ms until) const;
  const World& world_;
  std::vector<std::vector<Ms>> counted_;  // by quota, ascending
};

// A number in [0, 1) that belongs to these four alone.
double draw(std::uint64_t seed, std::uint64_t a, std::uint64_t b, std::uint64_t c);

}  // namespace spillway::simulation
