// Requests from bytes: see reader.h.
#include "http/reader.h"

#include <cstring>

#include "base/stock.h"
#include "http/body.h"
#include "http/head_fields.h"
#include "http/head_scan.h"
#include "http/plain_fields.h"
#include "http/reader_parts.h"
#include "http/request_check.h"
#include "http/syntax.h"

namespace spillway {

struct RequestReader::Parser {
  explicit Parser(const ReadLimits& given) { renew(given); }

  // As if new; its last message was whole, so there is nothing left of it but the head.
  void renew(const ReadLimits& given) {
    if (limits != given) repeatable = false;
    limits = given;
    scan.reset();
    phase = ReadPhase::head;
  }

  Flaw read_head() {
    read_request_line(scan.start_line(), head);
    if (read_fields(scan, HeadKind::request, head.headers)) return complete_request(head, limits);
    if (!split_fields(scan.text(), head.headers)) return kBadField;
    const Flaw fault = complete_request(head, limits);
    return fault.status == 501 ? fault : kBadField;
  }

  Result<Step> refuse(const Flaw& fault) {
    phase = ReadPhase::dead;
    refusal = {fault.status, fault.detail};
    return to_error(fault, Source::client);
  }

  // Clients say the same again and again, but for the length of what follows: then all that was found and judged in the
  // last head is so in this one. That may have been another client's, with its key in it, so the time that comparing
  // takes must not depend on where they differ.
  bool take_same_head(std::string_view& in) {
    const std::string_view last = scan.last_text();
    if (!repeatable || last.empty() || in.size() < last.size()) return false;
    const std::size_t behind = length_at + length_digits;
    const bool same = same_bytes(in.substr(0, length_at), last.substr(0, length_at)) &
                      same_bytes(in.substr(behind, last.size() - behind), last.substr(behind));
    if (!same) return false;
    if (length_digits > 0) {
      const std::string_view digits = in.substr(length_at, length_digits);
      std::uint64_t length = 0;
      for (const char c : digits) length = length * 10 + static_cast<std::uint64_t>(c - '0');
      if (!all_chars(digits, kDigit) || length == 0 || length > limits.body_bytes) return false;  // or a form
      std::memcpy(scan.take_last() + length_at, digits.data(), length_digits);
      head.length = length;
    } else {
      scan.take_last();
    }
    in.remove_prefix(last.size());
    return true;
  }

  // What the next head may be the same as.
  void remember() {
    const Header* field = head.headers.find(FieldId::content_length);
    length_digits = field == nullptr ? 0 : field->value.size();
    length_at = field == nullptr ? 0 : static_cast<std::size_t>(field->value.data() - scan.text().data());
    repeatable = field == nullptr || head.length > 0;
  }

  // Nearly all heads come whole, and say nothing that needs llhttp's judgement.
  bool take_plain_head(std::string_view& in) {
    if (!scan.fresh()) return false;
    const std::string_view text = in.substr(0, limits.head_bytes);
    const std::size_t line = read_plain_request_line(text, limits, head);
    if (line == 0) return false;
    const std::size_t fields = read_plain_fields(text.substr(line), limits, head.headers);
    if (fields == 0) return head.headers.clear(), false;
    scan.adopt(text.substr(0, line + fields), line - 2);
    // What was found in the bytes given is the same in our copy of them.
    const char* const ours = scan.text().data();
    head.headers.rebase(text.data(), ours);
    head.method = {ours, head.method.size()};
    head.target = {ours + head.method.size() + 1, head.target.size()};
    in.remove_prefix(line + fields);
    return true;
  }

  Result<Step> next_head(std::string_view& in) {
    Flaw fault;
    if (scan.fresh() && take_same_head(in)) {
      fault = {};
    } else if (take_plain_head(in)) {
      fault = complete_request(head, limits);
      if (!fault) remember();
    } else {
      repeatable = false;
      const HeadScan::Got got = scan.take(in);
      if (got == HeadScan::Got::more) return Step::more;
      fault = got == HeadScan::Got::fault ? scan.fault() : read_head();
    }
    if (fault) return refuse(fault);
    body.begin(head.framing, head.length, head.framing == Framing::chunked ? body_limit(head, limits) : 0);
    if (body.owes_end()) give_back_byte(in);
    phase = ReadPhase::body;
    return Step::head;
  }

  Result<Step> next_body(std::string_view& in) {
    Flaw fault;
    const Step step = body.next(in, piece, fault);
    if (fault) return refuse(fault);
    if (step == Step::end) phase = head.keep_alive ? ReadPhase::ended : ReadPhase::over;
    return step;
  }

  ReadLimits limits;
  HeadScan scan{limits, check_request_line};
  BodyReader body{limits};
  RequestHead head;
  std::string_view piece;
  Refusal refusal{0, {}};
  ReadPhase phase = ReadPhase::head;
  // Of the last head: whether one like it needs no reading, and where in it the body's length stands.
  bool repeatable = false;
  std::size_t length_at = 0, length_digits = 0;
};

RequestReader::RequestReader(SharedLimits limits) : limits_(std::move(limits)) {}
RequestReader::~RequestReader() = default;
RequestReader::RequestReader(RequestReader&&) noexcept = default;

Result<Step> RequestReader::next(std::string_view& in) {
  Parser& parser = awake();
  switch (parser.phase) {
    case ReadPhase::ended:
      if (in.empty()) return Step::more;
      parser.scan.reset();
      parser.phase = ReadPhase::head;
      [[fallthrough]];
    case ReadPhase::head: return parser.next_head(in);
    case ReadPhase::body: return parser.next_body(in);
    case ReadPhase::over: in = {}; return Step::more;
    case ReadPhase::dead: break;
  }
  return to_error({parser.refusal.status, "an earlier request was refused"}, Source::client);
}

const RequestHead& RequestReader::head() const {
  static const RequestHead none;
  return parser_ == nullptr ? none : parser_->head;
}
std::string_view RequestReader::body() const { return parser_->piece; }
const Refusal& RequestReader::refusal() const { return parser_->refusal; }

bool RequestReader::mid_message() const {
  if (parser_ == nullptr) return false;
  return parser_->phase == ReadPhase::body || (parser_->phase == ReadPhase::head && parser_->scan.begun());
}

void RequestReader::forget() {
  CHECK(!mid_message());
  if (parser_ != nullptr && parser_->phase <= ReadPhase::ended) Stock<Parser>::put_back(std::move(parser_));
}

RequestReader::Parser& RequestReader::awake() {
  if (parser_ == nullptr) parser_ = Stock<Parser>::take(*limits_);
  return *parser_;
}

}  // namespace spillway
