// Responses from a provider that is broken or hostile: the same verdict however the bytes are cut, and never a complete
// body where one was cut short. The first byte of the input says how the rest is cut and whether HEAD or an
// upgrade was asked.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "http/reader.h"

namespace spillway {
namespace {

std::string transcript(std::string_view bytes, std::size_t piece, bool head_request, bool upgrade) {
  ReadLimits limits;
  limits.field_bytes = 100;
  limits.head_bytes = 400;
  limits.fields = 8;
  limits.chunk_extension_bytes = 32;
  limits.trailer_bytes = 40;
  ResponseReader reader(limits);
  reader.expect(head_request, upgrade);
  std::string said;
  std::uint64_t body_bytes = 0;
  while (!bytes.empty()) {
    std::string_view in = bytes.substr(0, piece);
    bytes.remove_prefix(in.size());
    while (!in.empty()) {
      const Result<Step> step = reader.next(in);
      if (!step) return said + "!" + step.error().detail;
      const ResponseHead& head = reader.head();
      if (*step == Step::body) {
        body_bytes += reader.body().size();
        said.append(reader.body());
        if (head.headers.size() > 0 && body_bytes > 3) reader.forget_fields();  // as streams do
      }
      if (*step == Step::end) {
        CHECK(head.framing != Framing::length || body_bytes == head.length);
        CHECK(head.framing != Framing::none || body_bytes == 0);
        said += "\n$";
        if (head.status == 204) reader.forget();  // as connections do that wait
        continue;
      }
      if (*step != Step::head) continue;
      CHECK((head.status >= 200 && head.status <= 599) || (upgrade && head.status == 101));
      CHECK(head.status != 101 || head.framing == Framing::until_close);
      CHECK(head.framing != Framing::until_close || !head.keep_alive);
      body_bytes = 0;
      said += "\n" + std::to_string(head.status) + std::to_string(static_cast<int>(head.framing));
      for (const Header& field : head.headers) said.append("\n").append(field.name).append("=").append(field.value);
      said += "\n\n";
    }
  }
  const bool mid = reader.mid_message();
  const bool until_close = mid && said.size() > 0 && reader.head().framing == Framing::until_close;
  const bool proper = reader.finish();
  CHECK(!proper || until_close);
  return said + (proper ? "$" : mid ? "cut" : "");
}

}  // namespace
}  // namespace spillway

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const bool head_request = data[0] >= 128, upgrade = (data[0] & 64) != 0;
  const std::string whole = spillway::transcript(bytes, bytes.size(), head_request, upgrade);
  CHECK(whole == spillway::transcript(bytes, 1 + data[0] % 64, head_request, upgrade));
  CHECK(whole == spillway::transcript(bytes, 1, head_request, upgrade));
  return 0;
}
