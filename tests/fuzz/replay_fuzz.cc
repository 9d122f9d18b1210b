// Stored answers: a cache entry as any bytes, and the change between the two forms of an answer. The first byte says
// the operation and what the client asks for.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "bytes.h"
#include "http/sse.h"
#include "json/scan.h"
#include "llm/replay.h"
#include "llm/stored.h"
#include "llm/usage.h"

namespace spillway {
namespace {

// What goes to a client as a stream must be one for every reader: events that end, each with JSON or [DONE].
void check_stream(std::string_view sse) {
  SseReader reader(sse.size() + 1);
  SseEvent event;
  std::string_view in = sse;
  std::string_view last;
  std::string held;
  while (true) {
    const Result<bool> got = reader.next(in, event);
    CHECK(static_cast<bool>(got));
    if (!*got) break;
    held = event.data;
    last = held;
    CHECK(last == "[DONE]" || parse_json(last));
  }
  CHECK(in.empty() && !reader.mid_event() && last == "[DONE]");
}

void check_forms(Api api, std::string_view text, bool with_usage) {
  if (const Result<std::string> body = stream_to_body(api, text)) {
    CHECK(static_cast<bool>(parse_json(*body)));
    if (const Result<std::string> stream = body_to_stream(api, *body, with_usage)) check_stream(*stream);
  }
  if (const Result<std::string> stream = body_to_stream(api, text, with_usage)) {
    check_stream(*stream);
    // What came of a whole answer is one again, and says the same in the same form from then on.
    if (const Result<std::string> body = stream_to_body(api, *stream)) {
      const Result<std::string> once = body_to_stream(api, *body, with_usage);
      CHECK(static_cast<bool>(once));
      const Result<std::string> settled = stream_to_body(api, *once);
      CHECK(static_cast<bool>(settled));
    }
  }
  const std::string without = without_usage_chunk(text);
  CHECK(without.size() <= text.size());
  CHECK(without_usage_chunk(without) == without);
}

void check_entry(Api api, std::string_view blob, bool stream, bool with_usage) {
  const Result<StoredAnswer> opened = open_stored(api, blob, stream, with_usage);
  if (!opened) return;
  CHECK(opened->body.size() <= blob.size() * 64 + 4096);
}

void check_kept(Api api, std::string_view text, bool streamed) {
  const std::string blob = pack_stored(api, streamed, "provider \"x\"\n", "mo\\del", text);
  const Result<StoredAnswer> back = open_stored(api, blob, streamed, true);
  CHECK(back && back->body == text);
  CHECK(back->provider == "provider \"x\"\n" && back->model == "mo\\del");
}

}  // namespace
}  // namespace spillway

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace spillway;
  Bytes input(data, size);
  const std::uint8_t asked = input.byte();
  constexpr Api kApis[] = {Api::chat, Api::completions, Api::embeddings, Api::other};
  const Api api = kApis[asked & 3];
  const bool stream = asked & 4, with_usage = asked & 8;
  const std::string_view text = input.rest();
  check_forms(api, text, with_usage);
  check_entry(api, text, stream, with_usage);
  check_kept(api, text, stream);
  return 0;
}
