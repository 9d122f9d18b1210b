// Feeds a reader the same bytes cut in every way and writes down what it says, so that a table of inputs and verdicts
// is a whole test. Used by the tests of http/.
#pragma once
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "http/reader.h"

namespace spillway {

struct Case {
  const char* name;
  std::string bytes;
  // Messages as `METHOD path?query [body] end` (responses: `status [body] end`), joined by "; ". A refusal is its
  // status (responses: "invalid" or "limit"); a message that has not ended has no `end`.
  std::string heard;
};

// Whole, byte by byte, and in two pieces cut at every offset (every seventh in long inputs): always the same messages
// with the same fields, and those that the case names.
void check_requests(std::initializer_list<Case> cases, const ReadLimits& limits = {});
// As above; `eof` ends the input, `head_request` is what is told to expect().
struct ResponseWay {
  bool head_request = false;
  bool eof = false;
};
void check_responses(std::initializer_list<Case> cases, ResponseWay way = {}, const ReadLimits& limits = {});

// One feeding, for those who cut in their own ways.
using Pieces = std::vector<std::string_view>;
struct Heard {
  std::string summary;  // as Case::heard
  std::string fields;   // of all heads, with what was concluded from them
};
Heard hear(const Pieces& pieces, const ReadLimits& limits);
Heard hear(const Pieces& pieces, ResponseWay way, const ReadLimits& limits);
Pieces one_by_one(std::string_view bytes);

// What a reader says to the bytes given whole.
std::string hear_request(std::string_view bytes, const ReadLimits& limits = {});
std::string hear_response(std::string_view bytes, const ReadLimits& limits = {});

std::string repeat(std::string_view text, std::size_t times);

}  // namespace spillway
