// Where a JSON string ends, for texts of which the rest is known already. Thread: any.
#pragma once
#include <cstddef>
#include <string_view>

namespace spillway {

// `at`: its first byte behind the opening quote. The place of its closing quote, or npos: it does not end, or it holds
// a raw control byte or a wrong escape. UTF-8 and lone halves of surrogates are not looked at.
std::size_t json_string_end(std::string_view text, std::size_t at);

}  // namespace spillway
