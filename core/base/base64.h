// Base64 (RFC 4648 4). Thread: any.
#pragma once
#include <string>
#include <string_view>

namespace spillway {

std::string to_base64(std::string_view bytes);
// Appends what `text` means; padding may be missing. False: it is not base64, and `out` holds what came before.
bool from_base64(std::string_view text, std::string& out);

}  // namespace spillway
