// One event of a stream, by what is done with it: cut out, looked at, released.
#include <benchmark/benchmark.h>

#include "http/sse.h"
#include "llm/usage.h"
#include "proxy/relay.h"
#include "samples.h"

namespace spillway::micro {
namespace {

void sse_split(benchmark::State& state) {
  const std::string text = event_text();
  SseReader reader(1 << 20);
  SseEvent event;
  for (auto _ : state) {
    std::string_view in = text;
    const Result<bool> whole = reader.next(in, event);
    CHECK(whole && *whole);
    benchmark::DoNotOptimize(event.data.data());
  }
}
BENCHMARK(sse_split);

void sse_split_and_tap(benchmark::State& state) {
  const std::string text = event_text();
  SseReader reader(1 << 20);
  SseEvent event;
  JsonScanner scanner;
  StreamTap tap(scanner);
  for (auto _ : state) {
    std::string_view in = text;
    const Result<bool> whole = reader.next(in, event);
    CHECK(whole && *whole);
    CHECK(tap.see(event.data) == Event::content);
  }
}
BENCHMARK(sse_split_and_tap);

void relay_event(benchmark::State& state) {
  const std::string text = event_text();
  const Limits limits;
  JsonScanner scanner;
  Relay::Options options;
  options.api = Api::chat;
  Relay relay(limits, options, scanner);
  ResponseHead head;
  head.status = 200;
  head.framing = Framing::chunked;
  head.headers.add("content-type", "text/event-stream");
  relay.head(head);
  for (auto _ : state) {
    CHECK(relay.body(text) == Relay::State::relaying);
    benchmark::DoNotOptimize(relay.out().data());
    relay.taken();
  }
}
BENCHMARK(relay_event);

}  // namespace
}  // namespace spillway::micro
