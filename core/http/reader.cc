// llhttp parses the fields of heads; lines, limits, framing and bodies are ours (head_scan, request_check,
// response_check, framing, body). It always gets a whole head and is started anew for each, so it never decides where
// a message ends, never upgrades, and its version makes no difference.
#include "http/reader.h"

#include <llhttp.h>

#include <limits>

#include "base/stock.h"
#include "http/body.h"
#include "http/head_scan.h"
#include "http/plain_fields.h"
#include "http/request_check.h"
#include "http/response_check.h"
#include "http/syntax.h"

namespace spillway {

namespace {
constexpr int kInterimMax = 8;
constexpr std::size_t kFieldsUsual = 16;
constexpr Flaw kBadField{400, "a header field is not valid"};

// Where the callbacks put what they see. An empty value may have no callback.
struct Fields {
  Headers& list;
  bool complete = false;
};

int field_cb(llhttp_t* parser, const char* at, size_t length) {
  static_cast<Fields*>(parser->data)->list.add({at, length}, {});
  return 0;
}

int value_cb(llhttp_t* parser, const char* at, size_t length) {
  while (length > 0 && (at[length - 1] == ' ' || at[length - 1] == '\t')) --length;
  static_cast<Fields*>(parser->data)->list.set_last_value({at, length});
  return 0;
}

int complete_cb(llhttp_t* parser) {
  static_cast<Fields*>(parser->data)->complete = true;
  return HPE_PAUSED;
}

const llhttp_settings_t& settings() {
  static const llhttp_settings_t made = [] {
    llhttp_settings_t s;
    llhttp_settings_init(&s);
    s.on_header_field = field_cb;
    s.on_header_value = value_cb;
    s.on_headers_complete = complete_cb;
    return s;
  }();
  return made;
}

// True when llhttp reads the text as one head too, ending where we say that it ends.
bool run_llhttp(std::string_view text, llhttp_type_t type, Headers& list) {
  list.clear();
  list.reserve(kFieldsUsual);
  Fields fields{list};
  llhttp_t parser;
  llhttp_init(&parser, type, &settings());
  CHECK(parser.lenient_flags == 0);
  parser.data = &fields;
  const llhttp_errno_t error = llhttp_execute(&parser, text.data(), text.size());
  if (error != HPE_PAUSED || !fields.complete) return false;
  return llhttp_get_error_pos(&parser) >= text.data() + text.size() - 1;
}

// llhttp takes no HTAB around the values of Content-Length and Transfer-Encoding, though RFC 9110 does.
bool read_fields(HeadScan& scan, llhttp_type_t type, Headers& list) {
  if (run_llhttp(scan.text(), type, list)) return true;
  return scan.space_outer_tabs() && run_llhttp(scan.text(), type, list);
}

bool take_plain(HeadScan& scan, std::string_view in, const ReadLimits& limits, Headers& list) {
  if (!scan.take_plain(in)) return false;
  list.reserve(kFieldsUsual);
  if (read_plain_fields(scan.text().substr(scan.start_line().size() + 2), limits, list)) return true;
  scan.reset();
  return false;
}

bool over_limit(const Flaw& fault) { return fault.status == 413 || fault.status == 414 || fault.status == 431; }

Error to_error(const Flaw& fault, Source source) {
  const Retry retry = source == Source::upstream ? Retry::yes : Retry::no;
  return {over_limit(fault) ? Kind::limit : Kind::invalid, source, retry, fault.detail};
}

// The last byte of a head that is a whole message goes back until the end was told.
void give_back_byte(std::string_view& in) { in = {in.data() - 1, in.size() + 1}; }

enum class Phase : std::uint8_t { head, body, ended, over, dead };  // over and dead are for good
}  // namespace

struct RequestReader::Parser {
  explicit Parser(const ReadLimits& given) { renew(given); }

  // As if new; its last message was whole, so there is nothing left of it but the head.
  void renew(const ReadLimits& given) {
    limits = given;
    scan.reset();
    phase = Phase::head;
  }

  Flaw read_head() {
    read_request_line(scan.start_line(), head);
    if (read_fields(scan, HTTP_REQUEST, head.headers)) return complete_request(head, limits);
    if (!split_fields(scan.text(), head.headers)) return kBadField;
    const Flaw fault = complete_request(head, limits);
    return fault.status == 501 ? fault : kBadField;
  }

  Result<Step> refuse(const Flaw& fault) {
    phase = Phase::dead;
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
    phase = Phase::body;
    return Step::head;
  }

  Result<Step> next_body(std::string_view& in) {
    Flaw fault;
    const Step step = body.next(in, piece, fault);
    if (fault) return refuse(fault);
    if (step == Step::end) phase = head.keep_alive ? Phase::ended : Phase::over;
    return step;
  }

  ReadLimits limits;
  HeadScan scan{limits, check_request_line};
  BodyReader body{limits};
  RequestHead head;
  std::string_view piece;
  Refusal refusal{0, {}};
  Phase phase = Phase::head;
};

RequestReader::RequestReader(const ReadLimits& limits) : limits_(limits) {}
RequestReader::~RequestReader() = default;
RequestReader::RequestReader(RequestReader&&) noexcept = default;

Result<Step> RequestReader::next(std::string_view& in) {
  Parser& parser = awake();
  switch (parser.phase) {
    case Phase::ended:
      if (in.empty()) return Step::more;
      parser.scan.reset();
      parser.phase = Phase::head;
      [[fallthrough]];
    case Phase::head: return parser.next_head(in);
    case Phase::body: return parser.next_body(in);
    case Phase::over: in = {}; return Step::more;
    case Phase::dead: break;
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
  return parser_->phase == Phase::body || (parser_->phase == Phase::head && parser_->scan.begun());
}

void RequestReader::forget() {
  CHECK(!mid_message());
  if (parser_ != nullptr && parser_->phase <= Phase::ended) Stock<Parser>::put_back(std::move(parser_));
}

RequestReader::Parser& RequestReader::awake() {
  if (parser_ == nullptr) parser_ = Stock<Parser>::take(limits_);
  return *parser_;
}

struct ResponseReader::Parser {
  explicit Parser(const ReadLimits& given) { renew(given); }

  void renew(const ReadLimits& given) {
    limits = given;
    limits.empty_lines = 0;
    limits.body_bytes = std::numeric_limits<std::uint64_t>::max();
    scan.reset();
    phase = Phase::head;
  }

  Flaw read_head() {
    read_status_line(scan.start_line(), head);
    if (!read_fields(scan, HTTP_RESPONSE, head.headers)) return kBadField;
    if (head.status == 101) return {400, "the provider switches protocols unasked"};
    if (head.status < 200 && ++interim > kInterimMax) return {400, "too many interim responses"};
    return head.status < 200 ? complete_response(head, head_request) : Flaw{};
  }

  bool take_plain_head(std::string_view& in) {
    if (!take_plain(scan, in, limits, head.headers)) return false;
    read_status_line(scan.start_line(), head);
    if (head.status < 200) return scan.reset(), false;
    in.remove_prefix(scan.text().size());
    return true;
  }

  Result<Step> refuse(const Flaw& fault) {
    phase = Phase::dead;
    return to_error(fault, Source::upstream);
  }

  Result<Step> next_head(std::string_view& in) {
    while (!take_plain_head(in)) {
      const HeadScan::Got got = scan.take(in);
      if (got == HeadScan::Got::more) return Step::more;
      if (got == HeadScan::Got::fault) return refuse(scan.fault());
      if (const Flaw fault = read_head()) return refuse(fault);
      if (head.status >= 200) break;
      scan.reset();
    }
    if (const Flaw fault = complete_response(head, head_request)) return refuse(fault);
    interim = 0;
    body.begin(head.framing, head.length);
    if (body.owes_end()) give_back_byte(in);
    phase = Phase::body;
    return Step::head;
  }

  Result<Step> next_body(std::string_view& in) {
    Flaw fault;
    const Step step = body.next(in, piece, fault);
    if (fault) return refuse(fault);
    if (step == Step::end) phase = Phase::ended;
    return step;
  }

  ReadLimits limits;
  HeadScan scan{limits, check_status_line};
  BodyReader body{limits};
  ResponseHead head;
  std::string_view piece;
  Phase phase = Phase::head;
  int interim = 0;
  bool head_request = false;
};

ResponseReader::ResponseReader(const ReadLimits& limits) : limits_(limits) {}
ResponseReader::~ResponseReader() = default;
ResponseReader::ResponseReader(ResponseReader&&) noexcept = default;

void ResponseReader::expect(bool head_request) { awake().head_request = head_request; }

Result<Step> ResponseReader::next(std::string_view& in) {
  Parser& parser = awake();
  if (parser.phase == Phase::dead) return to_error({400, "an earlier response was refused"}, Source::upstream);
  if (parser.phase == Phase::body) return parser.next_body(in);
  if (parser.phase == Phase::ended && !in.empty()) {
    parser.scan.reset();
    parser.phase = Phase::head;
  }
  return parser.phase == Phase::head ? parser.next_head(in) : Result<Step>(Step::more);
}

bool ResponseReader::finish() {
  Parser& parser = awake();
  const bool proper = parser.phase == Phase::body && parser.body.until_close();
  parser.phase = proper ? Phase::ended : Phase::dead;
  return proper;
}

const ResponseHead& ResponseReader::head() const {
  static const ResponseHead none;
  return parser_ == nullptr ? none : parser_->head;
}

void ResponseReader::forget_fields() {
  CHECK(parser_ != nullptr && parser_->phase != Phase::head);
  parser_->head.headers = Headers();
  parser_->scan.forget();
}

std::string_view ResponseReader::body() const { return parser_->piece; }

bool ResponseReader::mid_message() const {
  if (parser_ == nullptr) return false;
  return parser_->phase == Phase::body || (parser_->phase == Phase::head && parser_->scan.begun());
}

void ResponseReader::forget() {
  CHECK(!mid_message());
  if (parser_ != nullptr && parser_->phase <= Phase::ended) Stock<Parser>::put_back(std::move(parser_));
}

ResponseReader::Parser& ResponseReader::awake() {
  if (parser_ == nullptr) parser_ = Stock<Parser>::take(limits_);
  return *parser_;
}

}  // namespace spillway
