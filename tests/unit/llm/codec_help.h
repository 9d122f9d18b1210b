// What the tests of the codecs share: examples from files, streams fed whole and in pieces, round trips.
#pragma once
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "json/scan.h"
#include "llm/codec.h"
#include "llm/fit.h"
#include "llm/translation.h"

namespace spillway::llm {

inline std::string fixture(const std::string& name) {
  std::ifstream in(std::string(SPW_SOURCE_DIR "/tests/fixtures/llm/") + name);
  EXPECT_TRUE(in.is_open()) << name;
  std::string text{std::istreambuf_iterator<char>(in), {}};
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

inline ChatRequest read_ok(Wire wire, std::string_view body) {
  JsonScanner scanner;
  Refusal why;
  Result<ChatRequest> request = read_request(wire, scanner, body, body.size(), why);
  EXPECT_TRUE(request) << why.message;
  return request ? *request : ChatRequest{};
}

inline std::string refusal_of(Wire wire, std::string_view body) {
  JsonScanner scanner;
  Refusal why;
  const Result<ChatRequest> request = read_request(wire, scanner, body, body.size(), why);
  EXPECT_FALSE(request) << body;
  return why.param + ": " + why.message;
}

// A request of one wire as another's target gets it.
inline std::string request_for(ChatRequest request, Target target) {
  JsonScanner scanner;
  Fitted fitted;
  Refusal why;
  EXPECT_TRUE(fit(request, target, scanner, fitted, why)) << why.message;
  if (target.spelling.model.empty()) target.spelling.model = request.model;
  const std::string written = write_request(target.wire, request, target.spelling);
  EXPECT_TRUE(scanner.validate(written, written.size())) << written;
  return written;
}
inline std::string request_for(Wire from, std::string_view body, Target target) {
  return request_for(read_ok(from, body), std::move(target));
}
inline Target to(Wire wire) {
  Target target;
  target.wire = wire;
  return target;
}

inline Asked asked(std::string model = "best") {
  Asked asked;
  asked.model = std::move(model);
  asked.fallback_id = "f1";
  asked.created = 1795228606;
  asked.include_usage = true;
  return asked;
}

inline std::string answer_for(Wire from, std::string_view body, Wire wire, const Asked& as = asked()) {
  JsonScanner scanner;
  const Result<ChatAnswer> answer = read_answer(from, scanner, body, body.size());
  EXPECT_TRUE(answer) << (answer ? "" : answer.error().detail);
  if (!answer) return {};
  const std::string written = write_answer(wire, *answer, as);
  EXPECT_TRUE(scanner.validate(written, written.size())) << written;
  return written;
}

struct Streamed {
  std::string out, error;
  Translation::State state;
  Tokens tokens;
  bool operator==(const Streamed& other) const {
    return out == other.out && error == other.error && state == other.state;
  }
};

inline Streamed stream_pieces(Wire from, const std::vector<std::string>& pieces, Wire wire, const Asked& as) {
  JsonScanner scanner;
  Translation translation(from, wire, as, scanner, 1 << 20);
  for (const std::string& piece : pieces) translation.feed(piece);
  translation.finish();
  return {translation.out(), translation.error(), translation.state(), translation.tokens()};
}

// Fed whole, byte by byte, and event by event: all the same.
inline Streamed stream_for(Wire from, const std::string& text, Wire wire, const Asked& as = asked()) {
  Streamed whole = stream_pieces(from, {text}, wire, as);
  std::vector<std::string> bytes, events;
  for (const char c : text) bytes.emplace_back(1, c);
  EXPECT_EQ(stream_pieces(from, bytes, wire, as).out, whole.out);
  const std::string mark = from == Wire::ollama ? "\n" : "\n\n";
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(mark, at), text.size() - mark.size()) + mark.size();
    events.push_back(text.substr(at, end - at));
    at = end;
  }
  const Streamed cut = stream_pieces(from, events, wire, as);
  EXPECT_TRUE(cut == whole) << cut.out << cut.error;
  return whole;
}

// The data lines of an SSE stream, one a line.
inline std::string data_of(std::string_view sse) {
  std::string lines;
  SseReader reader(1 << 20);
  SseEvent event;
  while (true) {
    const Result<bool> whole = reader.next(sse, event);
    if (!whole || !*whole) break;
    lines.append(event.data) += '\n';
  }
  EXPECT_FALSE(reader.mid_event());
  return lines;
}

// One event stream out of its data lines.
inline std::string sse(const std::vector<std::string>& data) {
  std::string all;
  for (const std::string& one : data) all += "data: " + one + "\n\n";
  return all;
}

}  // namespace spillway::llm
