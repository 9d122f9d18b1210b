// Gemini's generateContent requests, written. The model and whether to stream stand in the path, not here.
#include "llm/codecs.h"
#include "llm/parts.h"
#include "llm/terms.h"

namespace spillway::llm {

namespace {

void write_media(const Part& part, JsonWriter& json) {
  json.open('{').key(part.data.empty() ? "fileData"sv : "inlineData"sv).open('{');
  put(json, "mimeType", part.media);
  json.member(std::string_view(part.data.empty() ? "fileUri" : "data"), part.data.empty() ? part.url : part.data);
  json.close('}').close('}');
}

bool is_media(const Part& part) {
  return part.kind == Part::Kind::image || part.kind == Part::Kind::audio || part.kind == Part::Kind::file;
}

void write_result(const Part& part, std::string_view name, JsonWriter& json) {
  json.open('{').key("functionResponse"sv).open('{').member("name"sv, name).key("response"sv).open('{');
  json.member(std::string_view(part.error ? "error" : "result"), joined_text(part.inside, Part::Kind::text, "\n"));
  json.close('}').close('}').close('}');
  for (const Part& inside : part.inside) {
    if (is_media(inside)) write_media(inside, json);
  }
}

void write_part(const Part& part, const ChatRequest& request, JsonWriter& json) {
  if (is_media(part)) return write_media(part, json);
  switch (part.kind) {
    case Part::Kind::tool_use:
      json.open('{')
          .key("functionCall"sv)
          .open('{')
          .member("name"sv, part.name)
          .key("args"sv)
          .raw(part.text)
          .close('}');
      put(json, "thoughtSignature", part.signature);
      json.close('}');
      return;
    case Part::Kind::tool_result: return write_result(part, tool_called(request.messages, part.id), json);
    case Part::Kind::thinking: return;
    default:
      if (!part.text.empty()) json.open('{').member("text"sv, part.text).close('}');
  }
}

bool sayable(const Part& part) {
  const bool words = part.kind == Part::Kind::text || part.kind == Part::Kind::refusal;
  return words ? !part.text.empty() : part.kind != Part::Kind::thinking;
}

void write_contents(const ChatRequest& request, JsonWriter& json) {
  json.key("contents"sv).open('[');
  for (const Message& message : request.messages) {
    bool any = false;
    for (const Part& part : message.parts) any = any || sayable(part);
    if (!any || message.role == Role::system) continue;
    json.open('{').member("role"sv, message.role == Role::assistant ? "model" : "user").key("parts"sv).open('[');
    for (const Part& part : message.parts) write_part(part, request, json);
    json.close(']').close('}');
  }
  json.close(']');
}

void write_tools(const ChatRequest& request, JsonWriter& json) {
  if (request.tools.empty()) return;
  json.key("tools"sv).open('[').open('{').key("functionDeclarations"sv).open('[');
  for (const Tool& tool : request.tools) {
    json.open('{').member("name"sv, tool.name);
    put(json, "description", tool.description);
    put_json(json, "parametersJsonSchema", tool.schema);
    json.close('}');
  }
  json.close(']').close('}').close(']');
  const ToolChoice& choice = request.tool_choice;
  if (choice.kind == ToolChoice::Kind::unset) return;
  constexpr std::string_view kModes[] = {"AUTO", "AUTO", "NONE", "ANY", "ANY"};
  // A list of the allowed goes only with ANY there.
  const bool some = !choice.allowed.empty() && choice.kind == ToolChoice::Kind::automatic;
  json.key("toolConfig"sv).open('{').key("functionCallingConfig"sv).open('{');
  json.member("mode"sv, some ? "VALIDATED" : kModes[static_cast<std::size_t>(choice.kind)]);
  if (!choice.name.empty() || !choice.allowed.empty()) {
    json.key("allowedFunctionNames"sv).open('[');
    if (!choice.name.empty()) json.value(choice.name);
    for (const std::string& name : choice.allowed) json.value(name);
    json.close(']');
  }
  json.close('}').close('}');
}

void write_thinking(const ChatRequest& request, const Spelling& spelling, JsonWriter& json) {
  Effort effort = request.effort;
  const std::int64_t budget = request.thinking_budget >= 0 ? request.thinking_budget : budget_of(effort);
  if (budget < 0) return;
  if (effort == Effort::unset) effort = effort_for_budget(budget);
  json.key("thinkingConfig"sv).open('{');
  if (spelling.gemini_levels) {
    constexpr std::string_view kLevels[] = {"", "MINIMAL", "MINIMAL", "LOW", "MEDIUM", "HIGH", "HIGH", "HIGH"};
    json.member("thinkingLevel"sv, kLevels[static_cast<std::size_t>(effort)]);
  } else {
    json.member("thinkingBudget"sv, budget);
  }
  if (effort != Effort::none) json.member("includeThoughts"sv, true);
  json.close('}');
}

void write_config(const ChatRequest& request, const Spelling& spelling, JsonWriter& json) {
  std::string config;
  JsonWriter in(config);
  if (request.max_tokens >= 0) in.member("maxOutputTokens"sv, request.max_tokens);
  put(in, "stopSequences", request.stops);
  put(in, "temperature", request.temperature);
  put(in, "topP", request.top_p);
  if (request.top_k >= 0) in.member("topK"sv, request.top_k);
  if (request.seed >= 0) in.member("seed"sv, request.seed);
  put(in, "presencePenalty", request.presence_penalty);
  put(in, "frequencyPenalty", request.frequency_penalty);
  if (request.format.kind != ResponseFormat::Kind::text) in.member("responseMimeType"sv, "application/json");
  put_json(in, "responseJsonSchema", request.format.schema);
  write_thinking(request, spelling, in);
  if (!config.empty()) json.key("generationConfig"sv).raw("{" + config + "}");
}

}  // namespace

void write_gemini_request(const ChatRequest& request, const Spelling& spelling, JsonWriter& json) {
  json.open('{');
  bool system = false;
  for (const Message& message : request.messages) {
    if (message.role != Role::system) continue;
    for (const Part& part : message.parts) {
      if (part.kind != Part::Kind::text || part.text.empty()) continue;
      if (!system) json.key("systemInstruction"sv).open('{').key("parts"sv).open('[');
      system = true;
      json.open('{').member("text"sv, part.text).close('}');
    }
  }
  if (system) json.close(']').close('}');
  write_contents(request, json);
  write_tools(request, json);
  write_config(request, spelling, json);
  json.close('}');
}

}  // namespace spillway::llm
