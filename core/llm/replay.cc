// One answer as a stream, and a stream without its usage chunk. See replay.h; the way back is in assemble.cc.
#include "llm/replay.h"

#include <vector>

#include "http/sse.h"
#include "llm/answer_tree.h"

namespace spillway {

namespace {
constexpr std::size_t kEventBytes = 16u << 20;
}

namespace {

// One chunk with one choice; `fill` writes the choice's members but for index and finish_reason.
template <typename Fill>
void append_chunk(std::string& out, const JsonValue& head, Api api, std::int64_t index, std::string_view finish,
                  Fill fill) {
  out += "data: ";
  JsonWriter json(out);
  open_answer(json, head, api == Api::chat ? "chat.completion.chunk" : "text_completion");
  json.key("choices").open('[').open('{').member("index", index);
  fill(json);
  json.key("finish_reason");
  finish.empty() ? json.null() : json.value(finish);
  json.close('}').close(']').close('}');
  out += "\n\n";
}

template <typename Fill>
void append_delta(std::string& out, const JsonValue& head, std::int64_t index, Fill fill) {
  append_chunk(out, head, Api::chat, index, {}, [&](JsonWriter& json) {
    json.key("delta").open('{');
    fill(json);
    json.close('}');
  });
}

void append_message(std::string& out, const JsonValue& head, std::int64_t index, const JsonValue& message) {
  append_delta(out, head, index, [&](JsonWriter& json) {
    json.member("role", "assistant").key("content");
    message["content"].is(JsonType::string) ? json.value("") : json.null();
  });
  for (std::size_t i = 0; i < message.keys.size(); ++i) {
    const JsonValue& value = message.items[i];
    const bool empty = value.is(JsonType::null) || (value.text.empty() && value.items.empty());
    if (message.keys[i] == "role" || message.keys[i] == "tool_calls" || empty) continue;
    append_delta(out, head, index, [&](JsonWriter& json) { write(json.key(message.keys[i]), value); });
  }
  const std::vector<JsonValue>& tools = message["tool_calls"].items;
  for (std::size_t i = 0; i < tools.size(); ++i) {
    append_delta(out, head, index, [&](JsonWriter& json) {
      json.key("tool_calls").open('[').open('{').member("index", static_cast<std::int64_t>(i));
      for (std::size_t k = 0; k < tools[i].keys.size(); ++k) {
        if (tools[i].keys[k] != "index") write(json.key(tools[i].keys[k]), tools[i].items[k]);
      }
      json.close('}').close(']');
    });
  }
}

void append_choice(std::string& out, const JsonValue& head, Api api, const JsonValue& choice) {
  const std::int64_t index = choice["index"].integer(0);
  const JsonValue& logprobs = choice["logprobs"];
  if (api == Api::chat) append_message(out, head, index, choice["message"]);
  const std::string_view finish = choice["finish_reason"].string();
  append_chunk(out, head, api, index, finish.empty() ? "stop" : finish, [&](JsonWriter& json) {
    if (api == Api::chat) {
      json.key("delta").open('{').close('}');
    } else {
      json.member("text", choice["text"].string());
    }
    write(json.key("logprobs"), logprobs);
  });
}

}  // namespace

Result<std::string> body_to_stream(Api api, std::string_view body, bool with_usage) {
  const Result<JsonValue> parsed = parse_json(body);
  if (!parsed) return parsed.error();
  const JsonValue& root = *parsed;
  if (!root["error"].is(JsonType::null) || root["choices"].items.empty()) return refusal("the body holds no answer");
  JsonValue head;
  add_head(head, root);
  std::string out;
  for (const JsonValue& choice : root["choices"].items) append_choice(out, head, api, choice);
  if (with_usage && usage_in(root).is(JsonType::object)) {
    out += "data: ";
    JsonWriter json(out);
    open_answer(json, head, api == Api::chat ? "chat.completion.chunk" : "text_completion");
    write(json.key("choices").open('[').close(']').key("usage"), usage_in(root));
    json.close('}');
    out += "\n\n";
  }
  out += "data: [DONE]\n\n";
  return out;
}

std::string without_usage_chunk(std::string_view sse) {
  const std::string_view all = sse;
  std::size_t seen = 0;
  SseReader reader(kEventBytes);
  SseEvent event;
  std::string out;
  while (true) {
    const Result<bool> next = reader.next(sse, event);
    if (!next || !*next) break;
    seen += event.raw.size();
    if (event.has_data && event.data.find("\"usage\"") != event.data.npos) {
      const Result<JsonValue> chunk = parse_json(event.data);
      if (chunk && (*chunk)["usage"].is(JsonType::object) && (*chunk)["choices"].items.empty()) continue;
    }
    out.append(event.raw);
  }
  out.append(all.substr(seen));  // an end without its blank line
  return out;
}

}  // namespace spillway
