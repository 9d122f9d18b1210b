// One provider's stream turned into another wire's, event by event: nothing is collected but what a strict client must
// be told late (the reason it ended, usage) or in order (interleaved tool calls).
//
// feed() takes the body as it comes, cut anywhere, and appends what the client gets to out(), which the owner empties.
// Nothing of it need be sent before State::content, so that a failure until then can go to another candidate. After
// State::failed nothing is read; fail() then ends the client's stream with an error of its own wire.
//
// Owner: one answer. Thread: the scanner's, which is used within a call only. Memory: one event of the provider
// (event_bytes_max), kHeldMax of arguments that wait for their turn.
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "http/sse.h"
#include "llm/codec.h"
#include "llm/signatures.h"
#include "llm/tool_slots.h"

namespace spillway::llm {

class Translation : private EventSink {
 public:
  enum class State : std::uint8_t { waiting, content, done, failed };
  static constexpr std::size_t kHeldMax = 4 << 20;

  // Both directions must be built: codec_of(from).reader, codec_of(to).writer.
  Translation(Wire from, Wire to, const Asked& asked, JsonScanner& scanner, std::size_t event_bytes_max);

  void note_signatures(const SignatureBook& book) { book_ = book; }
  State feed(std::string_view bytes);
  State finish();  // the provider's body ended
  void fail(const Failure& failure);
  std::string& out() { return writer_->out(); }

  State state() const { return state_; }
  const Tokens& tokens() const { return tokens_; }
  Finish reason() const { return reason_; }
  const std::string& model() const { return model_; }  // as the provider says
  std::uint64_t content_events() const { return content_events_; }
  // Of State::failed: what the provider said, or what was wrong with its stream.
  const std::string& error() const { return error_; }
  const std::string& error_type() const { return error_type_; }
  const std::string& error_code() const { return error_code_; }

 private:
  void on_event(const StreamEvent& event) override;
  void feed_events(std::string_view bytes);
  void feed_lines(std::string_view bytes);
  void data(std::string_view text, std::string_view type);
  void start(const StreamEvent& event);
  void pass_content(const StreamEvent& event);
  void tool(const StreamEvent& event);
  void begin_tool(int slot);
  void end_tool(int slot);
  void advance_tools();
  void end_tools();
  void end();
  void broken(std::string_view why);
  bool over() const { return state_ == State::done || state_ == State::failed; }
  void pass(const StreamEvent& event) { writer_->on_event(event); }

  JsonScanner& scanner_;
  const Framing framing_;
  const std::size_t event_bytes_max_;
  const std::string fallback_id_;
  const bool one_call_;
  std::unique_ptr<StreamReader> reader_;
  std::unique_ptr<StreamWriter> writer_;
  SseReader sse_;
  std::string line_;  // of Framing::lines: one that began in earlier bytes
  ToolSlots tools_;
  SignatureBook book_;
  std::size_t held_ = 0;
  int open_tool_ = -1;  // whose arguments pass as they come; the others wait for it to end
  State state_ = State::waiting;
  bool started_ = false;
  Finish reason_ = Finish::none;
  Tokens tokens_;
  std::uint64_t content_events_ = 0;
  std::string model_, error_, error_type_, error_code_;
};

}  // namespace spillway::llm
