// Event streams: the same events however the bytes are cut, raw bytes that add up to the input, a bound that holds.
// The first byte of the input says how the rest is cut.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "http/sse.h"

namespace spillway {
namespace {

constexpr std::size_t kEventBytesMax = 64;

std::string transcript(std::string_view bytes, std::size_t piece) {
  SseReader reader(kEventBytesMax);
  const std::string_view all = bytes;
  std::string said;
  std::string raw;
  while (!bytes.empty()) {
    std::string_view in = bytes.substr(0, piece);
    bytes.remove_prefix(in.size());
    SseEvent event;
    while (true) {
      const Result<bool> got = reader.next(in, event);
      if (!got) return said + "!";
      if (!*got) break;
      CHECK(!event.raw.empty() && event.raw.size() <= kEventBytesMax);
      CHECK(event.has_data || event.data.empty());
      raw.append(event.raw);
      said.append(event.raw).append("|").append(event.type).append("|").append(event.data);
      said += event.has_data ? "#" : "-";
    }
    CHECK(in.empty());
  }
  CHECK(all.substr(0, raw.size()) == raw);
  CHECK(all.size() - raw.size() <= kEventBytesMax);
  CHECK(all.size() > raw.size() || !reader.mid_event());
  return said + (reader.mid_event() ? "..." : "");
}

}  // namespace
}  // namespace spillway

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::string whole = spillway::transcript(bytes, bytes.size());
  CHECK(whole == spillway::transcript(bytes, 1 + data[0] % 64));
  CHECK(whole == spillway::transcript(bytes, 1));
  return 0;
}
