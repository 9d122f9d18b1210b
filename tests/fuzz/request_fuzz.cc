// Requests from anybody: the reader must judge the same bytes alike however they are cut, and what it accepts must be
// readable again when we write it down. The first byte of the input says how the rest is cut.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "http/reader.h"
#include "http/websocket.h"
#include "http/writer.h"

namespace spillway {
namespace {

ReadLimits small_limits() {
  ReadLimits limits;
  limits.target_bytes = 64;
  limits.field_bytes = 100;
  limits.head_bytes = 400;
  limits.fields = 8;
  limits.body_bytes = 200;
  limits.chunk_extension_bytes = 32;
  limits.trailer_bytes = 40;
  return limits;
}

// One accepted request, written by us, is one request with the same fields.
void check_rewritten(const RequestHead& head) {
  std::string text;
  HeadWriter writer(text);
  CHECK(writer.request(head.method, head.target, head.host.empty() ? "none" : head.host));
  std::size_t kept = 0;
  for (const Header& field : head.headers) {
    if (equal_fold(field.name, "host") || HopByHop(head.headers).has(field)) continue;
    CHECK(writer.foreign_field(field.name, field.value));
    ++kept;
  }
  writer.end();
  RequestReader reader{ReadLimits{}};
  std::string_view in = text;
  const Result<Step> step = reader.next(in);
  CHECK(step && *step == Step::head);
  CHECK(reader.head().path == head.path && reader.head().query == head.query);
  CHECK(reader.head().headers.size() == kept + 1);
}

// A good handshake names its parts, and only the right answer is taken for one.
void check_handshake(const RequestHead& head) {
  const WebSocketFlaw flaw = websocket_flaw(head);
  CHECK(!flaw || flaw.status == 400 || flaw.status == 426);
  if (flaw) return;
  CHECK(head.method == "GET" && head.minor == 1 && head.framing != Framing::chunked);
  std::string text = "HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: upgrade\r\nSec-WebSocket-Accept: ";
  text += websocket_accept(head.headers.get("sec-websocket-key")) + "\r\n\r\n";
  ResponseReader reader{ReadLimits{}};
  reader.expect(false, true);
  std::string_view in = text;
  const Result<Step> step = reader.next(in);
  CHECK(step && *step == Step::head && websocket_answer_flaw(head, {}, reader.head()).empty());
}

// What we would answer with such fields is one response with the same fields.
void check_answered(const RequestHead& head) {
  const int status =
      200 + static_cast<int>(head.target.size());  // at most 64 more, and all of them have bodies but 204
  std::string text;
  HeadWriter writer(text);
  writer.status(status, head.minor);
  std::size_t kept = 0;
  for (const Header& field : head.headers) {
    if (field.id == FieldId::content_length || HopByHop(head.headers).has(field)) continue;
    CHECK(writer.read_field(field));
    ++kept;
  }
  CHECK(writer.field_behind("via", head.host, "1.1 spillway"));
  if (head.minor == 0) writer.field("content-length", head.path.size());
  if (head.minor == 1) writer.line("transfer-encoding: chunked\r\n");
  writer.end();
  char room[24];
  if (head.minor == 0) text.append(head.path);
  if (head.minor == 1)
    text.append(chunk_head(head.path.size(), room)).append(head.path).append("\r\n").append(kLastChunk);
  ResponseReader reader{ReadLimits{}};
  std::string_view in = text;
  reader.expect(false);
  Result<Step> step = reader.next(in);
  CHECK(step && *step == Step::head);
  CHECK(reader.head().status == status && reader.head().headers.size() == kept + 2);
  step = reader.next(in);
  CHECK(step && (status == 204 || *step == Step::body));
  CHECK(status == 204 || reader.body() == head.path);
}

std::string transcript(std::string_view bytes, std::size_t piece, bool rewrite) {
  RequestReader reader(small_limits());
  std::string said;
  while (!bytes.empty()) {
    std::string_view in = bytes.substr(0, piece);
    bytes.remove_prefix(in.size());
    while (!in.empty()) {
      const std::size_t before = in.size();
      const Result<Step> step = reader.next(in);
      if (!step) return said + "!" + std::to_string(reader.refusal().status) + reader.refusal().detail;
      CHECK(in.size() < before || *step == Step::head || *step == Step::body);
      if (*step == Step::body) said.append(reader.body());
      if (*step == Step::end) said += "\n$";
      if (*step != Step::head) continue;
      const RequestHead& head = reader.head();
      said.append("\n").append(head.method).append(" ").append(head.path).append("?").append(head.query);
      said.append(" ").append(head.host);
      for (const Header& field : head.headers) said.append("\n").append(field.name).append("=").append(field.value);
      said += "\n\n" + std::to_string(static_cast<int>(head.framing)) + std::to_string(head.length);
      if (rewrite && head.minor == 1) check_rewritten(head);
      if (rewrite) check_answered(head);
      if (rewrite) check_handshake(head);
    }
  }
  return said + (reader.mid_message() ? "..." : "");
}

}  // namespace
}  // namespace spillway

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::string whole = spillway::transcript(bytes, bytes.size(), true);
  CHECK(whole == spillway::transcript(bytes, 1 + data[0] % 64, false));
  CHECK(whole == spillway::transcript(bytes, 1, false));
  return 0;
}
