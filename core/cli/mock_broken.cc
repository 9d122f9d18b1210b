#include "cli/mock_broken.h"

#include <algorithm>

#include "cli/mock_answers.h"
#include "cli/mock_refusals.h"
#include "cli/mock_voice.h"
#include "http/writer.h"

namespace spillway {

using What = MockStep::What;

namespace {

constexpr std::string_view kJson = "application/json";
constexpr std::size_t kWords = 3;  // of a stream, before it breaks

// Words that came, a moment for them to arrive, and then what happens.
std::vector<MockStep> ending(std::string_view how, std::vector<MockStep> steps) {
  steps.push_back({What::wait, {}, 30});
  if (how == "reset-midstream") steps.push_back({What::reset});
  if (how == "stall-midstream") steps.push_back({What::hang});
  if (how == "truncate") steps.push_back({What::fin});
  if (how == "bad-chunk") steps.push_back({What::send, "zz\r\nno chunk\r\n"}), steps.push_back({What::fin});
  return steps;
}

std::vector<MockStep> plain_stream(const MockAsk& ask) {
  const std::string_view how = ask.behaviour;
  const std::string last(kLastChunk);
  if (how == "comment-then-error") {
    return {{What::send, mock_stream_head() + mock_chunk(": MOCK PROCESSING\n\n") +
                             mock_chunk(": MOCK PROCESSING\n\n") +
                             mock_event(mock_error("the provider is overloaded", 502)) + last}};
  }
  if (how == "empty") return {{What::send, mock_stream_head() + mock_event("[DONE]") + last}};
  std::vector<MockStep> steps;
  mock_stream_words(ask, kWords, 0, steps);
  steps = ending(how, std::move(steps));
  if (how == "bad-json") {
    steps.push_back({What::send, mock_event(R"({"id":"x","choices":[{"delta":{"content":"bro)") + last});
  }
  if (how == "error-in-stream")
    steps.push_back({What::send, mock_event(mock_error("the model stopped working", 502)) + last});
  return steps;
}

std::vector<MockStep> spoken_stream(const MockAsk& ask) {
  const std::string_view how = ask.behaviour;
  const std::string last(kLastChunk);
  const std::string head = mock_stream_head(mock_speech_type(ask.wire));
  if (how == "comment-then-error") {
    const std::string comment = mock_chunk(mock_speech_comment(ask.wire));
    return {{What::send,
             head + comment + comment + mock_chunk(mock_speech_error(ask, "the provider is overloaded")) + last}};
  }
  const MockSpeech speech = mock_speech(ask, kWords + 1, how == "empty");
  std::string open = head;
  if (!speech.open.empty()) open += mock_chunk(speech.open);
  if (how == "empty") return {{What::send, open + mock_chunk(speech.end) + last}};
  std::vector<MockStep> steps{{What::send, std::move(open)}};
  const std::size_t words = std::min(kWords, speech.pieces.size() - 1);
  for (std::size_t i = 0; i < words; ++i) steps.push_back({What::send, mock_chunk(speech.pieces[i])});
  // The end comes inside an event, too, and not only before the last chunk.
  const std::string& next = speech.pieces[words];
  if (how == "truncate") steps.push_back({What::send, mock_chunk(next.substr(0, next.size() / 2))});
  steps = ending(how, std::move(steps));
  if (how == "bad-json") steps.push_back({What::send, mock_chunk(mock_cut_json(next)) + last});
  if (how == "error-in-stream")
    steps.push_back({What::send, mock_chunk(mock_speech_error(ask, "the model stopped working")) + last});
  return steps;
}

std::vector<MockStep> broken_answer(const MockAsk& ask) {
  const std::string_view how = ask.behaviour;
  if (how == "bad-chunk") {
    return {
        {What::send, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"},
        {What::fin}};
  }
  if (how == "error-in-stream" || how == "comment-then-error") {
    std::string error = mock_refusal(ask.wire, 502, "the model stopped working");
    return {{What::send, mock_http(200, kJson, error.substr(error.find("\r\n\r\n") + 4))}};
  }
  if (how == "empty") {
    return {
        {What::send, mock_http(200, kJson, ask.plain() ? R"({"id":"x","choices":[]})" : mock_spoken(ask, 0, true))}};
  }
  const std::string body = ask.plain() ? mock_answer(ask, 20) : mock_spoken(ask, 20);
  if (how == "bad-json") {
    const std::string cut = ask.plain() ? R"({"id":"x","choices":[)" : body.substr(0, body.size() / 2);
    return {{What::send, mock_http(200, kJson, cut)}};
  }
  const std::string good = mock_http(200, kJson, body);
  std::vector<MockStep> steps{{What::send, good.substr(0, good.size() - body.size() / 2)}};
  if (how == "reset-midstream") steps.push_back({What::reset});
  if (how == "stall-midstream") steps.push_back({What::hang});
  if (how == "truncate") steps.push_back({What::fin});
  return steps;
}

}  // namespace

std::string mock_cut_json(std::string_view event) {
  constexpr std::size_t kCutBytes = 6;
  const std::size_t end = event.find_last_not_of('\n');
  if (end == event.npos || end < kCutBytes) return std::string(event);
  return std::string(event.substr(0, end + 1 - kCutBytes)) + std::string(event.substr(end + 1));
}

bool mock_breaks(std::string_view behaviour) {
  for (const std::string_view one : {"reset-midstream", "stall-midstream", "truncate", "bad-json", "bad-chunk",
                                     "error-in-stream", "comment-then-error", "empty"}) {
    if (behaviour == one) return true;
  }
  return false;
}

std::vector<MockStep> mock_broken(const MockAsk& ask) {
  if (!ask.stream) return broken_answer(ask);
  return ask.plain() ? plain_stream(ask) : spoken_stream(ask);
}

}  // namespace spillway
