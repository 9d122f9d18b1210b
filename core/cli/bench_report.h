// What a load run found, as text, Markdown or JSON, and what follows from it for the exit code. Pure. Thread: main.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "cli/bench_options.h"
#include "cli/bench_tally.h"

namespace spillway::bench {

// Milliseconds by which a target was slower than the direct one.
struct Added {
  double p50 = 0, p90 = 0, p99 = 0, mean = 0;
};

struct Report {
  const Plan& plan;
  Tally target;
  std::optional<Tally> direct;
  std::vector<Added> rounds;  // one for each pair of slices
  bool interrupted = false;
};

Added difference(const Tally& target, const Tally& direct);
Added median(std::vector<Added> rounds);  // each figure by itself; zeros when there are none

double rate_of(const Tally& tally);  // answered in the measured time, per second

struct Outcome {
  int exit_code;
  std::string reason;  // why it is not 0
};
// 1: nothing was answered. 3: --fail-p99 was given, and p99 is above it or any request failed; a failed request has no
// latency, so the p99 of the others alone would flatter. Failures without --fail-p99 are reported, no more.
Outcome outcome_of(const Report& report);

std::string text_report(const Report& report);
std::string markdown_report(const Report& report);
std::string json_report(const Report& report);

}  // namespace spillway::bench
