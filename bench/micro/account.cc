// What a request leaves behind: its line in the access log, its metrics; and the shared state that policies keep.
#include <benchmark/benchmark.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/metrics.h"
#include "proxy/account.h"
#include "proxy/generation.h"
#include "state/keyed.h"

namespace spillway::micro {
namespace {

void access_log_line(benchmark::State& state) {
  Endpoint endpoint;
  endpoint.provider = "openrouter";
  Target target;
  target.endpoint = &endpoint;
  Record record;
  record.request_id = "req_000123456789abcdef";
  record.client = "127.0.0.1";
  record.user_agent = "OpenAI/Python 1.99.0";
  record.method = "POST";
  record.path = "/v1/chat/completions";
  record.route = record.model_asked = "primary";
  record.api = Api::chat;
  record.status = 200;
  record.tried.push_back({&target, "qwen/qwen3-coder:free", "free", 200, Fault::none, 812, ""});
  record.notes.emplace_back("cache", "bypass");
  record.usage.input = 250;
  record.usage.output = 100;
  record.cost_usd = 0;
  record.ttft_us = 812'340;
  record.duration_us = 812'400;
  record.upstream_us = 812'300;
  record.finish = "stop";
  const SystemClock clock;
  std::string memory;
  for (auto _ : state) benchmark::DoNotOptimize(access_line(record, clock.wall_ms(), memory).data());
}
BENCHMARK(access_log_line);

void histogram_observe(benchmark::State& state) {
  Metrics metrics;
  Histogram& histogram = metrics.histogram("a_seconds", "About.", kDurationBounds);
  for (auto _ : state) histogram.observe(0.8124);
}
BENCHMARK(histogram_observe);

// As a route's handle is found again: by name and labels, under the lock.
void counter_look_up(benchmark::State& state) {
  Metrics metrics;
  for (auto _ : state) metrics.counter("a_total", "About.", labels({{"result", "hit"}})).add();
}
BENCHMARK(counter_look_up);

class NobodyWaits final : public Keyed::Waker {
  void wake(std::uint64_t) override {}
};

void keyed_hit(benchmark::State& state) {
  const SystemClock clock;
  NobodyWaits nobody;
  const std::unique_ptr<Keyed> keyed = Keyed::in_memory(clock, nobody, 64 << 20);
  std::vector<std::string> keys;
  for (int i = 0; i < state.range(0); ++i) {
    const Digest digest = sha256(std::to_string(i));
    keys.emplace_back(digest.begin(), digest.end());
    CHECK(keyed->put(keys.back(), std::string(500, 'x'), 3'600'000));
  }
  std::size_t at = 0;
  for (auto _ : state) {
    const Keyed::Got got = keyed->lead(keys[at], 0);
    CHECK(got.found == Keyed::Found::yes);
    if (++at == keys.size()) at = 0;
  }
}
BENCHMARK(keyed_hit)->ArgName("entries")->Arg(1)->Arg(10'000);

}  // namespace
}  // namespace spillway::micro
