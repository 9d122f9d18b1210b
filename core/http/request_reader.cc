// Requests from bytes: see reader.h.
#include "http/reader.h"

#include "base/stock.h"
#include "http/body.h"
#include "http/head_fields.h"
#include "http/head_scan.h"
#include "http/reader_parts.h"
#include "http/request_check.h"

namespace spillway {

struct RequestReader::Parser {
  explicit Parser(const ReadLimits& given) { renew(given); }

  // As if new; its last message was whole, so there is nothing left of it but the head.
  void renew(const ReadLimits& given) {
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

  // Nearly all heads come whole, and say nothing that needs llhttp's judgement.
  bool take_plain_head(std::string_view& in) {
    if (!take_plain(scan, in, limits, head.headers)) return false;
    read_request_line(scan.start_line(), head);
    if (!head.target.starts_with('/')) return scan.reset(), false;
    in.remove_prefix(scan.text().size());
    return true;
  }

  Result<Step> next_head(std::string_view& in) {
    Flaw fault;
    if (take_plain_head(in)) {
      fault = complete_request(head, limits);
    } else {
      const HeadScan::Got got = scan.take(in);
      if (got == HeadScan::Got::more) return Step::more;
      fault = got == HeadScan::Got::fault ? scan.fault() : read_head();
    }
    if (fault) return refuse(fault);
    body.begin(head.framing, head.length);
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
};

RequestReader::RequestReader(const ReadLimits& limits) : limits_(limits) {}
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
  if (parser_ == nullptr) parser_ = Stock<Parser>::take(limits_);
  return *parser_;
}

}  // namespace spillway
