// Can a candidate answer this very request? What its catalogue or the config says of it against what the request asks
// for; unknown means yes (P-24, D-5). Thread: any.
#pragma once
#include <cstdint>
#include <string>

#include "llm/parameters.h"

namespace spillway {

struct Candidate;

// What a request needs of whoever answers it.
struct Demand {
  std::int64_t prompt_tokens = 0, max_tokens = -1;  // an estimate; -1: not said
  bool tools = false, images = false, response_format = false;
  Parameters parameters = 0;
};

// "context 32768 < 41210", "no tools", "no seed"; empty: it can, as far as anybody knows.
std::string unfit_for(const Candidate& candidate, const Demand& demand);

}  // namespace spillway
