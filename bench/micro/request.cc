// Whole requests and streams through a worker whose sockets are wires in memory: all of the product's own time, none of
// the kernel's. Beside the mean, the two halves of a request by their median and 99th percentile: from the client's
// bytes to the provider's, and from the provider's answer to the client's.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <vector>

#include "samples.h"
#include "stand.h"

namespace spillway::micro {
namespace {

// As many requests as one turn of a busy loop brings.
constexpr int kRequestsPerTurn = 64;

using Nanoseconds = std::vector<std::uint32_t>;

class Lap {
 public:
  void end(Nanoseconds& into) {
    const Clock::time_point now = Clock::now();
    if (into.size() < into.capacity()) into.push_back(static_cast<std::uint32_t>((now - last_).count()));
    last_ = Clock::now();
  }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point last_ = Clock::now();
};

void tell(benchmark::State& state, const std::string& name, Nanoseconds& all) {
  if (all.empty()) return;
  std::sort(all.begin(), all.end());
  state.counters[name + "_p50_ns"] = all[all.size() / 2];
  state.counters[name + "_p99_ns"] = all[all.size() * 99 / 100];
}

void whole_request(benchmark::State& state, Form form, bool cacheable) {
  Stand stand(form);
  Line line(stand);
  std::string request = request_text(13, chat_body(static_cast<std::size_t>(state.range(0)), cacheable));
  const std::string answer = answer_text();
  // A number in the prompt makes each request one that was never asked.
  const std::size_t number = request.find("The quick brown");
  Nanoseconds out, back;
  out.reserve(1 << 18);
  back.reserve(1 << 18);
  std::uint64_t count = 0;
  for (auto _ : state) {
    std::uint64_t rest = ++count;
    for (std::size_t i = 0; i < 9; ++i, rest /= 10) request[number + i] = static_cast<char>('0' + rest % 10);
    Lap lap;
    line.ask(request);
    lap.end(out);
    line.answer(answer);
    lap.end(back);
    if (count % kRequestsPerTurn == 0) stand.turn();
  }
  CHECK(line.client().first() == "HTTP/1.1 200");
  tell(state, "out", out);
  tell(state, "back", back);
}
BENCHMARK_CAPTURE(whole_request, plain, Form::plain, false)->ArgName("bytes")->Arg(1000)->Arg(10'000)->Arg(100'000);
BENCHMARK_CAPTURE(whole_request, chain, Form::chain, false)->ArgName("bytes")->Arg(1000)->Arg(10'000)->Arg(100'000);
BENCHMARK_CAPTURE(whole_request, chain_miss, Form::chain, true)->ArgName("bytes")->Arg(1000);

void request_from_cache(benchmark::State& state) {
  Stand stand(Form::chain);
  Line line(stand);
  const std::string request = request_text(13, chat_body(1000, true));
  line.ask(request);
  line.answer(answer_text());
  std::uint64_t count = 0;
  for (auto _ : state) {
    line.answer_from_store(request);
    if (++count % kRequestsPerTurn == 0) stand.turn();
  }
  CHECK(line.client().first() == "HTTP/1.1 200");
}
BENCHMARK(request_from_cache);

// One event in one chunk, from the provider's bytes to the client's.
void stream_event(benchmark::State& state, Form form) {
  Stand stand(form);
  Line line(stand);
  const std::string chunk = chunk_of(event_text());
  line.ask(request_text(13, chat_body(1000, false, true)));
  line.upstream().say(stream_head());
  line.answer(chunk);
  for (auto _ : state) line.answer(chunk);
  line.answer(stream_end());
  stand.turn();
}
BENCHMARK_CAPTURE(stream_event, plain, Form::plain);
BENCHMARK_CAPTURE(stream_event, chain, Form::chain);

}  // namespace
}  // namespace spillway::micro
