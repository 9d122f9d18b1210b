#include "proxy/relay.h"

namespace spillway {

namespace {

bool is_event_stream(const Headers& headers) {
  return equal_fold(trim(headers.get(FieldId::content_type).substr(0, 17)), "text/event-stream");
}

bool is_lines(const Headers& headers) {  // Ollama's streams
  return equal_fold(trim(headers.get(FieldId::content_type).substr(0, 20)), "application/x-ndjson");
}

bool has_answers(Api api) { return api != Api::models && api != Api::other && api != Api::realtime; }

}  // namespace

Relay::Relay(const Limits& limits, const Options& options, JsonScanner& scanner)
    : limits_(limits),
      options_(options),
      scanner_(scanner),
      events_(static_cast<std::size_t>(limits.event_bytes)),
      tap_(scanner),
      capturing_(options.capture_max > 0) {}

Verdict Relay::unreadable(std::string message) {
  Verdict verdict;
  verdict.fault = Fault::transient;  // section 11 row 14
  verdict.message = std::move(message);
  return verdict;
}

Relay::State Relay::head(const ResponseHead& head) {
  head_ = &head;
  status_ = head.status;
  const bool known = head.framing == Framing::length || head.framing == Framing::none;
  if (status_ >= 400 || (status_ >= 300 && (has_answers(options_.api) || options_.api == Api::realtime))) {
    mode_ = Mode::error;
    return State::holding;
  }
  if (options_.foreign != nullptr && (is_event_stream(head.headers) || is_lines(head.headers))) {
    mode_ = Mode::stream;
    begin_foreign();
  } else if (is_event_stream(head.headers)) {
    mode_ = has_answers(options_.api) ? Mode::stream : Mode::raw;
    if (options_.api == Api::chat) {
      const llm::RepairOptions own{options_.wants_usage, options_.id, options_.model, options_.wall_ms / 1000};
      repair_ = std::make_unique<llm::StreamRepair>(scanner_, own);
    }
  } else {
    mode_ = has_answers(options_.api) ? Mode::whole : Mode::raw;
  }
  const bool large = known && head.length > static_cast<std::uint64_t>(limits_.answer_hold_bytes);
  if (mode_ == Mode::whole && large) {
    if (translates()) return State::holding;  // and fails when that much came
    mode_ = Mode::raw;
  }
  if (mode_ == Mode::whole && known) held_.reserve(static_cast<std::size_t>(head.length) + JsonScanner::kPadding);
  if (mode_ != Mode::raw) return State::holding;
  length_known_ = known;
  length_ = head.length;
  committed_ = true;
  return State::relaying;
}

Relay::State Relay::body(std::string_view bytes) {
  switch (mode_) {
    case Mode::error: held_.append(bytes.substr(0, kErrorBytes - held_.size())); return State::holding;
    case Mode::stream: return stream_body(bytes);
    case Mode::whole:
      held_.append(bytes);
      if (held_.size() <= static_cast<std::size_t>(limits_.answer_hold_bytes)) return State::holding;
      if (translates()) return fail(unreadable("the provider's answer is too large to be translated"));
      // Too large to hold: from here it passes as it comes.
      mode_ = Mode::raw;
      committed_ = true;
      capture(held_);
      out_.swap(held_);
      return State::relaying;
    case Mode::raw:
      capture(bytes);
      release(bytes);
      return State::relaying;
  }
  return State::holding;
}

Relay::State Relay::stream_body(std::string_view bytes) {
  if (translation_ != nullptr) return follow(translation_->feed(bytes));
  if (lines_) return lines_body(bytes);
  SseEvent event;
  while (!bytes.empty()) {
    Result<bool> next = events_.next(bytes, event);
    if (!next) return fail(unreadable("the provider's stream: " + next.error().detail));
    if (!*next) break;
    const State state = see(event);
    if (state == State::failed || state == State::broken) return state;
  }
  return committed_ ? State::relaying : State::holding;
}

// What an event is, and whether it passes as it came or something else does `instead`.
Event Relay::look(const SseEvent& event, std::string& instead, bool& passes) {
  if (wire_tap_ != nullptr) return event.has_data ? wire_tap_->see(event.data) : Event::nothing;
  if (repair_ != nullptr) {
    using Seen = llm::StreamRepair::Seen;
    const Seen seen = repair_->see(event, instead);
    if (seen == Seen::word && tap_.content_events() > 0) return tap_.word();
    passes = seen != Seen::instead;
  }
  return event.has_data ? tap_.see(event.data) : Event::nothing;
}

Relay::State Relay::see(const SseEvent& event) {
  if (tap_.done()) return State::relaying;  // what follows [DONE] is nobody's business
  std::string instead;
  bool passes = true;
  const Event kind = look(event, instead, passes);
  if (kind == Event::error) return fail(classify(200, Headers{}, event.data, options_.wall_ms));
  if (kind == Event::broken) return fail(unreadable("the provider sent a stream event that is no JSON"));
  if (repair_ != nullptr && repair_->state() == llm::StreamRepair::State::failed) {
    return fail(unreadable(repair_->error()));
  }
  if (kind == Event::done && !committed_) return fail(unreadable("the provider ended its stream without content"));
  const bool swallowed = kind == Event::usage && !options_.wants_usage;
  capture(instead);
  if (passes || swallowed) capture(event.raw);  // whoever asks the cache may ask for usage
  passes = passes && !swallowed;
  if (!committed_ && kind != Event::content) {
    held_.append(instead).append(passes ? event.raw : std::string_view());
    if (held_.size() > kHeldBytes) return fail(unreadable("the provider's stream never came to content"));
    return State::holding;
  }
  if (!std::exchange(committed_, true)) out_.swap(held_);
  if (!instead.empty()) add(instead);
  if (passes) release(event.raw);
  return State::relaying;
}

Relay::State Relay::end() {
  switch (mode_) {
    case Mode::error:
      if (status_ < 400) return fail(unreadable("the provider answered with a redirect"));
      return fail(classify(status_, head_->headers, held_, options_.wall_ms));
    case Mode::whole: return options_.foreign == nullptr ? whole_end() : foreign_whole_end();
    case Mode::raw: return State::complete;
    case Mode::stream: break;
  }
  return stream_end();
}

Relay::State Relay::stream_end() {
  if (translation_ != nullptr) {
    const State state = follow(translation_->finish());
    return state == State::relaying ? State::complete : state;
  }
  if (!line_.empty()) {  // the last line's end is often left out
    if (const State state = lines_body("\n"); state == State::failed || state == State::broken) return state;
  }
  if (!committed_) return fail(unreadable("the provider ended its stream without content"));
  const bool finished = wire_tap_ != nullptr ? wire_tap_->finished() : tap_.finished();
  if (!finished || events_.mid_event()) return fail(unreadable("the provider ended its stream in the middle"));
  std::string rest;
  if (repair_ != nullptr && !repair_->end(rest)) return fail(unreadable(repair_->error()));
  capture(rest);
  if (!rest.empty()) add(rest);
  return State::complete;
}

Relay::State Relay::release_whole() {
  capture(held_);
  committed_ = true;
  length_known_ = true;
  length_ = held_.size();
  out_.swap(held_);
  return State::complete;
}

Relay::State Relay::whole_end() {
  if (status_ == 204 || (held_.empty() && options_.api == Api::other)) {
    committed_ = true;
    return State::complete;
  }
  held_.reserve(held_.size() + JsonScanner::kPadding);
  answer_ = read_answer(options_.api, scanner_, held_, held_.capacity());
  if (answer_.readable && answer_.has_error) return fail(classify(status_, Headers{}, held_, options_.wall_ms));
  if (!answer_.readable) return fail(unreadable("the provider's answer is no JSON"));
  if (!answer_.has_content) return fail(unreadable("the provider's answer is empty"));
  return release_whole();
}

Relay::State Relay::cut(const Error& error) {
  // A stream that said [DONE] is whole, however its connection ended.
  if (committed_ && mode_ == Mode::stream && stream_done()) return State::complete;
  // An error status is an answer even when its body never came.
  if (mode_ == Mode::error && status_ >= 400) return end();
  return fail(classify(error));
}

Relay::State Relay::fail(Verdict verdict) {
  verdict_ = std::move(verdict);
  capturing_ = false;
  if (!committed_) return State::failed;
  verdict_.fault = Fault::mid_stream;  // section 11 row 15, whatever it was
  add({});                             // the bytes given may go with their connection before this is sent
  return State::broken;
}

void Relay::release(std::string_view bytes) {
  const bool behind = lent_.data() + lent_.size() == bytes.data();
  if (lent_.empty() && out_.empty()) {
    lent_ = bytes;
  } else if (!lent_.empty() && behind) {
    lent_ = {lent_.data(), lent_.size() + bytes.size()};
  } else {
    add(bytes);
  }
}

void Relay::add(std::string_view text) {
  out_.append(lent_).append(text);
  lent_ = {};
}

void Relay::taken() {
  lent_ = {};
  std::string().swap(out_);  // assigning an empty one would keep the memory, perhaps for minutes
}

void Relay::capture(std::string_view bytes) {
  if (!capturing_) return;
  if (captured_.size() + bytes.size() > options_.capture_max) {
    capturing_ = false;
    captured_.clear();
    captured_.shrink_to_fit();
    return;
  }
  captured_.append(bytes);
}

Usage Relay::usage() const {
  if (mode_ != Mode::stream) return answer_.usage;
  return options_.foreign == nullptr ? tap_.usage() : foreign_usage();
}

std::string Relay::finish() const {
  if (mode_ != Mode::stream) return answer_.finish;
  return options_.foreign == nullptr ? tap_.finish() : foreign_finish();
}

std::uint64_t Relay::content_events() const {
  if (translation_ != nullptr) return translation_->content_events();
  return wire_tap_ != nullptr ? wire_tap_->content_events() : tap_.content_events();
}

}  // namespace spillway
