// Tokens and cost of one answer, read from a JSON body or from stream events as they pass.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "llm/facts.h"

namespace spillway {

struct Usage {
  std::int64_t input = -1, output = -1, cached = 0, reasoning = 0;  // -1: not told
  double cost_usd = -1;                                             // as the provider says (`usage.cost`); -1: not told
  bool known() const { return input >= 0; }
};

// What an answer turned out to be.
struct Answer {
  bool readable = false;   // a JSON object
  bool has_error = false;  // an `error` member that is not null
  // choices (chat, completions) or data (embeddings, models) is a non-empty array with an answer
  bool has_content = false;
  std::string finish;  // finish_reason of the first choice
  Usage usage;         // also from inside x_groq; absurd numbers count as not told
};
// `room`: bytes readable from body.data(), as for JsonScanner.
Answer read_answer(Api api, JsonScanner& scanner, std::string_view body, std::size_t room);

// One stream event's data, seen cheaply: only events that may carry an error, usage or an end are parsed.
enum class Event : std::uint8_t {
  nothing,  // comment, empty data, role only, empty delta
  content,  // text, refusal, reasoning or a tool call
  usage,    // choices is empty and usage is there: the extra chunk of include_usage
  error,
  done,    // [DONE]
  broken,  // data that is no JSON object
};
class StreamTap {
 public:
  explicit StreamTap(JsonScanner& scanner) : scanner_(scanner) {}  // used within a call only
  Event see(std::string_view data);
  // An event that is known to say nothing but another word.
  Event word() { return ++content_events_, Event::content; }
  const Usage& usage() const { return usage_; }
  // [DONE] was seen, or a finish_reason for every choice that began: a cut would take nothing away.
  bool finished() const { return done_ || (ended_ != 0 && (begun_ & ~ended_) == 0); }
  bool done() const { return done_; }
  const std::string& finish() const { return finish_; }
  std::uint64_t content_events() const { return content_events_; }  // for an estimate when usage never came

 private:
  Event read(std::string_view data);
  JsonScanner& scanner_;
  Usage usage_;
  std::string finish_;
  bool done_ = false;
  std::uint64_t begun_ = 0, ended_ = 0;  // choices by index, one bit each
  std::uint64_t content_events_ = 0;
};

// B-7: the provider's own figure, else tokens x price (USD per million), else 0 for free. -1: unknown price.
double cost_usd(const Usage& usage, double price_in, double price_out);

}  // namespace spillway
