#include "llm/media.h"

#include "http/headers.h"

namespace spillway {

Media media_of(std::string_view content_type) {
  const std::string_view type = trim(content_type.substr(0, content_type.find(';')));
  const auto is = [&](std::string_view known) { return equal_fold(type, known); };
  const auto ends = [&](std::string_view known) {
    return type.size() > known.size() && equal_fold(type.substr(type.size() - known.size()), known);
  };
  if (is("application/json") || is("text/json") || ends("+json")) return Media::json;
  return type.empty() || is("text/plain") || is("application/x-www-form-urlencoded") ? Media::maybe : Media::no;
}

}  // namespace spillway
