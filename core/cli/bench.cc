// spillway bench: makes a plan of the arguments, runs its slices, writes the reports. See bench_help() for the exit
// codes.
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>

#include "cli/bench_report.h"
#include "cli/bench_session.h"
#include "cli/commands.h"

namespace spillway {

namespace {

using bench::Plan;
using bench::Report;
using bench::Session;
using bench::Tally;

const char* environment(const char* name) { return std::getenv(name); }

int complain(const std::string& what, int exit_code) {
  std::fprintf(stderr, "spillway bench: %s\n", what.c_str());
  return exit_code;
}

// Raises the soft limit of descriptors as far as needed and allowed. Empty, or why the plan cannot be carried out.
std::string make_room(const Plan& plan) {
  constexpr rlim_t kSpare = 64;  // loops, timers, files
  const rlim_t needed = plan.connections + kSpare * plan.threads;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= needed) return {};
  const rlim_t hard = limit.rlim_max;
  limit.rlim_cur = std::min(needed, hard);
  if (needed <= hard && ::setrlimit(RLIMIT_NOFILE, &limit) == 0) return {};
  return "--connections " + std::to_string(plan.connections) + " needs " + std::to_string(needed) +
         " file descriptors, and this process may have " + std::to_string(hard) + " (ulimit -n)";
}

// A, B, B, A, A, B ...: what drifts in the machine meets both alike.
std::optional<Error> run_rounds(Session& session, const Plan& plan, Report& report) {
  const unsigned rounds = plan.direct ? bench::kRounds : 1;
  for (unsigned round = 0; round < rounds && !session.interrupted(); ++round) {
    std::optional<Tally> target, direct;
    const bool direct_first = round % 2 == 1;
    for (const bool second : {false, true}) {
      const bool is_direct = second != direct_first;
      if ((is_direct && !plan.direct) || session.interrupted()) continue;
      Result<Tally> one = session.run(is_direct ? *plan.direct : plan.target, round, rounds);
      if (!one) return one.error();
      (is_direct ? direct : target) = std::move(*one);
    }
    if (target) report.target.add_slice(*target);
    if (direct) report.direct->add_slice(*direct);
    const bool pair = target && direct && target->ok() != 0 && direct->ok() != 0;
    if (pair) report.rounds.push_back(difference(*target, *direct));
  }
  return std::nullopt;
}

// The file is opened before the run: a path that cannot be written should not cost a minute of load.
struct JsonFile {
  std::FILE* file = nullptr;
  ~JsonFile() {
    if (file != nullptr && file != stdout) std::fclose(file);
  }
  bool open(const std::string& path) {
    if (!path.empty()) file = path == "-" ? stdout : std::fopen(path.c_str(), "wb");
    return path.empty() || file != nullptr;
  }
  bool write(const std::string& text) const {
    return file == nullptr || (std::fwrite(text.data(), 1, text.size(), file) == text.size() && std::fflush(file) == 0);
  }
};

}  // namespace

std::string bench_help() {
  return "POSTs one chat completion again and again. A URL without a path means /v1/chat/completions, one that ends "
         "in\n"
         "/v1 goes on with /chat/completions. The default model, \"ok\", is a model of `spillway mock`.\n"
         "\n"
         "Closed loop (default): each connection sends its next request when the answer has come. Open loop (--rate):\n"
         "requests start at fixed times whatever the answers do, and latency counts from the intended start; what "
         "finds\n"
         "no free connection waits with its clock running. Latencies are those of answers that ended well; "
         "percentiles\n"
         "are never too low and at most 0.4 % too high. Status 3xx and above, connections that end early, time-outs "
         "and\n"
         "streams that break or tell of an error are failures, counted by class. Nothing is retried.\n"
         "\n"
         "With --direct the two URLs take turns in 5 rounds; times and requests are per URL. The credential and the\n"
         "fields go to both. SIGINT ends early and reports what was measured.\n"
         "\n"
         "Exit codes: 0 measured (failures are in the report), 1 not reachable, nothing answered, or a report could "
         "not\n"
         "be written, 2 usage, 3 --fail-p99 was given and p99 is above it or any request failed.\n";
}

int bench_command(const bench::Options& options) {
  const Result<Plan> made = make_plan(options, environment);
  if (!made) return complain(made.error().detail, kExitUsage);
  const Plan& plan = *made;
  if (const std::string full = make_room(plan); !full.empty()) return complain(full, kExitUsage);
  JsonFile json;
  if (!json.open(plan.json)) return complain("--json " + plan.json + ": " + std::strerror(errno), kExitUsage);
  Report report{plan, {}, {}, {}, false};
  if (plan.direct) report.direct.emplace();
  {
    Session session(plan, ::isatty(STDERR_FILENO) != 0);
    const std::optional<Error> failed = run_rounds(session, plan, report);
    report.interrupted = session.interrupted();
    if (failed && !report.interrupted) return complain(failed->detail, kExitFailed);
  }
  const bench::Outcome outcome = outcome_of(report);
  if (plan.json != "-") {
    const std::string text = plan.markdown ? markdown_report(report) : text_report(report);
    std::fputs(text.c_str(), stdout);
    std::fflush(stdout);
  }
  if (!json.write(json_report(report))) return complain("--json " + plan.json + ": cannot write", kExitFailed);
  return outcome.exit_code == kExitOk ? kExitOk : complain(outcome.reason, outcome.exit_code);
}

}  // namespace spillway
