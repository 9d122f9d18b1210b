// What `spillway bench` was asked for: the arguments as given, and the plan they make when they agree with each other.
// Pure but for the body's file. Thread: main.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "cli/bench_request.h"

namespace spillway::bench {

// As on the command line; what was not given is empty.
struct Options {
  std::string url;
  std::string direct;
  std::optional<std::uint64_t> connections, requests, threads, prompt_bytes;
  std::optional<double> rate, fail_p99_ms;
  std::string duration, warm_up, timeout;
  std::optional<std::string> model;
  std::string body, key_env, json;
  std::vector<std::string> headers;
  bool stream = false, insecure = false, markdown = false;
};

inline constexpr std::uint64_t kConnectionsMax = 100'000, kThreadsMax = 64, kConnectionsUsual = 64;
inline constexpr double kRateMax = 10e6;
inline constexpr std::uint64_t kSecondNs = 1'000'000'000, kDurationMaxNs = 24 * 3600 * kSecondNs;
inline constexpr unsigned kRounds = 5;  // with --direct: how often the targets take turns

struct Plan {
  Target target;
  std::optional<Target> direct;
  unsigned connections = 1, threads = 1;
  double rate = 0;                // per second; 0: closed loop
  std::uint64_t duration_ns = 0;  // per target; 0: until `requests` are done
  std::uint64_t requests = 0;     // per target, measured; 0: until the time is over
  std::uint64_t warm_up_ns = 0;
  std::uint64_t timeout_ms = 0;
  std::size_t body_bytes = 0;
  bool stream = false, insecure = false, markdown = false;
  std::optional<double> fail_p99_ms;
  std::string json;  // a path, "-" or empty
};

// "10s", "500ms", "2m" or "1h", with or without a fraction; a unit is needed.
Result<std::uint64_t> parse_duration(std::string_view text);

// `environment` is ::getenv, or a test's.
Result<Plan> make_plan(const Options& options, const char* (*environment)(const char* name));

}  // namespace spillway::bench
