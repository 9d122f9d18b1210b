// A shortcut for the heads that nearly all messages have: fields split here, in one pass, without llhttp. Thread: any.
#pragma once
#include <string_view>

#include "http/headers.h"
#include "http/reader.h"

namespace spillway {

// True: `list` is what llhttp would make of the head's fields (`text` is what follows the start line, with the empty
// line). False when anything in it is out of the ordinary, right or wrong; then `list` is of no use.
bool read_plain_fields(std::string_view text, const ReadLimits& limits, Headers& list);

// How many bytes the head at the front of `in` has, if its lines all end in CRLF; 0 when its end is not in sight.
std::size_t plain_head_bytes(std::string_view in);

}  // namespace spillway
