// A shortcut for the heads that nearly all messages have: fields split here, in one pass, without llhttp. Thread: any.
#pragma once
#include <string_view>

#include "http/headers.h"
#include "http/reader.h"

namespace spillway {

// Each reads what stands at the front of `text` and says how many bytes that is; 0 when anything in it is out of the
// ordinary, right or wrong, or its end is not in sight. Then what was written to is of no use.

// "POST /path HTTP/1.1" with its line break: method, target and minor.
std::size_t read_plain_request_line(std::string_view text, const ReadLimits& limits, RequestHead& head);

// "HTTP/1.1 200 OK" with its line break: status and minor.
std::size_t read_plain_status_line(std::string_view text, const ReadLimits& limits, ResponseHead& head);

// The lines behind that, and the empty one: `list` is what llhttp would make of them.
std::size_t read_plain_fields(std::string_view text, const ReadLimits& limits, Headers& list);

}  // namespace spillway
