// The report as JSON: one object, figures with their units in the names, absent matters null.
#include "cli/bench_report.h"
#include "json/write.h"

namespace spillway::bench {

namespace {

double ms(double ns) { return ns / 1e6; }
double seconds(std::uint64_t ns) { return static_cast<double>(ns) / 1e9; }

void write_durations(JsonWriter& json, const char* name, const Histogram& durations) {
  json.key(name);
  if (durations.count() == 0) {
    json.null();
    return;
  }
  const auto at = [&](double percent) { return ms(static_cast<double>(durations.percentile_ns(percent))); };
  json.open('{').member("count", durations.count()).member("mean", ms(durations.mean_ns()));
  json.member("min", ms(static_cast<double>(durations.min_ns())));
  json.member("p50", at(50)).member("p90", at(90)).member("p99", at(99)).member("p99_9", at(99.9));
  json.member("max", ms(static_cast<double>(durations.max_ns()))).close('}');
}

void write_errors(JsonWriter& json, const Tally& tally) {
  json.key("errors").open('{');
  for (std::size_t i = 1; i < kEndings; ++i) {
    const auto ending = static_cast<Ending>(i);
    if (ending != Ending::status && ending != Ending::unfinished) json.member(to_string(ending), tally.endings[i]);
  }
  json.key("status").open('{');
  for (std::size_t code = 0; code < Tally::kStatuses; ++code) {
    if (tally.statuses[code] != 0) json.member(std::to_string(code), tally.statuses[code]);
  }
  json.close('}').close('}');
}

void write_tally(JsonWriter& json, const char* name, const Target& target, const Tally& tally) {
  json.key(name).open('{').member("url", std::string_view(target.text));
  json.member("ok", tally.ok()).member("failed", tally.failed());
  json.member("unfinished", tally.count(Ending::unfinished));
  json.member("measured_s", seconds(tally.window_ns)).member("requests_per_s", rate_of(tally));
  json.member("bytes_in", tally.bytes_in).member("connections", tally.connections);
  json.member("events", tally.events);
  json.member("events_per_s",
              tally.window_ns == 0 ? 0.0 : static_cast<double>(tally.events) / seconds(tally.window_ns));
  write_errors(json, tally);
  write_durations(json, "latency_ms", tally.latency);
  write_durations(json, "first_content_ms", tally.first_content);
  write_durations(json, "event_gap_ms", tally.gaps);
  write_durations(json, "connect_ms", tally.connects);
  json.close('}');
}

void write_plan(JsonWriter& json, const Plan& plan) {
  json.key("plan").open('{').member("loop", plan.rate > 0 ? "open" : "closed");
  json.key("rate_per_s");
  plan.rate > 0 ? json.value(plan.rate) : json.null();
  json.member("connections", plan.connections).member("threads", plan.threads);
  json.key("duration_s");
  plan.requests == 0 ? json.value(seconds(plan.duration_ns)) : json.null();
  json.key("requests");
  plan.requests != 0 ? json.value(plan.requests) : json.null();
  json.member("warm_up_s", seconds(plan.warm_up_ns)).member("timeout_ms", plan.timeout_ms);
  json.member("body_bytes", static_cast<std::uint64_t>(plan.body_bytes)).member("stream", plan.stream);
  json.close('}');
}

}  // namespace

std::string json_report(const Report& report) {
  std::string out;
  JsonWriter json(out);
  json.open('{').member("tool", "spillway bench").member("version", SPW_VERSION);
  write_plan(json, report.plan);
  json.member("interrupted", report.interrupted).member("percentile_error_max", Histogram::kErrorBound);
  write_tally(json, "target", report.plan.target, report.target);
  if (report.direct) {
    write_tally(json, "direct", *report.plan.direct, *report.direct);
    const Added added = median(report.rounds);
    json.key("added_ms").open('{').member("rounds", static_cast<std::uint64_t>(report.rounds.size()));
    json.member("p50", added.p50).member("p90", added.p90).member("p99", added.p99).member("mean", added.mean);
    json.close('}');
  }
  const Outcome outcome = outcome_of(report);
  json.key("fail_p99_ms");
  report.plan.fail_p99_ms ? json.value(*report.plan.fail_p99_ms) : json.null();
  json.member("exit_code", outcome.exit_code).close('}');
  out += '\n';
  return out;
}

}  // namespace spillway::bench
