#include "cli/mock_answers.h"

#include "base/file.h"
#include "http/writer.h"
#include "json/write.h"

namespace spillway {

using What = MockStep::What;

std::string mock_http(int status, std::string_view type, std::string_view body, MockFields more) {
  std::string head;
  HeadWriter writer(head);
  writer.status(status);
  writer.field("content-type", type);
  writer.field("content-length", body.size());
  for (const auto& [name, value] : more) writer.foreign_field(name, value);
  writer.end();
  return head + std::string(body);
}

std::string mock_stream_head(std::string_view type) {
  std::string head;
  HeadWriter writer(head);
  writer.status(200);
  writer.field("content-type", type);
  writer.field("transfer-encoding", "chunked");
  writer.end();
  return head;
}

std::string mock_chunk(std::string_view bytes) {
  char room[24];
  return std::string(chunk_head(bytes.size(), room)) + std::string(bytes) + std::string(kChunkEnd);
}

std::string mock_event(std::string_view data) { return mock_chunk("data: " + std::string(data) + "\n\n"); }

namespace {

void usage(JsonWriter& json, std::int64_t input, std::int64_t output) {
  json.key("usage").open('{').member("prompt_tokens", input).member("completion_tokens", output);
  json.member("total_tokens", input + output).close('}');
}

void open_answer(JsonWriter& json, const MockAsk& ask, bool part) {
  const bool chat = ask.api == Api::chat;
  json.open('{').member("id", std::string_view(ask.id));
  json.member("object", chat ? (part ? "chat.completion.chunk" : "chat.completion") : "text_completion");
  json.member("created", ask.created).member("model", std::string_view(ask.model));
}

// The beginning of what was said, in whole characters: long prompts get short answers, as from any model.
std::string echo(std::string_view said) {
  constexpr std::size_t kEchoBytes = 80;
  if (said.size() <= kEchoBytes) return std::string(said);
  std::size_t end = kEchoBytes;
  while (end > 0 && (said[end] & 0xC0) == 0x80) --end;
  return std::string(said.substr(0, end)) + " ...";
}

}  // namespace

std::string mock_words(const MockAsk& ask, std::size_t words) {
  std::string text = "You said: " + echo(ask.last) + ask.seen;
  for (std::size_t i = 0; i < words; ++i) text += " word" + std::to_string(i);
  return text;
}

std::string mock_answer(const MockAsk& ask, std::size_t words) {
  std::string body;
  JsonWriter json(body);
  open_answer(json, ask, false);
  json.key("choices").open('[').open('{').member("index", std::int64_t{0});
  const std::string text = mock_words(ask, words);
  if (ask.api == Api::completions) {
    json.member("text", std::string_view(text));
  } else {
    json.key("message").open('{').member("role", "assistant");
    if (ask.tool.empty()) {
      json.member("content", std::string_view(text));
    } else {
      json.key("content")
          .null()
          .key("tool_calls")
          .open('[')
          .open('{')
          .member("id", "call_1")
          .member("type", "function");
      json.key("function")
          .open('{')
          .member("name", std::string_view(ask.tool))
          .member("arguments", "{\"city\":\"Paris\"}");
      json.close('}').close('}').close(']');
    }
    json.close('}');
  }
  json.member("finish_reason", ask.tool.empty() ? "stop" : "tool_calls").close('}').close(']');
  usage(json, ask.prompt_tokens, static_cast<std::int64_t>(words + 3));
  json.close('}');
  return body;
}

namespace {

std::string delta(const MockAsk& ask, std::string_view key, std::string_view text, std::string_view finish) {
  std::string body;
  JsonWriter json(body);
  open_answer(json, ask, true);
  json.key("choices").open('[').open('{').member("index", std::int64_t{0});
  if (ask.api == Api::completions) {
    json.member("text", key == "content" ? text : std::string_view());
  } else {
    json.key("delta").open('{');
    if (key == "tool") {
      json.key("tool_calls").open('[').open('{').member("index", std::int64_t{0});
      if (!ask.tool.empty() && text.empty()) json.member("id", "call_1").member("type", "function");
      json.key("function").open('{');
      if (text.empty()) json.member("name", std::string_view(ask.tool));
      json.member("arguments", text).close('}').close('}').close(']');
    } else if (!key.empty()) {
      json.member(key, text);
    }
    json.close('}');
  }
  json.key("finish_reason");
  finish.empty() ? json.null() : json.value(finish);
  json.close('}').close(']').close('}');
  return body;
}

std::string usage_chunk(const MockAsk& ask, std::int64_t output) {
  std::string body;
  JsonWriter json(body);
  open_answer(json, ask, true);
  json.key("choices").open('[').close(']');
  usage(json, ask.prompt_tokens, output);
  json.close('}');
  return body;
}

}  // namespace

std::string mock_file(const std::string& folder, std::string_view path, bool authorized) {
  constexpr std::size_t kFileBytesMax = 64u << 20;
  if (!authorized) return mock_http(401, "application/json", mock_error("No auth credentials found", 401));
  if (const std::size_t version = path.find("/v1/"); version != path.npos) path.remove_prefix(version + 4);
  std::string name;
  for (const char c : path) name += c == '/' || c == ':' ? '_' : c;
  Result<std::string> text = read_file(folder + "/" + name + ".json", kFileBytesMax);
  if (!text) return mock_http(404, "application/json", mock_error("there is no " + name + ".json", 404));
  return mock_http(200, "application/json", *text);
}

namespace {

// 0.5 0.25 0.125 0.0625, as numbers and as little-endian floats.
constexpr std::string_view kVector = "[0.5,0.25,0.125,0.0625]", kPacked = R"("AAAAPwAAgD4AAAA+AACAPQ==")";

}  // namespace

std::string mock_embeddings(const MockAsk& ask) {
  std::string body;
  JsonWriter json(body);
  const std::string_view vector = ask.base64 ? kPacked : kVector;
  if (ask.wire == llm::Wire::cohere) {
    json.open('{').member("id", ask.id).key("embeddings").open('{').key(ask.base64 ? "base64" : "float").open('[');
    for (std::size_t i = 0; i < ask.inputs; ++i) json.raw(vector);
    json.close(']').close('}').key("meta").open('{').key("billed_units").open('{');
    json.member("input_tokens", ask.prompt_tokens).close('}').close('}');
    json.member("response_type", "embeddings_by_type").close('}');
    return body;
  }
  json.open('{').member("object", "list").member("model", std::string_view(ask.model)).key("data").open('[');
  for (std::size_t i = 0; i < ask.inputs; ++i) {
    json.open('{').member("object", "embedding").member("index", static_cast<std::int64_t>(i)).key("embedding");
    json.raw(vector).close('}');
  }
  json.close(']').key("usage").open('{').member("prompt_tokens", ask.prompt_tokens);
  json.member("total_tokens", ask.prompt_tokens).close('}').close('}');
  return body;
}

void mock_stream_words(const MockAsk& ask, std::uint32_t words, std::uint32_t gap_ms, std::vector<MockStep>& steps) {
  steps.push_back({What::send, mock_stream_head() + mock_event(delta(ask, "role", "assistant", {}))});
  if (!ask.tool.empty()) {
    steps.push_back({What::send, mock_event(delta(ask, "tool", "", {})) +
                                     mock_event(delta(ask, "tool", "{\"city\":", {})) +
                                     mock_event(delta(ask, "tool", "\"Paris\"}", {}))});
    return;
  }
  for (std::uint32_t i = 0; i < words; ++i) {
    if (gap_ms > 0) steps.push_back({What::wait, {}, gap_ms});
    steps.push_back(
        {What::send, mock_event(delta(ask, "content", (i == 0 ? "word" : " word") + std::to_string(i), {}))});
  }
  if (!ask.seen.empty()) steps.push_back({What::send, mock_event(delta(ask, "content", ask.seen, {}))});
}

void mock_stream_end(const MockAsk& ask, std::uint32_t words, std::vector<MockStep>& steps) {
  std::string tail = mock_event(delta(ask, "", {}, ask.tool.empty() ? "stop" : "tool_calls"));
  if (ask.usage) tail += mock_event(usage_chunk(ask, words));
  steps.push_back({What::send, tail + mock_event("[DONE]") + std::string(kLastChunk)});
}

std::string mock_error(std::string_view message, std::int64_t code, std::string_view metadata) {
  std::string body;
  JsonWriter json(body);
  json.open('{').key("error").open('{').member("message", message).member("code", code);
  if (!metadata.empty()) json.key("metadata").raw(metadata);
  json.close('}').close('}');
  return body;
}

}  // namespace spillway
