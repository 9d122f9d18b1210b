// A head that is in the input in one piece is scanned there and copied once; one that is cut is scanned in our copy.
// It is copied in any case, because a request outlives the read buffer it came in.
#include "http/head_scan.h"

#include <algorithm>
#include <cstring>

#include "http/syntax.h"

namespace spillway {

namespace {
constexpr std::size_t kKeptBytes = 8 * 1024;  // of text, from head to head

// A limit is broken by the first byte too many; the CR that may end a line is not counted.
std::size_t field_size(std::string_view line) { return line.size() - (!line.empty() && line.back() == '\r' ? 1 : 0); }
}  // namespace

void HeadScan::reset() {
  last_ = text_.capacity() <= kKeptBytes;
  if (!last_) {
    text_.clear();
    text_.shrink_to_fit();
  }
  line_ = scan_ = fields_ = empty_lines_ = 0;
  in_empty_line_ = past_start_line_ = false;
}

void HeadScan::forget() {
  reset();
  last_ = false;
  text_.clear();
  text_.shrink_to_fit();
}

bool HeadScan::space_outer_tabs() {
  bool any = false;
  const auto blank = [&](std::size_t at) {
    if (text_[at] != '\t') return text_[at] == ' ';
    any = true;
    text_[at] = ' ';
    return true;
  };
  for (std::size_t line = start_line_bytes_ + 2; line + 2 < text_.size();) {
    const std::size_t end = text_.find('\r', line);
    const std::size_t colon = text_.find(':', line);
    std::size_t first = colon + 1;
    std::size_t last = end;
    while (colon < end && first < end && blank(first)) ++first;
    while (colon < end && last > first && blank(last - 1)) --last;
    line = text_.find('\n', end) + 1;
  }
  return any;
}

void HeadScan::adopt(std::string_view text, std::size_t start_line_bytes) {
  text_.assign(text);
  start_line_bytes_ = start_line_bytes;
  last_ = false;
}

char* HeadScan::take_last() {
  last_ = false;
  return text_.data();
}

HeadScan::Got HeadScan::take(std::string_view& in) {
  if (last_) {
    text_.clear();
    last_ = false;
  }
  if (text_.empty()) {
    if (skip_empty_lines(in) == Got::fault) return Got::fault;
    if (in.empty()) return Got::more;
    const std::string_view all = in.substr(0, limits_.head_bytes + 1);
    const Got got = scan(all);
    if (got == Got::fault) return got;
    text_.assign(all.data(), scan_);
    in.remove_prefix(scan_);
    return got;
  }
  const std::size_t before = text_.size();
  text_.append(in.data(), std::min(in.size(), limits_.head_bytes + 1 - before));
  const Got got = scan(text_);
  if (got == Got::fault) return got;
  text_.resize(scan_);
  in.remove_prefix(scan_ - before);
  return got;
}

// RFC 9112 2.2 asks for at least one to be ignored before a request; none may stand before a response.
HeadScan::Got HeadScan::skip_empty_lines(std::string_view& in) {
  while (!in.empty()) {
    const char c = in.front();
    if (in_empty_line_) {
      fault_ = c == '\n' ? Flaw{} : Flaw{400, "CR without LF"};
      if (++empty_lines_ > limits_.empty_lines) fault_ = {400, "too many empty lines before the message"};
      if (fault_) return Got::fault;
      in_empty_line_ = false;
    } else if (c == '\r') {
      in_empty_line_ = true;
    } else {
      return Got::more;
    }
    in.remove_prefix(1);
  }
  return Got::more;
}

HeadScan::Got HeadScan::scan(std::string_view all) {
  while (true) {
    const void* found = std::memchr(all.data() + scan_, '\n', all.size() - scan_);
    if (found == nullptr) {
      scan_ = all.size();
      fault_ = check_partial(all.substr(line_));
      if (!fault_ && scan_ > limits_.head_bytes) fault_ = {431, "the head is too large"};
      return fault_ ? Got::fault : Got::more;
    }
    const std::size_t feed = static_cast<std::size_t>(static_cast<const char*>(found) - all.data());
    const std::string_view line = all.substr(line_, feed - line_);
    if (past_start_line_ && feed < limits_.head_bytes && plain_field(line)) {
      ++fields_;
      line_ = scan_ = feed + 1;
      continue;
    }
    fault_ = check_partial(line);
    if (!fault_ && feed >= limits_.head_bytes) fault_ = {431, "the head is too large"};
    if (!fault_ && (line.empty() || line.back() != '\r')) fault_ = {400, "a line ends in LF without CR"};
    if (!fault_) fault_ = check_line(line.substr(0, line.size() - 1));
    if (fault_) return Got::fault;
    line_ = scan_ = feed + 1;
    if (past_start_line_ && line.size() == 1) return Got::head;
    if (!past_start_line_) start_line_bytes_ = line.size() - 1;
    past_start_line_ = true;
  }
}

// A shortcut: true only for lines that the checks below let pass.
bool HeadScan::plain_field(std::string_view line) const {
  if (line.size() < 2 || line.size() > limits_.field_bytes || fields_ >= limits_.fields) return false;
  return line.back() == '\r' && is_char(line.front(), kTokenChar);
}

Flaw HeadScan::check_partial(std::string_view line) const {
  if (!past_start_line_) return start_line_(line, false, limits_);
  if (field_size(line) > limits_.field_bytes) return {431, "a header field is too large"};
  return {};
}

Flaw HeadScan::check_line(std::string_view line) {
  if (!past_start_line_) return start_line_(line, true, limits_);
  if (line.empty()) return {};
  if (++fields_ > limits_.fields) return {431, "too many header fields"};
  if (line.front() == ' ' || line.front() == '\t') return {400, "a header field is folded over two lines"};
  if (line.front() == ':') return {400, "a header field has no name"};
  // CR CR LF for one, which somebody else may take for the end of the head.
  if (!is_char(line.front(), kTokenChar)) return {400, "a header field begins with a byte that no name has"};
  return {};
}

}  // namespace spillway
