// Looks at a stream of another wire format as it passes unchanged: content, an error, usage, the end. For providers and
// clients that speak alike, but not OpenAI's chat, whose StreamTap (usage.h) is quicker.
//
// Owner: one answer. Thread: the scanner's, which is used within a call only.
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "llm/codec.h"
#include "llm/usage.h"

namespace spillway::llm {

Usage usage_of(const Tokens& tokens);

class WireTap : private EventSink {
 public:
  WireTap(Wire wire, JsonScanner& scanner) : scanner_(scanner), reader_(codec_of(wire).reader()) {}

  // The data of one event. Event::usage never: it is in events that belong to the stream.
  Event see(std::string_view data);
  bool finished() const { return done_ || finish_ != Finish::none || reader_->complete(); }
  bool done() const { return done_; }
  const Tokens& tokens() const { return tokens_; }
  Finish finish() const { return finish_; }
  std::uint64_t content_events() const { return content_events_; }

 private:
  void on_event(const StreamEvent& event) override;

  JsonScanner& scanner_;
  std::unique_ptr<StreamReader> reader_;
  Event seen_ = Event::nothing;
  Tokens tokens_;
  Finish finish_ = Finish::none;
  bool done_ = false;
  std::uint64_t content_events_ = 0;
};

}  // namespace spillway::llm
