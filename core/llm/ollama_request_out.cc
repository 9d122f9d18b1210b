// Ollama's native chat requests, written, and those to generate that fill in the middle. `stream` is always said: its
// default is true.
#include "llm/codecs.h"
#include "llm/parts.h"
#include "llm/terms.h"

namespace spillway::llm {

namespace {

void write_images(const std::vector<Part>& parts, JsonWriter& json) {
  if (!any(parts, Part::Kind::image)) return;
  json.key("images"sv).open('[');
  for (const Part& part : parts) {
    if (part.kind == Part::Kind::image) json.value(part.data);
  }
  json.close(']');
}

void write_message(const Message& message, const ChatRequest& request, JsonWriter& json) {
  constexpr std::string_view kRoles[] = {"system", "user", "assistant"};
  if (message.role == Role::tool) {
    for (const Part& part : message.parts) {
      json.open('{').member("role"sv, "tool").member("tool_name"sv, tool_called(request.messages, part.id));
      json.member("content"sv, joined_text(part.inside, Part::Kind::text, "\n"));
      write_images(part.inside, json);
      json.close('}');
    }
    return;
  }
  json.open('{').member("role"sv, kRoles[static_cast<std::size_t>(message.role)]);
  json.member("content"sv, joined_text(message.parts, Part::Kind::text, "\n"));
  put(json, "thinking", joined_text(message.parts, Part::Kind::thinking));
  write_images(message.parts, json);
  if (any(message.parts, Part::Kind::tool_use)) {
    json.key("tool_calls"sv).open('[');
    for (const Part& part : message.parts) {
      if (part.kind != Part::Kind::tool_use) continue;
      json.open('{').key("function"sv).open('{').member("name"sv, part.name).key("arguments"sv).raw(part.text);
      json.close('}').close('}');
    }
    json.close(']');
  }
  json.close('}');
}

void write_options(const ChatRequest& request, JsonWriter& json) {
  std::string options;
  JsonWriter in(options);
  if (request.max_tokens >= 0) in.member("num_predict"sv, request.max_tokens);
  put(in, "stop", request.stops);
  put(in, "temperature", request.temperature);
  put(in, "top_p", request.top_p);
  if (request.top_k >= 0) in.member("top_k"sv, request.top_k);
  if (request.seed >= 0) in.member("seed"sv, request.seed);
  put(in, "presence_penalty", request.presence_penalty);
  put(in, "frequency_penalty", request.frequency_penalty);
  if (!options.empty()) json.key("options"sv).raw("{" + options + "}");
}

void write_think(const ChatRequest& request, JsonWriter& json) {
  const Effort effort = request.effort == Effort::unset ? effort_for_budget(request.thinking_budget) : request.effort;
  if (effort == Effort::unset) return;
  json.key("think"sv);
  if (effort == Effort::none) {
    json.value(false);
  } else {
    json.value(effort <= Effort::low ? "low" : effort == Effort::medium ? "medium" : "high");
  }
}

}  // namespace

void write_ollama_request(const ChatRequest& request, const Spelling& spelling, JsonWriter& json) {
  json.open('{').member("model"sv, spelling.model).member("stream"sv, request.stream);
  if (!request.suffix.empty()) {  // for /api/generate
    for (const Message& message : request.messages) {
      json.member(message.role == Role::system ? "system"sv : "prompt"sv, joined_text(message.parts, Part::Kind::text));
    }
    json.member("suffix"sv, request.suffix);
    write_options(request, json);
    json.close('}');
    return;
  }
  json.key("messages"sv).open('[');
  for (const Message& message : request.messages) write_message(message, request, json);
  json.close(']');
  write_openai_tools(request.tools, json);
  if (request.format.kind == ResponseFormat::Kind::json_object) json.member("format"sv, "json");
  put_json(json, "format", request.format.schema);
  write_think(request, json);
  write_options(request, json);
  json.close('}');
}

}  // namespace spillway::llm
