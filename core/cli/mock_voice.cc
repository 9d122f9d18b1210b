#include "cli/mock_voice.h"

#include <array>
#include <utility>

#include "cli/mock_answers.h"
#include "cli/mock_cohere.h"
#include "json/write.h"

namespace spillway {

using llm::Part;
using llm::StreamEvent;
using llm::Wire;

namespace {

using Kind = StreamEvent::Kind;

constexpr std::array<std::string_view, 3> kThoughts = {"Let", " me", " think."};
constexpr std::array<std::string_view, 4> kCities = {"Paris", "Oslo", "Lima", "Rome"};
constexpr std::size_t kArgumentPieces = 3;

bool reasons(const MockAsk& ask) { return ask.behaviour == "reasoning"; }

// The first call is always for Paris.
std::string arguments_of(std::size_t call) {
  return R"({"city":")" + std::string(kCities[call % kCities.size()]) + R"("})";
}

Part call_of(const MockAsk& ask, std::size_t call) {
  Part part;
  part.kind = Part::Kind::tool_use;
  part.id = "call_" + std::to_string(call + 1);
  part.name = ask.tools[call % ask.tools.size()];
  part.text = arguments_of(call);
  if (reasons(ask)) part.signature = kMockSignature;
  return part;
}

llm::Tokens tokens_of(const MockAsk& ask, std::size_t words) {
  llm::Tokens tokens;
  tokens.input = ask.prompt_tokens;
  tokens.output = static_cast<std::int64_t>(words);
  if (reasons(ask)) tokens.reasoning = kThoughts.size(), tokens.output += kThoughts.size();
  return tokens;
}

llm::Asked asked_of(const MockAsk& ask) {
  llm::Asked asked = ask.asked;
  asked.created = ask.created;
  asked.fallback_id = ask.id;
  asked.input_estimate = ask.prompt_tokens;
  return asked;
}

llm::Finish finish_of(const MockAsk& ask, bool silent) {
  return ask.calls() > 0 && !silent ? llm::Finish::tool_calls : llm::Finish::stop;
}

std::unique_ptr<llm::StreamWriter> writer_of(const MockAsk& ask) {
  const llm::Asked asked = asked_of(ask);
  return ask.wire == Wire::cohere ? mock_cohere_writer(asked) : llm::codec_of(ask.wire).writer(asked);
}

// Tells a writer what happens and takes what it makes of that, piece by piece.
class Speaker {
 public:
  Speaker(const MockAsk& ask, MockSpeech& into) : ask_(ask), into_(into), writer_(writer_of(ask)) {}

  void tell(Kind kind, std::string_view text = {}, std::size_t tool = 0) {
    StreamEvent event;
    event.kind = kind;
    event.text = text;
    event.tool = static_cast<std::int32_t>(tool);
    writer_->on_event(event);
    take();
  }
  void start() {
    StreamEvent event;
    event.kind = Kind::start;
    event.id = ask_.id;
    event.model = ask_.model;
    event.tokens.input = ask_.prompt_tokens;
    writer_->on_event(event);
    std::swap(into_.open, writer_->out());
  }
  void begin_call(const Part& call, std::size_t number) {
    StreamEvent event;
    event.kind = Kind::tool_start;
    event.tool = static_cast<std::int32_t>(number);
    event.id = call.id;
    event.name = call.name;
    event.text = call.signature;
    writer_->on_event(event);
    take();
  }
  void end(llm::Finish finish, const llm::Tokens& tokens) {
    StreamEvent event;
    event.kind = Kind::finish;
    event.finish = finish;
    writer_->on_event(event);
    event.kind = Kind::usage;
    event.tokens = tokens;
    writer_->on_event(event);
    event.kind = Kind::end;
    writer_->on_event(event);
    std::swap(into_.end, writer_->out());
  }

 private:
  void take() {
    if (!writer_->out().empty()) into_.pieces.push_back(std::exchange(writer_->out(), {}));
  }

  const MockAsk& ask_;
  MockSpeech& into_;
  std::unique_ptr<llm::StreamWriter> writer_;
};

std::string_view piece_of(std::string_view text, std::size_t piece) {
  const std::size_t each = text.size() / kArgumentPieces, from = piece * each;
  return piece + 1 == kArgumentPieces ? text.substr(from) : text.substr(from, each);
}

// OpenAI's models may speak of several calls in turn, which the index tells apart; others end one before the next.
void tell_calls(const MockAsk& ask, Speaker& speaker) {
  const std::size_t calls = ask.calls(), together = ask.wire == Wire::openai_chat ? calls : 1;
  for (std::size_t first = 0; first < calls; first += together) {
    for (std::size_t i = first; i < first + together; ++i) speaker.begin_call(call_of(ask, i), i);
    for (std::size_t piece = 0; piece < kArgumentPieces; ++piece) {
      for (std::size_t i = first; i < first + together; ++i) {
        speaker.tell(Kind::tool_arguments, piece_of(arguments_of(i), piece), i);
      }
    }
    for (std::size_t i = first; i < first + together; ++i) speaker.tell(Kind::tool_end, {}, i);
  }
}

void tell_words(const MockAsk& ask, std::size_t words, Speaker& speaker) {
  for (std::size_t piece = 0; piece < kArgumentPieces && !ask.json.empty(); ++piece) {
    speaker.tell(Kind::text, piece_of(ask.json, piece));
  }
  for (std::size_t i = 0; i < words && ask.json.empty(); ++i) {
    speaker.tell(Kind::text, (i == 0 ? "word" : " word") + std::to_string(i));
  }
  if (!ask.seen.empty() && ask.json.empty()) speaker.tell(Kind::text, ask.seen);
}

}  // namespace

MockSpeech mock_speech(const MockAsk& ask, std::size_t words, bool silent) {
  MockSpeech speech;
  Speaker speaker(ask, speech);
  speaker.start();
  if (!silent && reasons(ask)) {
    for (const std::string_view thought : kThoughts) speaker.tell(StreamEvent::Kind::thinking, thought);
    speaker.tell(StreamEvent::Kind::signature, kMockSignature);
  }
  if (!silent && ask.calls() > 0) {
    tell_calls(ask, speaker);
  } else if (!silent) {
    tell_words(ask, words, speaker);
  }
  speaker.end(finish_of(ask, silent), tokens_of(ask, silent ? 0 : words));
  return speech;
}

std::string mock_spoken(const MockAsk& ask, std::size_t words, bool silent) {
  llm::ChatAnswer answer;
  answer.id = ask.id;
  answer.model = ask.model;
  answer.created = ask.created;
  answer.finish = finish_of(ask, silent);
  answer.tokens = tokens_of(ask, silent ? 0 : words + 3);
  if (!silent && reasons(ask)) {
    Part thought;
    thought.kind = Part::Kind::thinking;
    for (const std::string_view one : kThoughts) thought.text += one;
    thought.signature = kMockSignature;
    answer.parts.push_back(std::move(thought));
  }
  for (std::size_t i = 0; i < ask.calls() && !silent; ++i) answer.parts.push_back(call_of(ask, i));
  if (!silent && ask.calls() == 0) {
    Part text;
    text.text = ask.json.empty() ? mock_words(ask, words) : ask.json;
    answer.parts.push_back(std::move(text));
  }
  return ask.wire == Wire::cohere ? mock_cohere_answer(answer) : llm::write_answer(ask.wire, answer, asked_of(ask));
}

std::string mock_speech_error(const MockAsk& ask, std::string_view message) {
  llm::Failure failure;
  failure.message = message;
  return llm::error_event(ask.wire, failure);
}

std::string_view mock_speech_type(Wire wire) {
  return wire == Wire::ollama ? "application/x-ndjson" : "text/event-stream";
}

// Lines of JSON know no comments; an empty line is as good.
std::string_view mock_speech_comment(Wire wire) { return wire == Wire::ollama ? "\n" : ": MOCK PROCESSING\n\n"; }

}  // namespace spillway
