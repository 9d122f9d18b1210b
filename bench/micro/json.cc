// What is done with a body: inspecting and splicing a request, judging an answer, the canonical form of a cache key.
#include <benchmark/benchmark.h>

#include "base/hash.h"
#include "json/scan.h"
#include "llm/facts.h"
#include "llm/stored.h"
#include "llm/usage.h"
#include "samples.h"

namespace spillway::micro {
namespace {

void sizes(benchmark::internal::Benchmark* one) {
  one->ArgName("bytes")->Arg(1000)->Arg(10'000)->Arg(100'000)->Arg(1'000'000);
}

void inspect_and_splice(benchmark::State& state) {
  const std::string body = chat_body(static_cast<std::size_t>(state.range(0)));
  JsonScanner scanner;
  Splice out;
  for (auto _ : state) {
    BadRequest why;
    const Result<Facts> facts = inspect(scanner, Api::chat, "application/json", body, body.capacity(), why);
    CHECK(static_cast<bool>(facts));
    splice(*facts, body, "another-model", false, out);
    benchmark::DoNotOptimize(out.bytes);
  }
  state.SetBytesProcessed(state.range(0) * state.iterations());
}
BENCHMARK(inspect_and_splice)->Apply(sizes);

void fingerprint(benchmark::State& state) {
  const std::string body = chat_body(static_cast<std::size_t>(state.range(0)), true);
  for (auto _ : state) {
    const Result<std::string> canonical = canonical_json(body, {"stream", "stream_options"});
    CHECK(static_cast<bool>(canonical));
    Sha256 sum;
    sum.add(*canonical);
    benchmark::DoNotOptimize(sum.finish());
  }
  state.SetBytesProcessed(state.range(0) * state.iterations());
}
BENCHMARK(fingerprint)->Apply(sizes);

void answer_read(benchmark::State& state) {
  const std::string text = answer_text();
  std::string body = text.substr(text.find("\r\n\r\n") + 4);
  body.reserve(body.size() + JsonScanner::kPadding);
  JsonScanner scanner;
  for (auto _ : state) {
    const Answer answer = read_answer(Api::chat, scanner, body, body.capacity());
    CHECK(answer.has_content);
    benchmark::DoNotOptimize(answer.usage.input);
  }
}
BENCHMARK(answer_read);

void stored_open(benchmark::State& state) {
  const std::string text = answer_text();
  const std::string blob = pack_stored(Api::chat, false, "up", "bench", text.substr(text.find("\r\n\r\n") + 4));
  for (auto _ : state) {
    const Result<StoredAnswer> stored = open_stored(Api::chat, blob, state.range(0) != 0, false);
    CHECK(static_cast<bool>(stored));
    benchmark::DoNotOptimize(stored->body.data());
  }
}
BENCHMARK(stored_open)->ArgName("as_stream")->Arg(0)->Arg(1);

}  // namespace
}  // namespace spillway::micro
