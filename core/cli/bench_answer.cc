#include "cli/bench_answer.h"

namespace spillway::bench {

Answer::Answer(bool stream, Tally& tally, JsonScanner& scanner)
    : stream_(stream), tally_(tally), scanner_(scanner), events_(kEventBytesMax) {
  connected();
}

void Answer::begin(std::uint64_t start_ns, bool measured) {
  reader_->expect(false);
  start_ns_ = start_ns;
  measured_ = measured;
  last_event_ns_ = 0;
  status_ = 0;
  ending_ = Ending::ok;
  reading_events_ = content_seen_ = false;
  if (!stream_) return;
  events_ = SseReader(kEventBytesMax);
  tap_.emplace(scanner_);
}

Answer::State Answer::feed(std::string_view bytes, std::uint64_t now_ns) {
  if (measured_) tally_.bytes_in += bytes.size();
  while (!bytes.empty()) {
    const Result<Step> step = reader_->next(bytes);
    if (!step) {
      fail(reading_events_ ? Ending::broken_stream : Ending::invalid);
      reusable_ = false;
      return State::over;
    }
    switch (*step) {
      case Step::more: return State::reading;
      case Step::head: head(); break;
      case Step::body: body(reader_->body(), now_ns); break;
      case Step::end:
        if (!bytes.empty()) reusable_ = false;  // nobody asked for more
        end();
        return State::over;
    }
    if (!reusable_ && reading_events_ && ending_ == Ending::broken_stream) return State::over;
  }
  return State::reading;
}

void Answer::head() {
  const ResponseHead& head = reader_->head();
  status_ = head.status;
  reusable_ = head.keep_alive;
  if (status_ >= 300) return fail(Ending::status);
  if (!stream_) return;
  const std::string_view type = head.headers.get("content-type");
  reading_events_ = equal_fold(trim(type.substr(0, type.find(';'))), "text/event-stream");
  if (!reading_events_) fail(Ending::broken_stream);
}

void Answer::body(std::string_view bytes, std::uint64_t now_ns) {
  if (!reading_events_) return;
  SseEvent one;
  while (true) {
    const Result<bool> found = events_.next(bytes, one);
    if (!found) {
      fail(Ending::broken_stream);
      reusable_ = false;
      return;
    }
    if (!*found) return;
    if (one.has_data) event(one.data, now_ns);
  }
}

void Answer::event(std::string_view data, std::uint64_t now_ns) {
  const Event kind = tap_->see(data);
  if (kind == Event::error) fail(Ending::stream_error);
  if (kind == Event::broken) fail(Ending::broken_stream);
  if (kind == Event::content && !content_seen_) {
    content_seen_ = true;
    if (measured_) tally_.first_content.record(now_ns - start_ns_);
  }
  if (measured_) ++tally_.events;
  if (measured_ && last_event_ns_ != 0) tally_.gaps.record(now_ns - last_event_ns_);
  last_event_ns_ = now_ns;
}

void Answer::end() {
  if (reading_events_ && (events_.mid_event() || !tap_->finished())) fail(Ending::broken_stream);
}

void Answer::eof() {
  reusable_ = false;
  if (reader_->finish()) return end();
  fail(reading_events_ ? Ending::broken_stream : Ending::reset);
}

void Answer::broken() {
  reusable_ = false;
  fail(reading_events_ ? Ending::broken_stream : Ending::reset);
}

void Answer::fail(Ending ending) {
  if (ending_ == Ending::ok) ending_ = ending;
}

}  // namespace spillway::bench
