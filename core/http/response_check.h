// What llhttp leaves to us about responses: the status line, and where the body ends. Thread: any.
#pragma once
#include <string_view>

#include "http/flaw.h"
#include "http/reader.h"

namespace spillway {

// A StartLineCheck (http/head_scan.h).
Flaw check_status_line(std::string_view line, bool whole, const ReadLimits& limits);

// Fills status and minor of `head` from a line that check_status_line() has passed.
void read_status_line(std::string_view line, ResponseHead& head);

// Checks the fields of `head` and fills framing, length and keep_alive.
Flaw complete_response(ResponseHead& head, bool head_request);

}  // namespace spillway
