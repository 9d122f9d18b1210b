#include "llm/replay.h"

#include <map>

#include "http/sse.h"
#include "json/scan.h"
#include "json/write.h"

namespace spillway {

namespace {

constexpr std::size_t kEventBytes = 16u << 20;

// One choice while a stream is put together. The texts keep their names, so that `reasoning` stays `reasoning`.
struct Choice {
  struct Tool {
    std::string id, type, name, arguments;
  };
  std::map<std::string, std::string> texts;  // content, refusal, reasoning, reasoning_content, text
  std::map<std::int64_t, Tool> tools;
  std::string finish;
};

struct Assembled {
  std::string id, model, fingerprint, usage;
  std::int64_t created = 0;
  std::map<std::int64_t, Choice> choices;
  bool ended = false;
};

void add_tool(Choice& choice, const JsonValue& part) {
  Choice::Tool& tool = choice.tools[part["index"].integer(0)];
  if (tool.id.empty()) tool.id = part["id"].string();
  if (tool.type.empty()) tool.type = part["type"].string();
  if (tool.name.empty()) tool.name = part["function"]["name"].string();
  tool.arguments += part["function"]["arguments"].string();
}

void add_chunk(Assembled& whole, const JsonValue& chunk) {
  if (whole.id.empty()) whole.id = chunk["id"].string();
  if (whole.model.empty()) whole.model = chunk["model"].string();
  if (whole.fingerprint.empty()) whole.fingerprint = chunk["system_fingerprint"].string();
  if (whole.created == 0) whole.created = chunk["created"].integer(0);
  for (const JsonValue& part : chunk["choices"].items) {
    Choice& choice = whole.choices[part["index"].integer(0)];
    const JsonValue& delta = part["delta"];
    for (std::size_t i = 0; i < delta.keys.size(); ++i) {
      if (delta.keys[i] != "role" && delta.items[i].is(JsonType::string)) choice.texts[delta.keys[i]] += delta.items[i].string();
    }
    if (part["text"].is(JsonType::string)) choice.texts["text"] += part["text"].string();
    for (const JsonValue& tool : delta["tool_calls"].items) add_tool(choice, tool);
    if (!part["finish_reason"].string().empty()) {
      choice.finish = part["finish_reason"].string();
      whole.ended = true;
    }
  }
}

void open_answer(JsonWriter& json, const Assembled& whole, std::string_view object) {
  json.open('{').member("id", std::string_view(whole.id)).member("object", object);
  json.member("created", whole.created).member("model", std::string_view(whole.model));
  if (!whole.fingerprint.empty()) json.member("system_fingerprint", std::string_view(whole.fingerprint));
}

void write_tools(JsonWriter& json, const Choice& choice) {
  json.key("tool_calls").open('[');
  for (const auto& [index, tool] : choice.tools) {
    json.open('{').member("id", std::string_view(tool.id)).member("type", tool.type.empty() ? "function" : std::string_view(tool.type));
    json.key("function").open('{').member("name", std::string_view(tool.name));
    json.member("arguments", std::string_view(tool.arguments)).close('}').close('}');
  }
  json.close(']');
}

void write_choice(JsonWriter& json, Api api, std::int64_t index, const Choice& choice) {
  json.open('{').member("index", index);
  const auto content = choice.texts.find(api == Api::chat ? "content" : "text");
  if (api == Api::chat) {
    json.key("message").open('{').member("role", "assistant").key("content");
    const bool none = content == choice.texts.end() || (content->second.empty() && !choice.tools.empty());
    none ? json.null() : json.value(std::string_view(content->second));
    for (const auto& [name, text] : choice.texts) {
      if (name != "content" && !text.empty()) json.member(name, std::string_view(text));
    }
    if (!choice.tools.empty()) write_tools(json, choice);
    json.close('}');
  } else {
    json.member("text", content == choice.texts.end() ? std::string_view() : std::string_view(content->second));
  }
  json.key("logprobs").null().key("finish_reason");
  choice.finish.empty() ? json.value("stop") : json.value(std::string_view(choice.finish));
  json.close('}');
}

}  // namespace

Result<std::string> stream_to_body(Api api, std::string_view sse) {
  SseReader reader(kEventBytes);
  SseEvent event;
  Assembled whole;
  while (true) {
    Result<bool> next = reader.next(sse, event);
    if (!next) return next.error();
    if (!*next) break;
    if (!event.has_data) continue;
    if (event.data == "[DONE]") {
      whole.ended = true;
      continue;
    }
    Result<JsonValue> chunk = parse_json(event.data);
    if (!chunk) return chunk.error();
    add_chunk(whole, *chunk);
    // The usage object goes over as it was written: its text is cut out of the event.
    const std::size_t at = event.data.find("\"usage\":{");
    if (at != event.data.npos && (*chunk)["usage"].is(JsonType::object)) {
      std::size_t depth = 0, end = at + 8;
      do {
        depth += event.data[end] == '{';
        depth -= event.data[end] == '}';
      } while (++end < event.data.size() && depth > 0);
      whole.usage = event.data.substr(at + 8, end - at - 8);
    }
  }
  if (!whole.ended) return Error{Kind::invalid, Source::us, Retry::no, "the stream did not end properly"};
  std::string out;
  JsonWriter json(out);
  open_answer(json, whole, api == Api::chat ? "chat.completion" : "text_completion");
  json.key("choices").open('[');
  for (const auto& [index, choice] : whole.choices) write_choice(json, api, index, choice);
  json.close(']');
  if (!whole.usage.empty()) json.key("usage").raw(whole.usage);
  json.close('}');
  return out;
}

namespace {

Assembled head_of(const JsonValue& root) {
  Assembled whole;
  whole.id = root["id"].string();
  whole.model = root["model"].string();
  whole.fingerprint = root["system_fingerprint"].string();
  whole.created = root["created"].integer(0);
  return whole;
}

// One chunk with one choice; `fill` writes the delta's members (or the text).
template <typename Fill>
void append_chunk(std::string& out, const Assembled& head, Api api, std::int64_t index, std::string_view finish, Fill fill) {
  out += "data: ";
  JsonWriter json(out);
  open_answer(json, head, api == Api::chat ? "chat.completion.chunk" : "text_completion");
  json.key("choices").open('[').open('{').member("index", index);
  if (api == Api::chat) json.key("delta").open('{');
  fill(json);
  if (api == Api::chat) json.close('}');
  json.key("finish_reason");
  finish.empty() ? json.null() : json.value(finish);
  json.close('}').close(']').close('}');
  out += "\n\n";
}

void append_message(std::string& out, const Assembled& head, std::int64_t index, const JsonValue& message) {
  append_chunk(out, head, Api::chat, index, {}, [](JsonWriter& json) { json.member("role", "assistant").member("content", ""); });
  for (std::size_t i = 0; i < message.keys.size(); ++i) {
    const JsonValue& value = message.items[i];
    if (message.keys[i] == "role" || value.string().empty()) continue;
    append_chunk(out, head, Api::chat, index, {}, [&](JsonWriter& json) { json.member(message.keys[i], value.string()); });
  }
  for (std::size_t i = 0; i < message["tool_calls"].items.size(); ++i) {
    const JsonValue& tool = message["tool_calls"].items[i];
    append_chunk(out, head, Api::chat, index, {}, [&](JsonWriter& json) {
      json.key("tool_calls").open('[').open('{').member("index", static_cast<std::int64_t>(i));
      json.member("id", tool["id"].string()).member("type", "function").key("function").open('{');
      json.member("name", tool["function"]["name"].string()).member("arguments", tool["function"]["arguments"].string());
      json.close('}').close('}').close(']');
    });
  }
}

}  // namespace

Result<std::string> body_to_stream(Api api, std::string_view body, bool with_usage) {
  Result<JsonValue> parsed = parse_json(body);
  if (!parsed) return parsed.error();
  const JsonValue& root = *parsed;
  if (root["choices"].items.empty()) return Error{Kind::invalid, Source::us, Retry::no, "the answer has no choices"};
  const Assembled head = head_of(root);
  std::string out;
  for (const JsonValue& choice : root["choices"].items) {
    const std::int64_t index = choice["index"].integer(0);
    if (api == Api::chat) {
      append_message(out, head, index, choice["message"]);
    } else {
      append_chunk(out, head, api, index, {}, [&](JsonWriter& json) { json.member("text", choice["text"].string()); });
    }
    const std::string_view finish = choice["finish_reason"].string();
    append_chunk(out, head, api, index, finish.empty() ? "stop" : finish, [&](JsonWriter& json) {
      if (api != Api::chat) json.member("text", "");
    });
  }
  if (with_usage && root["usage"].is(JsonType::object)) {
    out += "data: ";
    JsonWriter json(out);
    open_answer(json, head, api == Api::chat ? "chat.completion.chunk" : "text_completion");
    json.key("choices").open('[').close(']').key("usage").open('{');
    for (std::size_t i = 0; i < root["usage"].keys.size(); ++i) {
      if (root["usage"].items[i].is(JsonType::number)) json.key(root["usage"].keys[i]).raw(root["usage"].items[i].text);
    }
    json.close('}').close('}');
    out += "\n\n";
  }
  out += "data: [DONE]\n\n";
  return out;
}

std::string without_usage_chunk(std::string_view sse) {
  SseReader reader(kEventBytes);
  SseEvent event;
  std::string out;
  while (true) {
    const Result<bool> next = reader.next(sse, event);
    if (!next || !*next) break;
    if (event.has_data && event.data.find("\"usage\"") != event.data.npos) {
      const Result<JsonValue> chunk = parse_json(event.data);
      if (chunk && (*chunk)["usage"].is(JsonType::object) && (*chunk)["choices"].items.empty()) continue;
    }
    out.append(event.raw);
  }
  return out;
}

}  // namespace spillway
