// What llhttp leaves to us about requests: the request line, the forms of a target, Host, and which bytes are the body.
// Thread: any.
#pragma once
#include <string_view>

#include "http/flaw.h"
#include "http/reader.h"

namespace spillway {

// A StartLineCheck (http/head_scan.h).
Flaw check_request_line(std::string_view line, bool whole, const ReadLimits& limits);

// Fills method, target and minor of `head` from a line that check_request_line() has passed.
void read_request_line(std::string_view line, RequestHead& head);

// Checks the fields of `head` and fills the rest of it: path, query, host, framing, length, keep_alive and so on.
Flaw complete_request(RequestHead& head, const ReadLimits& limits);

// How large the body of a request with this head may be.
std::uint64_t body_limit(const RequestHead& head, const ReadLimits& limits);

// The fields of a head that llhttp refused although they look like fields, to find out whether it was for a coding that
// we do not know (501). Nothing else is done with them. False: they are no fields.
bool split_fields(std::string_view text, Headers& list);

}  // namespace spillway
