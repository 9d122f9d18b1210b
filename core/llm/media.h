// What a media type says about a body. Thread: any.
#pragma once
#include <cstdint>
#include <string_view>

namespace spillway {

// What a media type says about its body. `maybe` is the default of `curl -d`, plain text and nothing said; forms with
// files, and lines of JSON, are left alone.
enum class Media : std::uint8_t { json, maybe, no };

Media media_of(std::string_view content_type);

}  // namespace spillway
