// One spelling for JSON texts that mean the same, for cache keys. Thread: any.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "json/scan.h"

namespace spillway {

// As canonical_json() in scan.h, by a scanner that is there anyway; what it accepted before is forgotten. `room` is how
// many bytes are readable from text.data(), as for JsonScanner::validate().
Result<std::string> canonical_json(JsonScanner& scanner, std::string_view text, std::size_t room,
                                   const std::vector<std::string_view>& without);

}  // namespace spillway
