#include "samples.h"

#include <array>
#include <utility>

#include "base/error.h"
#include "http/writer.h"
#include "json/scan.h"

namespace spillway::micro {

namespace {

// Escapes are what costs a JSON parser.
constexpr std::string_view kProse =
    R"(The quick brown fox said \"nothing at all\" to the lazy dog,\nand went on its way over the hill. )";

constexpr std::array<std::pair<std::string_view, std::string_view>, 18> kFields = {{
    {"Content-Type", "application/json"},
    {"Authorization", "Bearer sk-bench-0123456789abcdef0123456789abcdef0123456789abcdef"},
    {"Accept", "application/json"},
    {"User-Agent", "OpenAI/Python 1.99.0"},
    {"X-Stainless-Arch", "x64"},
    {"X-Stainless-Async", "false"},
    {"X-Stainless-Lang", "python"},
    {"X-Stainless-OS", "Linux"},
    {"X-Stainless-Package-Version", "1.99.0"},
    {"X-Stainless-Runtime", "CPython"},
    {"X-Stainless-Runtime-Version", "3.11.2"},
    {"X-Stainless-Retry-Count", "0"},
    {"X-Stainless-Read-Timeout", "600"},
    {"Connection", "keep-alive"},
    {"Accept-Language", "en"},
    {"OpenAI-Organization", "org-0123456789abcdef"},
    {"OpenAI-Project", "proj_0123456789abcdef"},
    {"Traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"},
}};

constexpr std::string_view kAnswer =
    R"({"id":"chatcmpl-1","object":"chat.completion","created":1700000000,"model":"bench","choices":[{"index":0,)"
    R"("message":{"role":"assistant","content":"Hello from the origin."},"finish_reason":"stop"}],)"
    R"("usage":{"prompt_tokens":250,"completion_tokens":5,"total_tokens":255}})";

constexpr std::string_view kChunk = R"(data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,)"
                                    R"("model":"bench","choices":[{"index":0,"delta":)";

}  // namespace

std::string chat_body(std::size_t bytes, bool cacheable, bool stream) {
  const std::string head = R"({"messages":[{"role":"system","content":")";
  std::string tail = R"("},{"role":"user","content":"Say hello."}],"max_tokens":100)";
  if (cacheable) tail += R"(,"temperature":0)";
  if (stream) tail += R"(,"stream":true)";
  tail += R"(,"model":"bench"})";
  CHECK(bytes >= head.size() + tail.size());
  std::string body;
  body.reserve(bytes + JsonScanner::kPadding);
  body = head;
  while (body.size() + kProse.size() + tail.size() <= bytes) body += kProse;
  body.append(bytes - body.size() - tail.size(), 'x');
  return body += tail;
}

std::string request_text(std::size_t fields, std::string_view body) {
  CHECK(fields >= 3);
  CHECK(fields - 2 <= kFields.size());
  std::string text = "POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:4000\r\n";
  for (std::size_t i = 0; i < fields - 2; ++i) {
    text.append(kFields[i].first).append(": ").append(kFields[i].second).append("\r\n");
  }
  text += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
  return text.append(body);
}

std::string answer_text() {
  std::string text = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nServer: origin\r\n";
  text += "Date: Sat, 01 Jan 2026 00:00:00 GMT\r\nContent-Length: " + std::to_string(kAnswer.size()) + "\r\n\r\n";
  return text.append(kAnswer);
}

std::string stream_head() {
  return "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
}

std::string event_text() { return std::string(kChunk) + "{\"content\":\" word\"},\"finish_reason\":null}]}\n\n"; }

std::string chunk_of(std::string_view bytes) {
  char room[24];
  std::string text(chunk_head(bytes.size(), room));
  return text.append(bytes).append(kChunkEnd);
}

std::string stream_end() {
  const std::string last = std::string(kChunk) + "{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
  return chunk_of(last) + std::string(kLastChunk);
}

}  // namespace spillway::micro
