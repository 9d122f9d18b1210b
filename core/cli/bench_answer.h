// Reads one answer after the other from a connection and says how each ended. No sockets, no clock: bytes and times
// are given.
//
// Streams are those of the OpenAI dialect: the first content is the first event with text, reasoning or a tool call,
// as `serve` sees it; a stream ends well with [DONE] or with a finish_reason for every choice. Owner: a Connection.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "cli/bench_tally.h"
#include "http/reader.h"
#include "http/sse.h"
#include "json/scan.h"
#include "llm/usage.h"

namespace spillway::bench {

class Answer {
 public:
  static constexpr std::size_t kEventBytesMax = 4 << 20;

  enum class State : std::uint8_t { reading, over };

  // The scanner is used within calls only, so all connections of a thread share one.
  Answer(bool stream, Tally& tally, JsonScanner& scanner);

  void connected() { reader_.emplace(ReadLimits{}); }  // before the first begin() on a new connection
  // `start_ns` is the intended start. Only `measured` answers leave anything in the tally.
  void begin(std::uint64_t start_ns, bool measured);
  State feed(std::string_view bytes, std::uint64_t now_ns);
  void eof();     // the connection ended: the answer is over
  void broken();  // the same, by a reset

  Ending ending() const { return ending_; }
  int status() const { return status_; }
  bool reusable() const { return reusable_; }  // the connection may carry another request

 private:
  void head();
  void body(std::string_view bytes, std::uint64_t now_ns);
  void event(std::string_view data, std::uint64_t now_ns);
  void end();
  void fail(Ending ending);  // the first failure is what counts

  const bool stream_;
  Tally& tally_;
  JsonScanner& scanner_;
  std::optional<ResponseReader> reader_;
  SseReader events_;
  std::optional<StreamTap> tap_;
  std::uint64_t start_ns_ = 0, last_event_ns_ = 0;
  int status_ = 0;
  Ending ending_ = Ending::ok;
  bool measured_ = false, reusable_ = true, reading_events_ = false, content_seen_ = false;
};

}  // namespace spillway::bench
