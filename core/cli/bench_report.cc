#include "cli/bench_report.h"

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdio>

#include "cli/commands.h"

namespace spillway::bench {

namespace {

double ms(double ns) { return ns / 1e6; }
double ms(std::uint64_t ns) { return static_cast<double>(ns) / 1e6; }
double seconds(std::uint64_t ns) { return static_cast<double>(ns) / 1e9; }

[[gnu::format(printf, 2, 3)]] void print(std::string& out, const char* format, ...) {
  std::array<char, 1024> room;
  va_list values;
  va_start(values, format);
  // NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): va_start() is the line above
  const int n = std::vsnprintf(room.data(), room.size(), format, values);
  va_end(values);
  out.append(room.data(), std::min(static_cast<std::size_t>(n), room.size() - 1));
}

unsigned long long ull(std::uint64_t n) { return n; }

std::string plan_line(const Plan& plan) {
  std::string out;
  if (plan.rate > 0) {
    print(out, "open loop at %g requests/s, latency from the intended start, at most %u connections", plan.rate,
          plan.connections);
  } else {
    print(out, "closed loop, %u connections", plan.connections);
  }
  print(out, ", %u thread%s, ", plan.threads, plan.threads == 1 ? "" : "s");
  if (plan.requests != 0) {
    print(out, "%llu requests", ull(plan.requests));
  } else {
    print(out, "%g s", seconds(plan.duration_ns));
  }
  print(out, " after %g s of warm-up, body %zu bytes", seconds(plan.warm_up_ns), plan.body_bytes);
  return out;
}

struct Row {
  const char* name;
  const Histogram& durations;
};

std::vector<Row> rows_of(const Tally& tally) {
  std::vector<Row> rows;
  if (tally.latency.count() != 0) rows.push_back({"latency", tally.latency});
  if (tally.first_content.count() != 0) rows.push_back({"first content", tally.first_content});
  if (tally.gaps.count() != 0) rows.push_back({"event gap", tally.gaps});
  rows.push_back({"connect", tally.connects});
  return rows;
}

void print_row(std::string& out, const Row& row, bool markdown) {
  const Histogram& h = row.durations;
  print(out, markdown ? "| %s, ms" : "  %-14s", row.name);
  for (const double percent : {50.0, 90.0, 99.0, 99.9}) {
    print(out, markdown ? " | %.3f" : " %9.3f", ms(h.percentile_ns(percent)));
  }
  print(out, markdown ? " | %.3f | %.3f |\n" : " %9.3f %9.3f\n", ms(h.max_ns()), ms(h.mean_ns()));
}

// "status 429: 12, reset: 3", or empty.
std::string failures_of(const Tally& tally) {
  std::string out;
  const auto one = [&](const std::string& name, std::uint64_t times) {
    if (times != 0) out += (out.empty() ? "" : ", ") + name + ": " + std::to_string(times);
  };
  for (std::size_t i = 1; i < kEndings; ++i) {
    const auto ending = static_cast<Ending>(i);
    if (ending != Ending::status) one(std::string(to_string(ending)), tally.endings[i]);
    if (ending != Ending::status) continue;
    for (std::size_t code = 0; code < Tally::kStatuses; ++code) {
      one("status " + std::to_string(code), tally.statuses[code]);
    }
  }
  std::replace(out.begin(), out.end(), '_', ' ');
  return out;
}

// The sentence above each table, the same in both forms.
std::string counts_of(const Tally& tally) {
  std::string out;
  print(out, "%llu ok, %llu failed, %.1f requests/s over %.2f s, %.2f MB/s in, %llu connections made", ull(tally.ok()),
        ull(tally.failed()), rate_of(tally), seconds(tally.window_ns),
        tally.window_ns == 0 ? 0 : static_cast<double>(tally.bytes_in) / 1e6 / seconds(tally.window_ns),
        ull(tally.connections));
  if (tally.events != 0) {
    print(out, ", %llu events, %.1f events/s", ull(tally.events),
          static_cast<double>(tally.events) / std::max(seconds(tally.window_ns), 1e-9));
  }
  return out;
}

void print_tally(std::string& out, const Target& target, const Tally& tally, bool markdown) {
  const std::string failures = failures_of(tally);
  if (markdown) {
    out += "\n**" + target.text + "**: " + counts_of(tally) + ".\n";
    if (!failures.empty()) out += "\nNot ok: " + failures + ".\n";
    out += "\n| | p50 | p90 | p99 | p99.9 | max | mean |\n|---|---:|---:|---:|---:|---:|---:|\n";
  } else {
    out += "\n" + target.text + "\n  " + counts_of(tally) + "\n";
    if (!failures.empty()) out += "  not ok: " + failures + "\n";
    print(out, "  %-14s %9s %9s %9s %9s %9s %9s\n", "ms", "p50", "p90", "p99", "p99.9", "max", "mean");
  }
  for (const Row& row : rows_of(tally)) print_row(out, row, markdown);
}

std::string people_report(const Report& report, bool markdown) {
  std::string out = (markdown ? "`spillway bench`: " : "") + plan_line(report.plan) + (markdown ? ".\n" : "\n");
  if (report.interrupted) out += markdown ? "\nInterrupted before its end.\n" : "interrupted before its end\n";
  print_tally(out, report.plan.target, report.target, markdown);
  if (report.direct) {
    print_tally(out, *report.plan.direct, *report.direct, markdown);
    const Added added = median(report.rounds);
    print(out, "\n%sdded latency, ms (median of %zu alternating rounds): p50 %+.3f, p90 %+.3f, p99 %+.3f, mean %+.3f\n",
          markdown ? "A" : "a", report.rounds.size(), added.p50, added.p90, added.p99, added.mean);
  }
  print(out, "%spercentiles are exact to %.1f %%, never too low\n", markdown ? "\n" : "", Histogram::kErrorBound * 100);
  return out;
}

double median_of(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

}  // namespace

Added difference(const Tally& target, const Tally& direct) {
  const auto at = [&](double percent) {
    return ms(target.latency.percentile_ns(percent)) - ms(direct.latency.percentile_ns(percent));
  };
  return {at(50), at(90), at(99), ms(target.latency.mean_ns()) - ms(direct.latency.mean_ns())};
}

Added median(std::vector<Added> rounds) {
  const auto of = [&](double Added::*figure) {
    std::vector<double> values;
    values.reserve(rounds.size());
    for (const Added& one : rounds) values.push_back(one.*figure);
    return median_of(std::move(values));
  };
  return {of(&Added::p50), of(&Added::p90), of(&Added::p99), of(&Added::mean)};
}

double rate_of(const Tally& tally) {
  return tally.window_ns == 0 ? 0 : static_cast<double>(tally.in_window) / seconds(tally.window_ns);
}

Outcome outcome_of(const Report& report) {
  if (report.target.ok() == 0 && report.target.failed() == 0) return {kExitFailed, "nothing was measured"};
  if (report.plan.fail_p99_ms) {
    if (report.target.failed() != 0) {
      return {kExitGate, "--fail-p99: " + std::to_string(report.target.failed()) + " requests failed"};
    }
    const double p99 = ms(report.target.latency.percentile_ns(99));
    std::string reason;
    print(reason, "--fail-p99: p99 is %.3f ms, above %g ms", p99, *report.plan.fail_p99_ms);
    if (p99 > *report.plan.fail_p99_ms) return {kExitGate, reason};
  }
  if (report.target.ok() == 0) return {kExitFailed, "no request was answered"};
  if (report.direct && report.direct->ok() == 0 && !report.interrupted)
    return {kExitFailed, "no direct request was answered"};
  return {kExitOk, {}};
}

std::string text_report(const Report& report) { return people_report(report, false); }
std::string markdown_report(const Report& report) { return people_report(report, true); }

}  // namespace spillway::bench
