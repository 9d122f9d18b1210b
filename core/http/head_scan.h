// Collects the bytes of one head, however they were cut, and checks what is a matter of lines: CRLF and nothing else
// ends a line (RFC 9112 2.2 would tolerate a bare LF; that is how requests are smuggled), no obs-fold, no empty field
// name, and the size limits. llhttp 8.1 lets some of these pass, 9.x none; here they never reach it.
//
// Every verdict falls at a byte that does not depend on how the input was cut, so a head fed byte by byte is judged
// as the same head fed whole. Owner: a reader. Memory: at most head_bytes + 1.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

#include "http/flaw.h"
#include "http/reader.h"

namespace spillway {

// Judges the start line. `whole` is false while its end has not come: only limits can be broken then.
using StartLineCheck = Flaw (*)(std::string_view line, bool whole, const ReadLimits& limits);

class HeadScan {
 public:
  HeadScan(const ReadLimits& limits, StartLineCheck check) : limits_(limits), start_line_(check) {}

  enum class Got { more, head, fault };
  // Takes bytes from the front of `in` up to the end of the head. `text()` is the head then, until reset().
  Got take(std::string_view& in);
  // A shortcut for take(), for who has read the head that `text` is himself. Only while fresh().
  void adopt(std::string_view text, std::size_t start_line_bytes);
  bool fresh() const { return !begun() && !in_empty_line_; }
  // The same for who has seen that the head is the last one again but for a few bytes. Those he may write.
  std::string_view last_text() const { return last_ ? std::string_view(text_) : std::string_view(); }
  char* take_last();
  void
  reset();  // the next head begins; text() stays as last_text() until it does; if unusually large, it is given back
  void forget();  // the same, and gives all memory back
  // Makes HTABs around values SPs, as RFC 9110 5.6.3 allows; true when there were any.
  bool space_outer_tabs();
  bool begun() const { return !last_ && !text_.empty(); }
  const Flaw& fault() const { return fault_; }
  std::string_view text() const { return text_; }
  std::string_view start_line() const { return std::string_view(text_).substr(0, start_line_bytes_); }

 private:
  Got skip_empty_lines(std::string_view& in);
  Got scan(std::string_view all);
  bool plain_field(std::string_view line) const;
  Flaw check_partial(std::string_view line) const;
  Flaw check_line(std::string_view line);

  const ReadLimits& limits_;
  StartLineCheck start_line_;
  std::string text_;
  std::size_t line_ = 0;  // where the line begins that has not ended
  std::size_t scan_ = 0;  // no LF from line_ to here
  std::size_t start_line_bytes_ = 0;
  std::size_t fields_ = 0;
  std::size_t empty_lines_ = 0;
  bool in_empty_line_ = false;  // CR read, its LF not
  bool past_start_line_ = false;
  bool last_ = false;  // text_ is of the head before
  Flaw fault_;
};

}  // namespace spillway
