// An event ends at an empty line. The one hard question is a CR that ends an empty line: an LF that follows belongs to
// it, and may not have come yet. Streams keep to one kind of line end, so the line before tells: after a bare CR we do
// not wait (each event would be late by one event), after anything else we wait for the next byte. An LF that comes in
// spite of that stays at the front of the next event, unread. So events never depend on how the bytes were cut.
#include "http/sse.h"

#include <cstring>

namespace spillway {

namespace {
constexpr std::string_view kBom = "\xEF\xBB\xBF";
constexpr std::size_t kNone = std::string_view::npos;

std::size_t find_byte(std::string_view text, char c) {
  const void* found = text.empty() ? nullptr : std::memchr(text.data(), c, text.size());
  return found == nullptr ? kNone : static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
}

// The first line of `text`, which loses it and its end. CRLF may leave an empty line behind, which says nothing.
std::string_view take_line(std::string_view& text) {
  std::string_view line = text.substr(0, find_byte(text, '\n'));
  line = line.substr(0, find_byte(line, '\r'));
  text.remove_prefix(line.size() == text.size() ? line.size() : line.size() + 1);
  return line;
}
}  // namespace

Result<bool> SseReader::next(std::string_view& in, SseEvent& event) {
  event = SseEvent{};
  if (in.empty()) return false;
  if (next_plain(in, event)) return true;
  const std::size_t end = find_end(in);
  if (partial_.size() + (end == kNone ? in.size() : end) > event_bytes_max_) {
    return Error{Kind::limit, Source::upstream, Retry::yes, "one event of the stream is too large"};
  }
  if (end == kNone) {
    partial_.append(in);
    in.remove_prefix(in.size());
    return false;
  }
  event.raw = in.substr(0, end);
  in.remove_prefix(end);
  if (!partial_.empty()) {
    partial_.append(event.raw);
    whole_.swap(partial_);
    partial_.clear();
    event.raw = whole_;
  }
  read(event);
  started_ = true;
  follows_cr_ = after_cr_;
  return true;
}

// What nearly every event is: one line of data and an empty one, whole, both ending in LF or both in CRLF. A shortcut
// only: false for anything else, and nothing changed.
bool SseReader::next_plain(std::string_view& in, SseEvent& event) {
  if (!partial_.empty() || after_cr_ || in.substr(0, 5) != "data:") return false;
  const std::size_t feed = find_byte(in, '\n');
  if (feed == kNone) return false;
  const std::size_t line_end = in[feed - 1] == '\r' ? feed - 1 : feed;
  const std::string_view empty_line = in.substr(line_end, feed + 1 - line_end);  // the same line end once more
  const std::size_t end = feed + 1 + empty_line.size();
  if (in.substr(feed + 1, empty_line.size()) != empty_line || end > event_bytes_max_) return false;
  if (find_byte(in.substr(0, line_end), '\r') != kNone) return false;
  const std::size_t value = in[5] == ' ' ? 6 : 5;
  event.raw = in.substr(0, end);
  event.data = in.substr(value, line_end - value);
  event.has_data = true;
  in.remove_prefix(end);
  started_ = true;
  bare_cr_ = follows_cr_ = false;
  return true;
}

bool SseReader::mid_event() const {
  const bool spare_feed = follows_cr_ && partial_ == "\n";
  return !partial_.empty() && !spare_feed;
}

// Where in `in` the event ends whose earlier bytes are in partial_.
std::size_t SseReader::find_end(std::string_view in) {
  std::size_t at = 0;
  while (at < in.size()) {
    if (waits_for_feed_) {
      waits_for_feed_ = false;
      return in[at] == '\n' ? at + 1 : at;
    }
    if (after_cr_) {
      after_cr_ = false;
      bare_cr_ = in[at] != '\n';
      if (!bare_cr_) ++at;
      continue;
    }
    const std::string_view rest = in.substr(at);
    const std::size_t feed = find_byte(rest, '\n');
    const std::size_t cr = find_byte(rest.substr(0, feed), '\r');
    const bool empty = !in_line_ && (cr == kNone ? feed == 0 : cr == 0);
    in_line_ = cr == kNone && feed == kNone;
    if (in_line_) return kNone;
    at += (cr == kNone ? feed : cr) + 1;
    if (cr == kNone) {
      bare_cr_ = false;
      if (empty) return at;
    } else if (!empty || bare_cr_) {
      after_cr_ = true;
      if (empty) return at;
    } else {
      waits_for_feed_ = true;
    }
  }
  return kNone;
}

void SseReader::read(SseEvent& event) {
  std::string_view text = event.raw;
  if (!started_ && text.substr(0, kBom.size()) == kBom) text.remove_prefix(kBom.size());
  bool several = false;
  while (!text.empty()) {
    const std::string_view line = take_line(text);
    const std::size_t colon = find_byte(line, ':');
    const std::string_view name = line.substr(0, colon);
    std::string_view value = colon == kNone ? std::string_view{} : line.substr(colon + 1);
    if (!value.empty() && value.front() == ' ') value.remove_prefix(1);
    if (name == "event") event.type = value;
    if (name != "data") continue;
    if (!event.has_data) {
      event.data = value;
      event.has_data = true;
      continue;
    }
    if (!several) joined_.assign(event.data);
    several = true;
    joined_.append(1, '\n').append(value);
    event.data = joined_;
  }
}

}  // namespace spillway
