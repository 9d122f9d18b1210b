// The codecs: any bytes as a request, an answer or a stream of each wire, and from there into each other wire. The
// first byte says the wire it comes in, the second the one it goes to and what is done, the third where it is cut.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "bytes.h"
#include "llm/fit.h"
#include "llm/gemini_array.h"
#include "llm/repair.h"
#include "llm/translation.h"

namespace spillway::llm {
namespace {

void check_json(JsonScanner& scanner, const std::string& text) {
  CHECK(static_cast<bool>(scanner.validate(text, text.size(), JsonScanner::Halves::pass)));
}

void check_request(Wire from, Wire to, std::uint8_t flags, std::string_view text) {
  JsonScanner scanner;
  Refusal why;
  Result<ChatRequest> request = read_request(from, scanner, text, text.size(), why);
  if (!request) {
    CHECK(!why.message.empty());
    return;
  }
  if (codec_of(to).write_request == nullptr) return;
  Target target;
  target.wire = to;
  target.drop_params = flags & 1;
  target.alternates = flags & 2;
  target.same_route = flags & 4;
  target.tool_ids = static_cast<ToolIds>((flags >> 3) % 3);
  target.spelling.manual_thinking = flags & 32;
  if (flags & 64) target.spelling.anthropic_version = "2026-10-21";
  Fitted fitted;
  if (!fit(*request, target, scanner, fitted, why)) {
    CHECK(!why.message.empty());
    return;
  }
  check_json(scanner, write_request(to, *request, target.spelling));
}

void check_answer(Wire from, Wire to, std::string_view text) {
  JsonScanner scanner;
  const Result<ChatAnswer> answer = read_answer(from, scanner, text, text.size());
  if (!answer || codec_of(to).write_answer == nullptr) return;
  Asked asked;
  asked.fallback_id = "f";
  check_json(scanner, write_answer(to, *answer, asked));
}

// What goes to a client is framed, each event is JSON, and how the bytes came does not matter.
std::string translate(Wire from, Wire to, std::string_view text, std::size_t cut) {
  JsonScanner scanner;
  Asked asked;
  asked.fallback_id = "f";
  asked.include_usage = true;
  Translation translation(from, to, asked, scanner, 1 << 16);
  translation.feed(text.substr(0, cut));
  translation.feed(text.substr(cut));
  if (translation.finish() == Translation::State::failed) translation.fail({Case::broken_stream, "cut", {}, {}, {}});
  return translation.out();
}

std::string as_array(std::string_view events, std::size_t cut) {
  GeminiArray array(events.size() + 1);
  const std::string first = array.framed(events.substr(0, cut), false);
  return first + array.framed(events.substr(cut), true);
}

// Gemini's other form of a stream: how the events came does not matter, and of sound ones it is one JSON array.
void check_array(std::string_view events, std::size_t cut, bool sound) {
  const std::string whole = as_array(events, events.size());
  CHECK(as_array(events, cut) == whole);
  CHECK(whole.starts_with('[') && whole.ends_with("]\r\n"));
  JsonScanner scanner;
  if (sound) check_json(scanner, whole);
}

void check_stream(Wire from, Wire to, std::string_view text, std::size_t cut) {
  if (codec_of(from).reader == nullptr || codec_of(to).writer == nullptr) return;
  const std::string whole = translate(from, to, text, text.size());
  CHECK(translate(from, to, text, cut) == whole);
  JsonScanner scanner;
  if (to == Wire::ollama) {
    for (std::string_view rest = whole; !rest.empty();) {
      const std::size_t end = rest.find('\n');
      CHECK(end != rest.npos);
      check_json(scanner, std::string(rest.substr(0, end)));
      rest.remove_prefix(end + 1);
    }
    return;
  }
  SseReader reader(whole.size() + 1);
  SseEvent event;
  std::string_view in = whole;
  while (true) {
    const Result<bool> got = reader.next(in, event);
    CHECK(static_cast<bool>(got));
    if (!*got) break;
    if (event.data != "[DONE]") check_json(scanner, std::string(event.data));
  }
  CHECK(!reader.mid_event());
  if (to != Wire::gemini) return;
  check_array(whole, std::min(cut, whole.size()), true);
  check_array(text, cut, false);
}

struct Mended {
  std::string out;
  bool ended = false;
  StreamRepair::State state = StreamRepair::State::passing;
};

Mended mend(std::string_view text, bool asked) {
  JsonScanner scanner;
  StreamRepair repair(scanner, {asked, "own", "m", 5});
  SseReader reader(text.size() + 1);
  SseEvent event;
  Mended mended;
  while (true) {
    const Result<bool> whole = reader.next(text, event);
    if (!whole || !*whole) break;
    if (repair.see(event, mended.out) != StreamRepair::Seen::instead) mended.out += event.raw;
  }
  mended.ended = repair.end(mended.out);
  mended.state = repair.state();
  return mended;
}

// A stream that was mended is sound: mending it again changes nothing.
void check_repair(std::string_view text, bool asked) {
  const Mended once = mend(text, asked);
  if (!once.ended) return;
  const Mended twice = mend(once.out, asked);
  CHECK(twice.ended);
  CHECK(twice.out == once.out);
}

}  // namespace
}  // namespace spillway::llm

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace spillway;
  using namespace spillway::llm;
  Bytes input(data, size);
  const auto from = static_cast<Wire>(input.byte() % kWires);
  const std::uint8_t does = input.byte(), flags = input.byte();
  const auto to = static_cast<Wire>((does >> 2) % kWires);
  const std::string_view text = input.rest();
  switch (does & 3) {
    case 0: check_request(from, to, flags, text); break;
    case 1: check_answer(from, to, text); break;
    case 2: check_stream(from, to, text, text.empty() ? 0 : flags % (text.size() + 1)); break;
    default: check_repair(text, flags & 1);
  }
  return 0;
}
