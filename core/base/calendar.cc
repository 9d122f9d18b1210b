#include "base/calendar.h"

#include <ctime>

namespace spillway {

std::string utc_text(std::int64_t unix_s, const char* format) {
  const auto time = static_cast<std::time_t>(unix_s);
  std::tm parts{};
  char text[64];
  if (::gmtime_r(&time, &parts) == nullptr) return {};
  return {text, std::strftime(text, sizeof text, format, &parts)};
}

}  // namespace spillway
