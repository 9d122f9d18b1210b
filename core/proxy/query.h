// The parts of a query, as clients write them: still encoded, `name=value` mostly. Thread: any.
#pragma once
#include <algorithm>
#include <string_view>

namespace spillway {

inline constexpr std::string_view kKeyPart = "key=";  // may be a client's credential, so it goes to nobody

// Takes the next part from the front; empty parts are told, too. False: there is none left.
inline bool next_part(std::string_view& query, std::string_view& part) {
  if (query.empty()) return false;
  const std::size_t end = std::min(query.find('&'), query.size());
  part = query.substr(0, end);
  query.remove_prefix(std::min(end + 1, query.size()));
  return true;
}

}  // namespace spillway
