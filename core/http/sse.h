// Splits a stream of server-sent events (WHATWG HTML 9.2) into whole events, however the bytes were cut.
//
// Pull style. An event is returned as its raw bytes (with the blank line that ends it, so that it can be forwarded
// untouched) and its data. Complete events in the bytes given are slices of them; only one cut in two is copied.
// Accepts LF, CRLF and CR, `data:` with or without the space, a BOM in front, which belongs to the first event's raw
// bytes but not to its fields. All raw bytes in their order, then what is held, are exactly the bytes given; an empty
// line of its own is an event without data. After an error the reader is of no more use.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

#include "base/error.h"

namespace spillway {

struct SseEvent {
  std::string_view raw;   // valid until the next call
  std::string_view data;  // joined with LF when an event has several data lines; empty for comments
  std::string_view type;  // the `event:` field, or empty
  bool has_data = false;
};

class SseReader {
 public:
  explicit SseReader(std::size_t event_bytes_max) : event_bytes_max_(event_bytes_max) {}
  // True: `event` is the next whole event, taken from the front of `in`. False: all of `in` was consumed.
  // Kind::limit when one event grows beyond the bound.
  Result<bool> next(std::string_view& in, SseEvent& event);
  bool mid_event() const;  // bytes of an unfinished event are held

 private:
  bool next_plain(std::string_view& in, SseEvent& event);
  std::size_t find_end(std::string_view in);
  void read(SseEvent& event);

  std::size_t event_bytes_max_;
  std::string partial_;          // an event that began in earlier bytes
  std::string joined_;           // data of several lines
  std::string whole_;            // raw of an event completed out of partial_
  bool started_ = false;         // the first event is behind us, and with it a BOM
  bool in_line_ = false;         // the line being read has bytes
  bool after_cr_ = false;        // a CR ended the line before: an LF now belongs to it
  bool bare_cr_ = false;         // the line before ended in CR alone
  bool waits_for_feed_ = false;  // an empty line ended in CR, perhaps half of CRLF
  bool follows_cr_ = false;      // the event before ended in CR alone
};

}  // namespace spillway
