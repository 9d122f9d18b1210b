// One event of a translated stream, from wire to wire, and of a stream that is mended or found to be sound.
#include <benchmark/benchmark.h>

#include "http/sse.h"
#include "llm/repair.h"
#include "llm/translation.h"

namespace spillway::micro {
namespace {

using llm::Wire;

// A word of content as each wire spells it.
std::string word(Wire wire) {
  switch (wire) {
    case Wire::anthropic:
      return "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":"
             "\"text_delta\",\"text\":\" sunny\"}}\n\n";
    case Wire::openai_responses:
      return "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"sequence_number\":7,"
             "\"item_id\":\"msg_1\",\"output_index\":0,\"content_index\":0,\"delta\":\" sunny\",\"logprobs\":[]}\n\n";
    case Wire::gemini:
      return "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\" sunny\"}],\"role\":\"model\"},\"index\":0}],"
             "\"usageMetadata\":{\"promptTokenCount\":9,\"candidatesTokenCount\":4,\"totalTokenCount\":13},"
             "\"modelVersion\":\"g\",\"responseId\":\"r\"}\n\n";
    case Wire::ollama:
      return "{\"model\":\"q\",\"created_at\":\"2026-11-21T02:36:46Z\",\"message\":{\"role\":\"assistant\",\"content\":"
             "\" sunny\"},\"done\":false}\n";
    case Wire::cohere:
      return "data: {\"type\":\"content-delta\",\"index\":0,\"delta\":{\"message\":{\"content\":{\"text\":\" "
             "sunny\"}}}}\n\n";
    default:
      return "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1795228606,\"model\":\"m\","
             "\"choices\":[{\"index\":0,\"delta\":{\"content\":\" "
             "sunny\"},\"logprobs\":null,\"finish_reason\":null}]}\n\n";
  }
}

void translate_event(benchmark::State& state) {
  const auto from = static_cast<Wire>(state.range(0)), to = static_cast<Wire>(state.range(1));
  JsonScanner scanner;
  llm::Asked asked;
  asked.model = "m";
  llm::Translation translation(from, to, asked, scanner, 1 << 20);
  const std::string text = word(from);
  for (auto _ : state) {
    CHECK(translation.feed(text) == llm::Translation::State::content);
    benchmark::DoNotOptimize(translation.out().data());
    translation.out().clear();
  }
  state.SetLabel(std::string(llm::codec_of(from).name) + " -> " + std::string(llm::codec_of(to).name));
}
BENCHMARK(translate_event)
    ->Args({int(Wire::openai_chat), int(Wire::anthropic)})
    ->Args({int(Wire::openai_chat), int(Wire::gemini)})
    ->Args({int(Wire::openai_chat), int(Wire::ollama)})
    ->Args({int(Wire::anthropic), int(Wire::openai_chat)})
    ->Args({int(Wire::openai_responses), int(Wire::openai_chat)})
    ->Args({int(Wire::gemini), int(Wire::openai_chat)})
    ->Args({int(Wire::ollama), int(Wire::anthropic)})
    ->Args({int(Wire::cohere), int(Wire::anthropic)});

// A Responses stream keeps what it said, so it is begun anew every thousand words.
void translate_event_to_responses(benchmark::State& state) {
  JsonScanner scanner;
  const std::string text = word(Wire::openai_chat);
  std::unique_ptr<llm::Translation> translation;
  int words = 0;
  for (auto _ : state) {
    if (words++ % 1000 == 0) {
      translation =
          std::make_unique<llm::Translation>(Wire::openai_chat, Wire::openai_responses, llm::Asked{}, scanner, 1 << 20);
    }
    CHECK(translation->feed(text) == llm::Translation::State::content);
    translation->out().clear();
  }
}
BENCHMARK(translate_event_to_responses);

using Seen = llm::StreamRepair::Seen;

void repair(benchmark::State& state, const std::string& first, const std::vector<std::string>& others, Seen seen) {
  JsonScanner scanner;
  llm::StreamRepair repair(scanner, {});
  SseReader reader(1 << 20);
  SseEvent event;
  std::string out;
  const auto see = [&](std::string_view text) {
    const Result<bool> whole = reader.next(text, event);
    CHECK(whole && *whole);
    return repair.see(event, out);
  };
  see(first);
  for (const std::string& one : others) see(one);  // one form is known from then on
  out.clear();
  for (auto _ : state) {
    for (const std::string& one : others) CHECK(see(one) == seen);
    out.clear();
  }
}

std::string begin() {
  std::string text = word(Wire::openai_chat);
  text.insert(text.find("\"content\""), "\"role\":\"assistant\",");
  return text;
}

// The same bytes around another word: nothing is parsed.
void repair_sound_event(benchmark::State& state) { repair(state, begin(), {word(Wire::openai_chat)}, Seen::word); }
BENCHMARK(repair_sound_event);

// Two in turn, neither of which is as the one before: they are parsed and found to be sound.
void repair_two_looked_at_events(benchmark::State& state) {
  std::string odd = word(Wire::openai_chat);
  odd.insert(odd.find("\"index\":0") + 9, ",\"x\":1");
  repair(state, begin(), {odd, word(Wire::openai_chat)}, Seen::passes);
}
BENCHMARK(repair_two_looked_at_events);

void repair_mended_event(benchmark::State& state) {
  repair(state, word(Wire::openai_chat), {word(Wire::openai_chat)}, Seen::instead);
}
BENCHMARK(repair_mended_event);

}  // namespace
}  // namespace spillway::micro
