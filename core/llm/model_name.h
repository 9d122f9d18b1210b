// What a model may be called by a client. Names go into heads, paths, logs and terminals. Thread: any.
#pragma once
#include <string_view>

#include "llm/facts.h"

namespace spillway {

bool unprintable(std::string_view text);  // C0, DEL and C1
// Not empty, at most 256 bytes, without control characters; else says why.
bool good_model(std::string_view name, BadRequest& why);

}  // namespace spillway
