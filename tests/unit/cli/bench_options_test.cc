// Options that make sense become a plan; those that contradict each other or are impossible are refused by name.
#include "cli/bench_options.h"

#include <gtest/gtest.h>

#include <functional>
#include <string_view>

namespace spillway::bench {
namespace {

const char* no_environment(const char*) { return nullptr; }
const char* one_key(const char* name) {
  if (std::string_view(name) == "BENCH_KEY") return "sk-secret-1";
  return std::string_view(name) == "BROKEN_KEY" ? "sk\r\nx: y" : nullptr;
}

Options usual() {
  Options options;
  options.url = "http://127.0.0.1:9000/v1";
  return options;
}

std::string refusal(const Options& options) {
  const Result<Plan> plan = make_plan(options, one_key);
  return plan ? "" : plan.error().detail;
}

TEST(BenchOptions, durations_need_a_unit) {
  EXPECT_EQ(*parse_duration("10s"), 10 * kSecondNs);
  EXPECT_EQ(*parse_duration("500ms"), kSecondNs / 2);
  EXPECT_EQ(*parse_duration("1.5m"), 90 * kSecondNs);
  EXPECT_EQ(*parse_duration("1h"), 3600 * kSecondNs);
  EXPECT_EQ(*parse_duration("0s"), 0u);
  for (const char* bad : {"", "10", "s", "-1s", "1 s", "1d", "10sec", "nan", "1e99s", "25h", "0x1s"}) {
    EXPECT_FALSE(parse_duration(bad)) << bad;
  }
}

TEST(BenchOptions, defaults_are_a_closed_loop_of_ten_seconds) {
  const Result<Plan> plan = make_plan(usual(), no_environment);
  ASSERT_TRUE(plan) << plan.error().detail;
  EXPECT_EQ(plan->rate, 0);
  EXPECT_EQ(plan->connections, 64u);
  EXPECT_EQ(plan->threads, 1u);
  EXPECT_EQ(plan->duration_ns, 10 * kSecondNs);
  EXPECT_EQ(plan->warm_up_ns, kSecondNs);
  EXPECT_EQ(plan->timeout_ms, 30'000u);
  EXPECT_EQ(plan->target.text, "http://127.0.0.1:9000/v1/chat/completions");
}

TEST(BenchOptions, a_count_has_no_duration_and_no_warm_up_unasked) {
  Options options = usual();
  options.requests = 100;
  const Result<Plan> plan = make_plan(options, no_environment);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->duration_ns, 0u);
  EXPECT_EQ(plan->requests, 100u);
  EXPECT_EQ(plan->warm_up_ns, 0u);
}

TEST(BenchOptions, the_key_is_sent_and_never_told) {
  Options options = usual();
  options.key_env = "BENCH_KEY";
  const Result<Plan> plan = make_plan(options, one_key);
  ASSERT_TRUE(plan);
  EXPECT_NE(plan->target.request.find("\r\nauthorization: Bearer sk-secret-1\r\n"), std::string::npos);
  options.key_env = "BROKEN_KEY";
  EXPECT_NE(refusal(options), "");
  EXPECT_EQ(refusal(options).find("sk"), std::string::npos);
  options.key_env = "UNSET_KEY";
  EXPECT_NE(refusal(options).find("UNSET_KEY is not set"), std::string::npos);
}

TEST(BenchOptions, contradictions_and_impossible_values_are_refused_by_name) {
  struct Bad {
    const char* says;
    std::function<void(Options&)> make;
  };
  const std::vector<Bad> all = {
      {"--duration and --requests", [](Options& o) { o.duration = "1s", o.requests = 5; }},
      {"--model", [](Options& o) { o.body = "/dev/null", o.model = "m"; }},
      {"--prompt-bytes", [](Options& o) { o.body = "/dev/null", o.prompt_bytes = 5; }},
      {"--markdown and --json", [](Options& o) { o.markdown = true, o.json = "-"; }},
      {"--key-env and --header", [](Options& o) { o.key_env = "BENCH_KEY", o.headers = {"Authorization: x"}; }},
      {"--insecure", [](Options& o) { o.insecure = true; }},
      {"--connections", [](Options& o) { o.connections = 0; }},
      {"--connections", [](Options& o) { o.connections = kConnectionsMax + 1; }},
      {"--threads", [](Options& o) { o.threads = 65; }},
      {"--threads 5 needs", [](Options& o) { o.threads = 5, o.connections = 4; }},
      {"--requests", [](Options& o) { o.requests = 0; }},
      {"--rate", [](Options& o) { o.rate = 0; }},
      {"--rate", [](Options& o) { o.rate = -5; }},
      {"--rate", [](Options& o) { o.rate = 1e9; }},
      {"--fail-p99", [](Options& o) { o.fail_p99_ms = 0; }},
      {"--duration", [](Options& o) { o.duration = "1ms"; }},
      {"--duration \"10\"", [](Options& o) { o.duration = "10"; }},
      {"--warm-up", [](Options& o) { o.warm_up = "soon"; }},
      {"--timeout", [](Options& o) { o.timeout = "1ms"; }},
      {"--body /nowhere/at/all", [](Options& o) { o.body = "/nowhere/at/all"; }},
      {"--header", [](Options& o) { o.headers = {"no colon"}; }},
      {"--header Content-Length", [](Options& o) { o.headers = {"Content-Length: 5"}; }},
      {"--direct", [](Options& o) { o.direct = "ftp://x"; }},
      {"--direct is the same", [](Options& o) { o.direct = "http://127.0.0.1:9000"; }},
      {"--direct needs", [](Options& o) { o.direct = "http://127.0.0.1:9001", o.requests = 4; }},
      {"http://", [](Options& o) { o.url = "127.0.0.1:9000"; }},
      {"port 0", [](Options& o) { o.url = "http://127.0.0.1:0/"; }},
      {"user", [](Options& o) { o.url = "http://me:hidden@127.0.0.1/"; }},
  };
  for (const Bad& bad : all) {
    Options options = usual();
    bad.make(options);
    EXPECT_NE(refusal(options).find(bad.says), std::string::npos) << bad.says << ": " << refusal(options);
    EXPECT_EQ(refusal(options).find("hidden"), std::string::npos);
  }
}

TEST(BenchOptions, insecure_is_fine_when_either_url_is_https) {
  Options options = usual();
  options.insecure = true;
  options.direct = "https://127.0.0.1:9443";
  EXPECT_EQ(refusal(options), "");
}

}  // namespace
}  // namespace spillway::bench
