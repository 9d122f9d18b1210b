// Any bytes as a config file: no crash, no endless loop, bounded problems, and each of them can be printed.
//
// Secrets and includes are kept away from the machine's real files by refusing inputs that name any.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "conf/load.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (text.find("include") != std::string_view::npos || text.find("file:") != std::string_view::npos) return 0;
  const spillway::Loaded loaded = spillway::load_config_text(text, "fuzz.toml");
  CHECK(loaded.problems.size() <= 100);
  std::size_t printed = 0;
  for (const spillway::Problem& problem : loaded.problems) printed += spillway::to_text(problem, true).size();
  CHECK(loaded.problems.empty() || printed > 0);
  return 0;
}
