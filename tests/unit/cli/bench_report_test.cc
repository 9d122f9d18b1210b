// What the reports say of known tallies, and which exit code follows.
#include "cli/bench_report.h"

#include <gtest/gtest.h>

#include "cli/commands.h"
#include "json/scan.h"

namespace spillway::bench {
namespace {

Plan plan_of(Options options = {}) {
  options.url = "http://127.0.0.1:9000";
  Result<Plan> plan = make_plan(
      options, +[](const char*) -> const char* { return "sk-hidden"; });
  EXPECT_TRUE(plan);
  return std::move(*plan);
}

Tally answered(std::uint64_t count, std::uint64_t ns) {
  Tally tally;
  for (std::uint64_t i = 0; i < count; ++i) {
    tally.end(Ending::ok);
    tally.latency.record(ns);
  }
  tally.in_window = count;
  tally.window_ns = 2 * kSecondNs;
  return tally;
}

TEST(BenchReport, failures_gate_only_when_asked) {
  Options options;
  const Plan plain = plan_of(options);
  options.fail_p99_ms = 5;
  const Plan gated = plan_of(options);
  Tally failed = answered(100, 1'000'000);
  failed.end(Ending::reset);
  EXPECT_EQ(outcome_of({plain, answered(100, 9'000'000), {}, {}}).exit_code, kExitOk);
  EXPECT_EQ(outcome_of({plain, failed, {}, {}}).exit_code, kExitOk);
  EXPECT_EQ(outcome_of({plain, Tally{}, {}, {}}).exit_code, kExitFailed);
  EXPECT_EQ(outcome_of({gated, answered(100, 4'900'000), {}, {}}).exit_code, kExitOk);
  EXPECT_EQ(outcome_of({gated, answered(100, 9'000'000), {}, {}}).exit_code, kExitGate);
  EXPECT_EQ(outcome_of({gated, failed, {}, {}}).exit_code, kExitGate);
  EXPECT_EQ(outcome_of({gated, Tally{}, {}, {}}).exit_code, kExitFailed);
  Tally only_failures;
  only_failures.end(Ending::timeout);
  EXPECT_EQ(outcome_of({plain, only_failures, {}, {}}).exit_code, kExitFailed);
  EXPECT_EQ(outcome_of({gated, only_failures, {}, {}}).exit_code, kExitGate);
}

TEST(BenchReport, added_latency_is_the_median_of_the_rounds) {
  const Added one = difference(answered(10, 3'000'000), answered(10, 1'000'000));
  EXPECT_NEAR(one.p50, 2, 0.02);
  EXPECT_NEAR(one.mean, 2, 1e-9);
  const Added middle = median({{1, 0, 5, 0}, {100, 0, 4, 0}, {2, 0, 3, 0}});
  EXPECT_EQ(middle.p50, 2);
  EXPECT_EQ(middle.p99, 4);
  EXPECT_EQ(median({{1, 0, 0, 0}, {2, 0, 0, 0}}).p50, 1.5);
  EXPECT_EQ(median({}).p50, 0);
}

TEST(BenchReport, json_has_every_figure_by_name) {
  Options options;
  options.rate = 50;
  options.direct = "http://127.0.0.1:9001";
  options.key_env = "K";
  const Plan plan = plan_of(options);
  Tally target = answered(100, 2'000'000);
  target.end(Ending::status, 429);
  target.end(Ending::connect);
  target.end(Ending::unfinished);
  const Tally direct = answered(90, 1'000'000);
  const Report report{plan, target, direct, {difference(target, direct)}, true};
  const std::string text = json_report(report);
  const Result<JsonValue> root = parse_json(text);
  ASSERT_TRUE(root) << root.error().detail;
  EXPECT_EQ((*root)["plan"]["loop"].string(), "open");
  EXPECT_EQ((*root)["plan"]["rate_per_s"].number(0), 50);
  EXPECT_TRUE((*root)["interrupted"].boolean(false));
  const JsonValue& one = (*root)["target"];
  EXPECT_EQ(one["ok"].integer(0), 100);
  EXPECT_EQ(one["failed"].integer(0), 2);
  EXPECT_EQ(one["unfinished"].integer(0), 1);
  EXPECT_EQ(one["requests_per_s"].number(0), 50);
  EXPECT_EQ(one["errors"]["status"]["429"].integer(0), 1);
  EXPECT_EQ(one["errors"]["connect"].integer(0), 1);
  EXPECT_EQ(one["errors"]["reset"].integer(-1), 0);
  EXPECT_NEAR(one["latency_ms"]["p99_9"].number(0), 2, 0.01);
  EXPECT_TRUE(one.has("event_gap_ms") && one["event_gap_ms"].is(JsonType::null));
  EXPECT_EQ((*root)["direct"]["ok"].integer(0), 90);
  EXPECT_NEAR((*root)["added_ms"]["p50"].number(0), 1, 0.01);
  EXPECT_EQ((*root)["exit_code"].integer(-1), 0);
  for (const std::string& all : {text, text_report(report), markdown_report(report)}) {
    EXPECT_EQ(all.find("sk-hidden"), std::string::npos);
  }
}

TEST(BenchReport, text_and_markdown_say_the_same) {
  const Plan plan = plan_of();
  Tally tally = answered(1000, 1'500'000);
  tally.end(Ending::status, 503);
  tally.end(Ending::broken_stream);
  const Report report{plan, tally, {}, {}, true};
  const std::string text = text_report(report), markdown = markdown_report(report);
  for (const char* part : {"1000 ok, 2 failed, 500.0 requests/s", "status 503: 1", "broken stream: 1", "1.500"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
    EXPECT_NE(markdown.find(part), std::string::npos) << part << "\n" << markdown;
  }
  EXPECT_NE(text.find("interrupted"), std::string::npos);
  EXPECT_NE(markdown.find("| latency, ms | 1.5"), std::string::npos) << markdown;
  EXPECT_EQ(text.find("first content"), std::string::npos) << "no streams, no such row";
}

}  // namespace
}  // namespace spillway::bench
