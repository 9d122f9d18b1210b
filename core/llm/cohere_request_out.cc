// Cohere's v2 chat requests, written: OpenAI's messages and tools, other names around them.
#include "llm/codecs.h"
#include "llm/parts.h"
#include "llm/terms.h"

namespace spillway::llm {

namespace {

void write_message(const Message& message, JsonWriter& json) {
  constexpr std::string_view kRoles[] = {"system", "user", "assistant"};
  if (message.role == Role::tool) {
    for (const Part& part : message.parts) {
      json.open('{').member("role"sv, "tool").member("tool_call_id"sv, part.id);
      json.member("content"sv, joined_text(part.inside, Part::Kind::text, "\n")).close('}');
    }
    return;
  }
  json.open('{').member("role"sv, kRoles[static_cast<std::size_t>(message.role)]);
  if (any(message.parts, Part::Kind::tool_use)) {
    put(json, "tool_plan", joined_text(message.parts, Part::Kind::text, "\n"));
    write_openai_calls(message.parts, json);
  } else {
    write_openai_content(message.parts, json, message.role != Role::user);
  }
  json.close('}');
}

void write_tools(const ChatRequest& request, JsonWriter& json) {
  if (request.tools.empty()) return;
  write_openai_tools(request.tools, json);
  if (request.tool_choice.kind == ToolChoice::Kind::none) json.member("tool_choice"sv, "NONE");
  if (request.tool_choice.kind == ToolChoice::Kind::required) json.member("tool_choice"sv, "REQUIRED");
}

void write_thinking(const ChatRequest& request, JsonWriter& json) {
  const std::int64_t budget = request.thinking_budget >= 0 ? request.thinking_budget : budget_of(request.effort);
  if (budget < 0) return;
  json.key("thinking"sv).open('{').member("type"sv, budget == 0 ? "disabled" : "enabled");
  if (budget > 0) json.member("token_budget"sv, budget);
  json.close('}');
}

}  // namespace

void write_cohere_request(const ChatRequest& request, const Spelling& spelling, JsonWriter& json) {
  json.open('{').member("model"sv, spelling.model).key("messages"sv).open('[');
  for (const Message& message : request.messages) write_message(message, json);
  json.close(']');
  write_tools(request, json);
  if (request.max_tokens >= 0) json.member("max_tokens"sv, request.max_tokens);
  put(json, "stop_sequences", request.stops);
  put(json, "temperature", request.temperature);
  put(json, "p", request.top_p);
  if (request.top_k >= 0) json.member("k"sv, request.top_k);
  if (request.seed >= 0) json.member("seed"sv, request.seed);
  put(json, "presence_penalty", request.presence_penalty);
  put(json, "frequency_penalty", request.frequency_penalty);
  if (request.format.kind != ResponseFormat::Kind::text) {
    json.key("response_format"sv).open('{').member("type"sv, "json_object");
    put_json(json, "json_schema", request.format.schema);
    json.close('}');
  }
  write_thinking(request, json);
  if (request.stream) json.member("stream"sv, true);
  json.close('}');
}

}  // namespace spillway::llm
