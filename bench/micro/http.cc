// Bytes to messages and back: the readers, the list of fields, the writer.
#include <benchmark/benchmark.h>

#include "http/headers.h"
#include "http/reader.h"
#include "http/writer.h"
#include "samples.h"

namespace spillway::micro {
namespace {

template <typename Reader>
void read_whole(Reader& reader, std::string_view in) {
  std::size_t body = 0;
  for (bool over = false; !over;) {
    const Result<Step> step = reader.next(in);
    CHECK(static_cast<bool>(step));
    CHECK(*step != Step::more);
    if (*step == Step::body) body += reader.body().size();
    over = *step == Step::end;
  }
  benchmark::DoNotOptimize(body);
}

void request_parse(benchmark::State& state) {
  const std::string text = request_text(static_cast<std::size_t>(state.range(0)), chat_body(1000));
  RequestReader reader{ReadLimits{}};
  for (auto _ : state) read_whole(reader, text);
  state.SetBytesProcessed(static_cast<std::int64_t>(text.size()) * state.iterations());
}
BENCHMARK(request_parse)->ArgName("fields")->Arg(6)->Arg(20);

void response_parse(benchmark::State& state) {
  const std::string text = answer_text();
  ResponseReader reader{ReadLimits{}};
  for (auto _ : state) {
    reader.expect(false);
    read_whole(reader, text);
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(text.size()) * state.iterations());
}
BENCHMARK(response_parse);

// One chunk with one event, as a stream brings them.
void chunk_parse(benchmark::State& state) {
  const std::string head = stream_head(), chunk = chunk_of(event_text());
  ResponseReader reader{ReadLimits{}};
  reader.expect(false);
  std::string_view begun = head;
  while (!begun.empty()) CHECK(static_cast<bool>(reader.next(begun)));
  for (auto _ : state) {
    for (std::string_view in = chunk; !in.empty();) {
      const Result<Step> step = reader.next(in);
      CHECK(static_cast<bool>(step));
      benchmark::DoNotOptimize(reader.body().data());
    }
  }
}
BENCHMARK(chunk_parse);

// The fields a request is asked for: the first, one in the middle, one that is not there.
void header_find(benchmark::State& state) {
  const std::string text = request_text(20, chat_body(1000));
  RequestReader reader{ReadLimits{}};
  std::string_view in = text;
  CHECK(*reader.next(in) == Step::head);
  const Headers& headers = reader.head().headers;
  CHECK(headers.find("x-stainless-os") != nullptr);
  for (auto _ : state) {
    for (const std::string_view name : {"content-type", "x-stainless-os", "x-request-id"}) {
      benchmark::DoNotOptimize(headers.find(name));
    }
  }
  state.SetItemsProcessed(3 * state.iterations());
}
BENCHMARK(header_find);

// Much as a request to a provider has it: what the client sent, and four fields of ours.
void head_write(benchmark::State& state) {
  const std::string text = request_text(12, chat_body(1000));
  RequestReader reader{ReadLimits{}};
  std::string_view in = text;
  CHECK(*reader.next(in) == Step::head);
  const RequestHead& head = reader.head();
  std::string out;
  for (auto _ : state) {
    out.clear();
    HeadWriter writer(out);
    writer.request(head.method, "/v1", "api.example.com", "/chat/completions");
    for (const Header& field : head.headers) writer.foreign_field(field.name, field.value);
    writer.field("x-forwarded-proto", "http");
    writer.field_behind("via", {}, "1.1 spillway");
    writer.field("accept-encoding", "identity");
    writer.field("content-length", std::uint64_t{1000});
    writer.end();
    benchmark::DoNotOptimize(writer.text().data());
  }
}
BENCHMARK(head_write);

}  // namespace
}  // namespace spillway::micro
