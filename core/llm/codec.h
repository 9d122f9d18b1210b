// One row of functions per wire format, and whole requests and answers through them. A null function is a direction
// that is not built: whoever asks for it is refused, nothing is guessed.
//
// The way of a translated request: read_request (of the client's wire), fit (fit.h), write_request (of the provider's);
// back: read_answer and write_answer, or, for streams, a Translation (translation.h). Thread: any, one scanner each.
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "json/scan.h"
#include "json/write.h"
#include "llm/failure.h"
#include "llm/message.h"
#include "llm/node.h"

namespace spillway::llm {

// Why a request is refused, in the client's terms: 400 with this.
struct Refusal {
  std::string message, param, code;
};

// How a provider's chat request is to be spelled, beyond its wire format. fit.h has what it does not take.
struct Spelling {
  std::string model;              // as the provider calls it
  std::string anthropic_version;  // "2023-06-01" (default when empty) or "2026-10-21"
  bool old_max_tokens = false;    // OpenAI-like: `max_tokens` instead of `max_completion_tokens`
  bool manual_thinking = false;   // Anthropic models with budgets instead of adaptive thinking
  bool gemini_levels = true;      // thinkingLevel; false: thinkingBudget
  bool mistral_words = false;     // OpenAI-like: tool_choice "any" for required, `random_seed`
  bool no_usage_asked = false;    // OpenAI-like: `stream_options` is refused (Mistral)
  bool openai_itself = false;     // knows what else the client's OpenAI wire says, chat or Responses
};

// Reads one provider's stream, one framed event at a time. What it gives to the sink need not be in order.
class StreamReader {
 public:
  virtual ~StreamReader() = default;
  // Data of one event that is JSON.
  virtual void read(const Node& root, EventSink& sink) = 0;
  // Whether the body may end here although no event said so.
  virtual bool complete() const { return false; }
};

// Writes one client's stream. Events come in the order that StreamEvent promises.
class StreamWriter : public EventSink {
 public:
  explicit StreamWriter(const Asked& asked) : asked_(asked) {}
  virtual ~StreamWriter() = default;
  std::string& out() { return out_; }
  virtual void fail(const Failure& failure) = 0;  // the error as this stream's last event
  virtual std::size_t held() const { return 0; }  // bytes kept because the wire wants them again at its end

 protected:
  const Asked asked_;
  std::string out_;
  // As their events told them, for the end.
  Finish finish_ = Finish::stop;
  Tokens tokens_;
};

enum class Framing : std::uint8_t { events, lines };

struct Codec {
  std::string_view name;
  Framing framing;
  std::string_view keep_alive;  // what a silent stream may hold between two events; empty: nothing
  bool (*read_request)(const Node& root, ChatRequest& out, Refusal& why);
  void (*write_request)(const ChatRequest& request, const Spelling& spelling, JsonWriter& json);
  void (*read_answer)(const Node& root, ChatAnswer& out);
  void (*write_answer)(const ChatAnswer& answer, const Asked& asked, JsonWriter& json);
  std::unique_ptr<StreamReader> (*reader)();
  std::unique_ptr<StreamWriter> (*writer)(const Asked& asked);
};
const Codec& codec_of(Wire wire);

// `room` bytes of `body` are readable (JsonScanner). Kind::invalid, and why.
Result<ChatRequest> read_request(Wire wire, JsonScanner& scanner, std::string_view body, std::size_t room,
                                 Refusal& why);
// Kind::invalid: it is no answer of that wire, or an error in place of one.
Result<ChatAnswer> read_answer(Wire wire, JsonScanner& scanner, std::string_view body, std::size_t room);
std::string write_request(Wire wire, const ChatRequest& request, const Spelling& spelling);
std::string write_answer(Wire wire, const ChatAnswer& answer, const Asked& asked);
// What the answers' writers need to know of a request.
Asked asked_of(const ChatRequest& request, std::string_view fallback_id, std::int64_t created);

}  // namespace spillway::llm
