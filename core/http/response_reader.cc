// Responses from bytes: see reader.h.
#include "http/reader.h"

#include <limits>

#include "base/stock.h"
#include "http/body.h"
#include "http/head_fields.h"
#include "http/head_scan.h"
#include "http/plain_fields.h"
#include "http/reader_parts.h"
#include "http/response_check.h"

namespace spillway {

namespace {
constexpr int kInterimMax = 8;
}  // namespace

struct ResponseReader::Parser {
  explicit Parser(const ReadLimits& given) { renew(given); }

  void renew(const ReadLimits& given) {
    limits = given;
    limits.empty_lines = 0;
    limits.body_bytes = std::numeric_limits<std::uint64_t>::max();
    scan.reset();
    phase = ReadPhase::head;
  }

  Flaw read_head() {
    read_status_line(scan.start_line(), head);
    if (!read_fields(scan, HeadKind::response, head.headers)) return kBadField;
    if (head.status == 101) return upgrade ? Flaw{} : Flaw{400, "the provider switches protocols unasked"};
    if (head.status < 200 && ++interim > kInterimMax) return {400, "too many interim responses"};
    return head.status < 200 ? complete_response(head, head_request) : Flaw{};
  }

  bool take_plain_head(std::string_view& in) {
    if (!scan.fresh()) return false;
    const std::string_view text = in.substr(0, limits.head_bytes);
    const std::size_t line = read_plain_status_line(text, limits, head);
    if (line == 0) return false;
    const std::size_t fields = read_plain_fields(text.substr(line), limits, head.headers);
    if (fields == 0) return head.headers.clear(), false;
    scan.adopt(text.substr(0, line + fields), line - 2);
    head.headers.rebase(text.data(), scan.text().data());
    in.remove_prefix(line + fields);
    return true;
  }

  Result<Step> refuse(const Flaw& fault) {
    phase = ReadPhase::dead;
    return to_error(fault, Source::upstream);
  }

  Result<Step> next_head(std::string_view& in) {
    while (!take_plain_head(in)) {
      const HeadScan::Got got = scan.take(in);
      if (got == HeadScan::Got::more) return Step::more;
      if (got == HeadScan::Got::fault) return refuse(scan.fault());
      if (const Flaw fault = read_head()) return refuse(fault);
      if (head.status >= 200 || head.status == 101) break;
      scan.reset();
    }
    if (const Flaw fault = complete_response(head, head_request)) return refuse(fault);
    interim = 0;
    body.begin(head.framing, head.length, limits.body_bytes);
    if (body.owes_end()) give_back_byte(in);
    phase = ReadPhase::body;
    return Step::head;
  }

  Result<Step> next_body(std::string_view& in) {
    Flaw fault;
    const Step step = body.next(in, piece, fault);
    if (fault) return refuse(fault);
    if (step == Step::end) phase = ReadPhase::ended;
    return step;
  }

  ReadLimits limits;
  HeadScan scan{limits, check_status_line};
  BodyReader body{limits};
  ResponseHead head;
  std::string_view piece;
  ReadPhase phase = ReadPhase::head;
  int interim = 0;
  bool head_request = false, upgrade = false;
};

ResponseReader::ResponseReader(SharedLimits limits) : limits_(std::move(limits)) {}
ResponseReader::~ResponseReader() = default;
ResponseReader::ResponseReader(ResponseReader&&) noexcept = default;

void ResponseReader::expect(bool head_request, bool upgrade) {
  awake().head_request = head_request;
  parser_->upgrade = upgrade;
}

Result<Step> ResponseReader::next(std::string_view& in) {
  Parser& parser = awake();
  if (parser.phase == ReadPhase::dead) return to_error({400, "an earlier response was refused"}, Source::upstream);
  if (parser.phase == ReadPhase::body) return parser.next_body(in);
  if (parser.phase == ReadPhase::ended && !in.empty()) {
    parser.scan.reset();
    parser.phase = ReadPhase::head;
  }
  return parser.phase == ReadPhase::head ? parser.next_head(in) : Result<Step>(Step::more);
}

bool ResponseReader::finish() {
  Parser& parser = awake();
  const bool proper = parser.phase == ReadPhase::body && parser.body.until_close();
  parser.phase = proper ? ReadPhase::ended : ReadPhase::dead;
  return proper;
}

const ResponseHead& ResponseReader::head() const {
  static const ResponseHead none;
  return parser_ == nullptr ? none : parser_->head;
}

void ResponseReader::forget_fields() {
  CHECK(parser_ != nullptr && parser_->phase != ReadPhase::head);
  parser_->head.headers = Headers();
  parser_->scan.forget();
}

std::string_view ResponseReader::body() const { return parser_->piece; }

bool ResponseReader::mid_message() const {
  if (parser_ == nullptr) return false;
  return parser_->phase == ReadPhase::body || (parser_->phase == ReadPhase::head && parser_->scan.begun());
}

void ResponseReader::forget() {
  CHECK(!mid_message());
  if (parser_ != nullptr && parser_->phase <= ReadPhase::ended) Stock<Parser>::put_back(std::move(parser_));
}

ResponseReader::Parser& ResponseReader::awake() {
  if (parser_ == nullptr) parser_ = Stock<Parser>::take(*limits_);
  return *parser_;
}

}  // namespace spillway
