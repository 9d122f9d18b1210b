// Decides what of one upstream answer the client may see, and when. No sockets: bytes in, bytes out, a state.
//
// Nothing is released before the first content (the commit point): comments, role-only and empty deltas are held, a
// plain answer is held whole and checked. A failure while holding can move to the next candidate unseen; after the
// commit it becomes an in-band error, never a clean end. Whole events only are released, so a cut never leaks half of
// one. After the commit what is released is not copied. A stream of OpenAI's chat that strict clients would stumble
// over is mended from its first defect on (llm/repair.h). Owner: a Request, one Relay per attempt. Memory:
// Limits::answer_hold_bytes or one event, whichever applies.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "conf/config.h"
#include "http/reader.h"
#include "http/sse.h"
#include "llm/classify.h"
#include "llm/repair.h"
#include "llm/translation.h"
#include "llm/usage.h"
#include "llm/wire_tap.h"
#include "proxy/foreign.h"

namespace spillway {

class Relay {
 public:
  enum class State : std::uint8_t {
    holding,   // nothing released yet
    relaying,  // committed: out() is for the client
    complete,  // the answer ended properly: out() is the rest
    failed,    // before the commit: verdict() says why
    broken,    // after the commit: verdict() says why
  };
  struct Options {
    Api api = Api::other;
    bool wants_usage = true;      // the client asked for the usage chunk, or we did not inject the wish
    std::size_t capture_max = 0;  // keep a copy of the whole answer for a policy, up to this
    std::int64_t wall_ms = 0;
    const Foreign* foreign = nullptr;  // another wire than OpenAI's chat is in it; lives as long as the Relay
    std::string_view id, model;        // for a stream that names neither; live as long as the Relay
  };
  static constexpr std::size_t kErrorBytes = 64 * 1024;  // of a provider's error body that are read
  static constexpr std::size_t kHeldBytes = 256 * 1024;  // of comments and empty events before the first content

  // The scanner is used within calls only, so that a thread needs but one.
  Relay(const Limits& limits, const Options& options, JsonScanner& scanner);
  State head(const ResponseHead& head);  // `head` stays valid until the answer's last call
  State body(std::string_view bytes);
  State end();
  [[gnu::cold]] State cut(const Error& error);

  bool committed() const { return committed_; }
  bool streaming() const { return mode_ == Mode::stream; }
  bool length_known() const { return length_known_; }  // body_bytes() is all there will be
  std::uint64_t body_bytes() const { return length_; }
  // What is for the client; it may be part of the bytes just given, so it is good only while they are, and until the
  // next call. The caller says when it is taken().
  std::string_view out() const { return lent_.empty() ? std::string_view(out_) : lent_; }
  void add(std::string_view text);  // of ours, behind it
  // The same for the stream's last event, in the client's own wire: `type` and `code` are OpenAI's words.
  [[gnu::cold]] void add_error(std::string_view message, std::string_view type, std::string_view code);
  void taken();
  const Verdict& verdict() const { return verdict_; }
  const std::string& error_body() const { return held_; }  // of a failed non-2xx answer
  int status() const { return status_; }

  Usage usage() const;
  std::string finish() const;
  std::size_t held_bytes() const {
    return held_.capacity() + out_.capacity() + captured_.capacity() + line_.capacity();
  }
  std::uint64_t content_events() const;
  std::string_view defect() const { return repair_ == nullptr ? std::string_view() : repair_->defect(); }
  // The captured answer, complete and under its bound; empty otherwise.
  const std::string& captured() const { return captured_; }
  bool capture_ok() const { return capturing_ && !captured_.empty(); }

 private:
  enum class Mode : std::uint8_t { error, stream, whole, raw };
  State stream_body(std::string_view bytes);
  State see(const SseEvent& event);
  Event look(const SseEvent& event, std::string& instead, bool& passes);
  State stream_end();
  State whole_end();
  bool translates() const { return options_.foreign != nullptr && options_.foreign->way.kind == Way::Kind::translate; }
  // relay_foreign.cc: the same for other wires than OpenAI's chat, passed or translated.
  void begin_foreign();
  State lines_body(std::string_view bytes);  // of a stream that passes, and has lines for events
  State follow(llm::Translation::State state);
  State foreign_whole_end();
  bool stream_done() const;
  State vectors_end();  // relay_embed.cc: whole answers that are no chats
  State count_end();
  Usage foreign_usage() const;
  std::string foreign_finish() const;
  [[gnu::cold]] State fail(Verdict verdict);
  void capture(std::string_view bytes);
  void release(std::string_view bytes);  // to out()
  State release_whole();                 // held_, when it is all there will be
  [[gnu::cold]] static Verdict unreadable(std::string message);

  const Limits& limits_;
  const Options options_;
  JsonScanner& scanner_;
  const ResponseHead* head_ = nullptr;
  Mode mode_ = Mode::whole;
  int status_ = 0;
  SseReader events_;
  StreamTap tap_;
  std::unique_ptr<llm::StreamRepair> repair_;      // of a chat's stream that passes
  std::unique_ptr<llm::WireTap> wire_tap_;         // of another wire's that passes
  std::unique_ptr<llm::Translation> translation_;  // of one that does not
  Answer answer_;
  std::string held_, out_, captured_, line_;  // line_: one that began in earlier bytes
  std::string_view lent_;  // of the bytes just given, when all that is for the client lies there in one piece
  Verdict verdict_;
  std::uint64_t length_ = 0;
  bool length_known_ = false;
  bool lines_ = false;  // the stream's events are lines
  bool committed_ = false;
  bool capturing_ = false;
};

}  // namespace spillway
